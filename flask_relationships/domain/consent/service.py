"""Record consent, and suppress numbers whose owners want no more messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ..contacts.addresses import address_key, optional_key
from ..contacts.comparison import has_address, same_address
from ..models import Models
from .models import ConsentEntryTable


def record(
    ctx: Context,
    *,
    contact: Any,
    number: str | None,
    event: str,
    source: str,
    now: datetime,
    channel: str | None = None,
    actor: Any = None,
    evidence: str | None = None,
    number_key: str | None = None,
) -> ConsentEntryTable:
    """Add an entry to the ledger. Entries are never changed."""
    entry = ctx.models.ConsentEntry(
        contact_id=contact,
        number=number,
        number_key=number_key or optional_key(number),
        channel=channel,
        event=event,
        source=source,
        evidence=evidence,
        actor_user_id=actor,
        created_at=now,
    )
    ctx.session.add(entry)
    return entry


def suppress(ctx: Context, number: str, *, channel: str, reason: str, now: datetime, key: str | None = None) -> None:
    """Suppress a number on every channel until its owner says START.

    :param number: the address as it was received.
    :param key: its comparison key, where it differs from `address_key` of the number.
    """
    table = ctx.models.Suppression
    number_key = key or address_key(number)
    values = {"channel": channel, "reason": reason, "created_at": now, "lifted_at": None, "number_key": number_key}
    ctx.insert_if_absent(table, {"number": number, **values})
    lifted = sa.update(table).where(table.number == number, table.lifted_at.is_not(None))
    ctx.update_where(lifted.values(values))


def lift(ctx: Context, number: str, *, now: datetime, key: str | None = None) -> bool:
    """Lift the suppression of a number in every spelling, because its owner said START.

    :returns: whether there was one.
    """
    table = ctx.models.Suppression
    is_number = has_address(table.number_key, table.number, number, key)
    lifting = sa.update(table).where(is_number, table.lifted_at.is_(None))
    return bool(ctx.update_where(lifting.values(lifted_at=now)))


def live_suppression(models: Models, key: Any, number: Any, *, of: Any) -> sa.ColumnElement[Any]:
    """Return since when the address in two columns is suppressed, or NULL, for a select of the rows ``of`` a table."""
    table = models.Suppression
    is_address = same_address(table.number_key, table.number, key, number)
    live = sa.select(sa.func.min(table.created_at)).where(is_address, table.lifted_at.is_(None))
    return live.correlate(of).scalar_subquery()
