"""Partners of client companies, and which companies are clients."""

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


def make_client(ctx: Context, company: Any, now: datetime) -> tuple[ClientProfileTable, bool]:
    """The client profile of a company, and whether it is new. Commits, to see a twin's.

    Raises `ChangedMeanwhile` where somebody has just deleted it.
    """
    mine = uuid7()
    ctx.insert_if_absent(ctx.models.ClientProfile, {"id": mine, "company_id": company, "created_at": now})
    ctx.commit()
    found = client_profile(ctx, company)
    if found is None:
        raise ChangedMeanwhile
    return found, found.id == mine


def end_client(ctx: Context, company: Any, revisions: Collection[int] | None = None) -> bool:
    """Delete the client profile; the partners stay, and are seen again with the next one."""
    table = ctx.models.ClientProfile
    ending = sa.delete(table).where(table.company_id == company, *of_revision(table, revisions))
    return bool(ctx.update_where(ending))


def create(ctx: Context, values: dict[str, Any], now: datetime) -> PartnerTable:
    partner = ctx.models.Partner(**remember_link(values, None, now), created_at=now, updated_at=now)
    ctx.session.add(partner)
    ctx.session.flush()
    return partner


def change(
    ctx: Context, partner: PartnerTable, values: dict[str, Any], now: datetime, revisions: Collection[int] | None = None
) -> None:
    """Change a partner. ``revisions`` are those that the client expects.

    Raises `ChangedMeanwhile` where the partner is gone or has another revision.
    """
    if values:
        values = remember_link(values, partner.contact_id, now)
    with ctx.session.no_autoflush:
        for name, value in values.items():
            setattr(partner, name, value)
        if values:
            partner.updated_at = now
        save_row(ctx.session, partner, revisions)
