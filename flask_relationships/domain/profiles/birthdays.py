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

from ...context import Context
from ...db.statements import execute, retried
from ...hosts.bound import BATCH, SYSTEM, HostRow
from ..keeping_in_touch import last_contact
from ..life_events import service as life_events
from ..models import Models
from .service import birthday_of, prefilled

ATTEMPTS = 20
"""How often a batch is begun again that waited for another process."""

FILLED_FROM = ("phone", "birthday")


def fill(ctx: Context) -> Iterator[Sequence[UUID]]:
    """Make the profiles of contacts whose birthday the host knows. Yields the new ids of each batch, committed.

    It reads all contacts that are present: once a day is enough.
    """
    for rows in unopened(ctx):
        if rows:
            retried(ctx.session, lambda: _insert(ctx, rows), ATTEMPTS, unless=lambda: False)  # noqa: B023
        mine = sa.select(ctx.models.Profile.id).where(ctx.models.Profile.id.in_([row["id"] for row in rows]))
        made = list(ctx.execute(mine).scalars()) if rows else []
        ctx.session.commit()
        yield made


def unopened(ctx: Context) -> Iterator[list[dict[str, Any]]]:
    """The profiles there would be of contacts that have a birthday and no profile, in batches of contacts."""
    contact, seen = ctx.hosts.contact, None
    while "birthday" in contact.fields:
        asked = contact.keys(SYSTEM).order_by(None).order_by(contact.key).limit(BATCH)
        asked = asked if seen is None else asked.where(contact.key > seen)
        keys = list(execute(ctx.session, contact.mapper, asked).scalars())
        there = sa.select(ctx.models.Profile.contact_id).where(ctx.models.Profile.contact_id.in_(keys))
        new = set(keys).difference(ctx.execute(there).scalars())
        found = contact.values(ctx.session, new, FILLED_FROM, SYSTEM)
        ctx.session.commit()
        rows = [prefilled(ctx, _host_row(key, FILLED_FROM, told)) for key, told in found.items()]
        yield [row for row in rows if "birthday_month_day" in row]
        if len(keys) < BATCH:
            return
        seen = keys[-1]


def _insert(ctx: Context, rows: list[dict[str, Any]]) -> None:
    last = last_contact.latest_of(ctx, [row["contact_id"] for row in rows])
    nothing = {"birthday_year": None}
    complete = [nothing | row | last_contact.columns(ctx, last.get(row["contact_id"])) for row in rows]
    ctx.insert_if_absent(ctx.models.Profile, *complete)
    ctx.session.commit()


def owed(models: Models) -> sa.ColumnElement[bool]:
    return models.Profile.birthday_owed == sa.true()


def unkept(models: Models) -> sa.ColumnElement[bool]:
    """That a birthday is owed the event it never had."""
    profile, event = models.Profile, models.LifeEvent
    there = sa.exists().where(event.profile_id == profile.id)
    return sa.and_(owed(models), profile.birthday_month_day.is_not(None), ~there)


def keep(ctx: Context, stopped: Callable[[], bool]) -> int:
    """Bring the events that are owed in line with their birthdays; commits in batches. Returns how many were created.

    Idempotent, in any number of processes. A new event has no action yet: that is made when it is due.
    """
    table, made = ctx.models.Profile, 0
    first = sa.select(table.id).where(owed(ctx.models)).order_by(table.id).limit(BATCH)
    while not stopped():
        ids = list(ctx.execute(first).scalars())
        ctx.session.commit()
        if not ids:
            break
        made += retried(ctx.session, lambda: _keep(ctx, ids), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return made


def _keep(ctx: Context, ids: list[UUID]) -> int:
    """Whoever settles all of a batch has it to itself until the commit; else another process has done some of it."""
    table, event = ctx.models.Profile, ctx.models.LifeEvent
    settling = sa.update(table).where(table.id.in_(ids), owed(ctx.models)).values(birthday_owed=False)
    if ctx.update_where(settling) < len(ids):
        ctx.session.rollback()
        return 0
    columns = (table.id, table.contact_id, table.birthday_month_day, table.birthday_year)
    rows = ctx.execute(sa.select(*columns).where(table.id.in_(ids))).all()
    asked = sa.select(event.profile_id).where(event.profile_id.in_(ids))
    there = set(ctx.execute(asked).scalars())
    without = [(row.id, row.contact_id, birthday_of(ctx, row)) for row in rows if row.id not in there]
    new = [(key, contact, birthday) for key, contact, birthday in without if birthday is not None]
    life_events.add_birthdays(ctx, new)
    stale = [row for row in rows if row.id in there]
    found = ctx.hosts.contact.values(ctx.session, (row.contact_id for row in stale), life_events.FOLLOWED, SYSTEM)
    for row in stale:
        contact = _host_row(row.contact_id, life_events.FOLLOWED, found.get(row.contact_id, (None, None, False, None)))
        life_events.keep_birthday(ctx, row.id, contact, birthday_of(ctx, row), user=None)
    ctx.session.commit()
    return len(new)


def _host_row(key: Any, names: Sequence[str], told: Sequence[Any]) -> HostRow:
    return HostRow(None, key, dict(zip(names, told, strict=True)), SYSTEM)
