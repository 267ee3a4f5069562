"""Numbers that are unreachable, as the provider reports: until they change, or something arrives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ..contacts.comparison import has_address
from ..models import Models


def flag(ctx: Context, contact: Any, number: str, channel: str, now: datetime) -> None:
    """Flag a number as unreachable by a channel, unless it is flagged already."""
    column, condition = _held(ctx.models, contact, number, channel)
    ctx.update_where(sa.update(ctx.models.Profile).where(condition, column.is_(None)).values({column: now}))


def unflag(ctx: Context, contact: Any, number: str, channel: str, *, at: datetime | None = None) -> None:
    """Remove the flag of a number, because something arrived there or came from there.

    :param at: the moment of that; a flag that is newer stays. None: now.
    """
    column, condition = _held(ctx.models, contact, number, channel)
    arrived = sa.update(ctx.models.Profile).where(condition, column.is_not(None) if at is None else column <= at)
    ctx.update_where(arrived.values({column: None}))


def _held(models: Models, contact: Any, number: str, channel: str) -> tuple[Any, sa.ColumnElement[bool]]:
    """Return the column of a channel, and the condition that the contact's profile sends by it to this number."""
    table = models.Profile
    column, sends_to = table.phone_unreachable_since, has_address(table.phone_key, table.phone_e164, number)
    if channel == "whatsapp":
        fallback = sa.func.coalesce(table.whatsapp_number, "") == ""
        column = table.whatsapp_unreachable_since
        whatsapp = has_address(table.whatsapp_key, table.whatsapp_e164, number)
        sends_to = sa.or_(whatsapp, sa.and_(fallback, sends_to))
    return column, sa.and_(table.contact_id == contact, sends_to)
