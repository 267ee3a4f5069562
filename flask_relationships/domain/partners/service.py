"""Create and change partners of client companies, and client profiles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.changes import save_row
from ...db.revisions import of_revision
from ...errors import ChangedMeanwhile
from .links import remember_link
from .models import ClientProfileTable, PartnerTable
from .queries import client_profile


def create_client(ctx: Context, company: Any, now: datetime) -> tuple[ClientProfileTable, bool]:
    """Return the client profile of a company, and whether it is new. Commits, to see that of a concurrent request.

    :raises ChangedMeanwhile: if another request has just deleted it.
    """
    new_id = uuid7()
    ctx.insert_if_absent(ctx.models.ClientProfile, {"id": new_id, "company_id": company, "created_at": now})
    ctx.commit()
    found = client_profile(ctx, company)
    if found is None:
        raise ChangedMeanwhile
    return found, found.id == new_id


def delete_client(ctx: Context, company: Any, revisions: Collection[int] | None = None) -> bool:
    """Delete a client profile. The partners stay, and are visible again with the next one."""
    table = ctx.models.ClientProfile
    deletion = sa.delete(table).where(table.company_id == company, *of_revision(table, revisions))
    return bool(ctx.update_where(deletion))


def create(ctx: Context, values: dict[str, Any], now: datetime) -> PartnerTable:
    """Create a partner. Flushes."""
    partner = ctx.models.Partner(**remember_link(values, None, now), created_at=now, updated_at=now)
    ctx.session.add(partner)
    ctx.session.flush()
    return partner


def change(
    ctx: Context, partner: PartnerTable, values: dict[str, Any], now: datetime, revisions: Collection[int] | None = None
) -> None:
    """Change a partner.

    :param revisions: the revisions that the client expects.
    :raises ChangedMeanwhile: if the partner was deleted or has another revision.
    """
    if values:
        values = remember_link(values, partner.contact_id, now)
    with ctx.session.no_autoflush:
        for name, value in values.items():
            setattr(partner, name, value)
        if values:
            partner.updated_at = now
        save_row(ctx.session, partner, revisions)
