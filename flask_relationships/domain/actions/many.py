"""Create many actions in a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ..action_centre import service as action_centre
from .service import NO_DATE


def add_absent(ctx: Context, rows: Sequence[dict[str, Any]], *, now: datetime) -> list[UUID]:
    """Create the auto-actions whose occurrence has none in its slot, and mirror them in the action centre.

    :param rows: columns, the same in each row.
    :returns: the ids of those that were created.
    """
    if not rows:
        return []
    own = {"status": "pending", "source": "auto", "created_at": now, "updated_at": now}
    complete = [{"id": uuid7(), "due": row["due_date"] or NO_DATE, **own, **row} for row in rows]
    ctx.insert_if_absent(ctx.models.Action, *complete)
    table, ids = ctx.models.Action, [row["id"] for row in complete]
    found = set(ctx.execute(sa.select(table.id).where(table.id.in_(ids))).scalars())
    added = [one for one in ids if one in found]
    action_centre.mirror_new(ctx, added)
    return added
