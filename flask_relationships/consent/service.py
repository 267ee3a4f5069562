"""Who may be written to: the ledger of what was said about it, and the numbers that want no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.host_values import ShownKeys, read_rows
from ..dumper import Rows, members_of
from ..paging import Order, Page, cut, ordered
from ..tables.build import Models
from ..tables.execute import changed, insert_if_absent
from .schemas import ConsentEntry, Suppression
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


def read(session: Session, models: Models, keys: ShownKeys, contact: Any, page: Page) -> tuple[Rows, str | None]:
    """The ledger's lines of a contact, newest first, and the cursor of the next page."""
    table = models.ConsentEntry
    statement = sa.select(*keys.columns(members_of(ConsentEntry))).where(table.contact_id == contact)
    order = Order({"created_at": table.created_at, "id": table.id}, descending=True)
    return cut(read_rows(session, models, ordered(statement, order, page), keys=keys), order, page)


def suppressions(session: Session, models: Models, contact: Any) -> Rows:
    """The suppressions, lifted ones too, of the numbers that a contact has and of those in their lines."""
    table, profile, entry = models.Suppression, models.Profile, models.ConsentEntry
    numbers = sa.union(
        sa.select(profile.phone_e164).where(profile.contact_id == contact),
        sa.select(profile.whatsapp_e164).where(profile.contact_id == contact),
        sa.select(entry.number).where(entry.contact_id == contact),
    )
    statement = sa.select(*(getattr(table, name) for name in members_of(Suppression))).where(table.number.in_(numbers))
    return read_rows(session, models, statement.order_by(table.created_at.desc(), table.id.desc()))
