"""Birthdays that nobody has made an event of yet: they were written while RELATIONSHIPS_BIRTHDAY_EVENTS was off, or the
host knows them of contacts whom nobody has opened.

``birthday_owed`` of a profile says that its event may not be in line with its birthday. A profile begins so, a birthday
that changes makes it so, and whoever sees to the event, or deletes it by hand, settles it. Where nothing is owed its
index is all that is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.hosts import BATCH, SYSTEM, HostRow, Hosts
from ..keeping_in_touch import last_contact
from ..life_events import service as life_events
from ..tables.build import Models
from ..tables.execute import changed, execute, insert_if_absent, retried
from .service import birthday_of, prefilled

ATTEMPTS = 20
"""How often a batch is begun again that waited for another process."""

FILLED_FROM = ("phone", "birthday")


def fill(session: Session, models: Models, hosts: Hosts) -> Iterator[Sequence[UUID]]:
    """Make the profiles of contacts whose birthday the host knows. Yields the new ids of each batch, committed.

    It reads all contacts that are present: once a day is enough.
    """
    for rows in unopened(session, models, hosts):
        if rows:
            retried(session, lambda: _insert(session, models, rows), ATTEMPTS, unless=lambda: False)  # noqa: B023
        mine = sa.select(models.Profile.id).where(models.Profile.id.in_([row["id"] for row in rows]))
        made = list(execute(session, models.mapper, mine).scalars()) if rows else []
        session.commit()
        yield made


def unopened(session: Session, models: Models, hosts: Hosts) -> Iterator[list[dict[str, Any]]]:
    """The profiles there would be of contacts that have a birthday and no profile, in batches of contacts."""
    contact, seen = hosts.contact, None
    while "birthday" in contact.fields:
        asked = contact.keys(SYSTEM).order_by(None).order_by(contact.key).limit(BATCH)
        asked = asked if seen is None else asked.where(contact.key > seen)
        keys = list(execute(session, contact.mapper, asked).scalars())
        there = sa.select(models.Profile.contact_id).where(models.Profile.contact_id.in_(keys))
        new = set(keys).difference(execute(session, models.mapper, there).scalars())
        found = contact.values(session, new, FILLED_FROM, SYSTEM)
        session.commit()
        rows = [prefilled(_host_row(key, FILLED_FROM, told)) for key, told in found.items()]
        yield [row for row in rows if "birthday_month_day" in row]
        if len(keys) < BATCH:
            return
        seen = keys[-1]


def _insert(session: Session, models: Models, rows: list[dict[str, Any]]) -> None:
    last = last_contact.latest_of(session, models, [row["contact_id"] for row in rows])
    nothing = {"birthday_year": None}
    complete = [nothing | row | last_contact.columns(last.get(row["contact_id"])) for row in rows]
    insert_if_absent(session, models.Profile, *complete)
    session.commit()


def owed(models: Models) -> sa.ColumnElement[bool]:
    return models.Profile.birthday_owed == sa.true()


def unkept(models: Models) -> sa.ColumnElement[bool]:
    """That a birthday is owed the event it never had."""
    profile, event = models.Profile, models.LifeEvent
    there = sa.exists().where(event.profile_id == profile.id)
    return sa.and_(owed(models), profile.birthday_month_day.is_not(None), ~there)


def keep(session: Session, models: Models, hosts: Hosts, stopped: Callable[[], bool]) -> int:
    """Bring the events that are owed in line with their birthdays; commits in batches. Returns how many were created.

    Idempotent, in any number of processes. A new event has no action yet: that is made when it is due.
    """
    table, made = models.Profile, 0
    first = sa.select(table.id).where(owed(models)).order_by(table.id).limit(BATCH)
    while not stopped():
        ids = list(execute(session, models.mapper, first).scalars())
        session.commit()
        if not ids:
            break
        made += retried(session, lambda: _keep(session, models, hosts, ids), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return made


def _keep(session: Session, models: Models, hosts: Hosts, ids: list[UUID]) -> int:
    """Whoever settles all of a batch has it to itself until the commit; else another process has done some of it."""
    table, event = models.Profile, models.LifeEvent
    settling = sa.update(table).where(table.id.in_(ids), owed(models)).values(birthday_owed=False)
    if changed(session, models.mapper, settling) < len(ids):
        session.rollback()
        return 0
    columns = (table.id, table.contact_id, table.birthday_month_day, table.birthday_year)
    rows = execute(session, models.mapper, sa.select(*columns).where(table.id.in_(ids))).all()
    asked = sa.select(event.profile_id).where(event.profile_id.in_(ids))
    there = set(execute(session, models.mapper, asked).scalars())
    without = [(row.id, row.contact_id, birthday_of(row)) for row in rows if row.id not in there]
    new = [(key, contact, birthday) for key, contact, birthday in without if birthday is not None]
    life_events.add_birthdays(session, models, new)
    stale = [row for row in rows if row.id in there]
    found = hosts.contact.values(session, (row.contact_id for row in stale), life_events.FOLLOWED, SYSTEM)
    for row in stale:
        contact = _host_row(row.contact_id, life_events.FOLLOWED, found.get(row.contact_id, (None, None, False, None)))
        life_events.keep_birthday(session, models, row.id, contact, birthday_of(row), user=None)
    session.commit()
    return len(new)


def _host_row(key: Any, names: Sequence[str], told: Sequence[Any]) -> HostRow:
    return HostRow(None, key, dict(zip(names, told, strict=True)), SYSTEM)
