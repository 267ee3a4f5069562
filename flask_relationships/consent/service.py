"""Who may be written to: the ledger of what was said about it, and the numbers that want no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..tables.build import Models
from ..tables.execute import changed, insert_if_absent
from .tables import ConsentEntryTable


def record(
    session: Session,
    models: Models,
    *,
    contact: Any,
    number: str | None,
    event: str,
    source: str,
    now: datetime,
    channel: str | None = None,
    actor: Any = None,
    evidence: str | None = None,
) -> ConsentEntryTable:
    """Add a line to the ledger. Lines are never changed."""
    entry = models.ConsentEntry(
        contact_id=contact,
        number=number,
        channel=channel,
        event=event,
        source=source,
        evidence=evidence,
        actor_user_id=actor,
        created_at=now,
    )
    session.add(entry)
    return entry


def suppress(session: Session, models: Models, number: str, *, channel: str, reason: str, now: datetime) -> None:
    """Nothing more to this number, on any channel, until its owner says START."""
    table = models.Suppression
    values = {"number": number, "channel": channel, "reason": reason, "created_at": now, "lifted_at": None}
    insert_if_absent(session, table, values)
    again = sa.update(table).where(table.number == number, table.lifted_at.is_not(None))
    changed(session, models.mapper, again.values({k: v for k, v in values.items() if k != "number"}))


def lift(session: Session, models: Models, number: str, *, now: datetime) -> bool:
    """The owner of a number said START: what suppressed it is over. True where anything did."""
    table = models.Suppression
    lifting = sa.update(table).where(table.number == number, table.lifted_at.is_(None))
    return bool(changed(session, models.mapper, lifting.values(lifted_at=now)))


def live_suppression(models: Models, number: Any, *, of: Any) -> sa.ColumnElement[Any]:
    """Since when the number in a column is suppressed, or NULL, in a select of the rows ``of`` a table that hold it."""
    table = models.Suppression
    live = sa.select(table.created_at).where(table.number == number, table.lifted_at.is_(None))
    return live.correlate(of).scalar_subquery()
