"""Create the life events of birthdays, and the profiles of contacts whose birthday the host has.

``birthday_owed`` of a profile means that its event may differ from its birthday. It is true for a new profile and after
a change of the birthday. Updating the event, or deleting it by hand, sets it to false. An index finds the true ones.
Events are missing where birthdays were written while ``RELATIONSHIPS_BIRTHDAY_EVENTS`` was off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import BATCH, SYSTEM, HostRow
from ..batches import read_contact_keys, retry
from ..keeping_in_touch import last_contact
from ..life_events import service as life_events
from ..models import Models
from .host_rows import read_host_rows
from .queries import birthday_of, year_of
from .service import prefilled

CONTACT_FIELDS = ("phone", "birthday")


def fill(ctx: Context) -> Iterator[Sequence[UUID]]:
    """Create the profiles of contacts whose birthday the host has. Yields the new ids of each batch, committed.

    It reads all contacts that are present: once a day is enough.
    """
    for rows in unopened(ctx):
        yield retry(ctx, _insert, ctx, rows) if rows else ()


def unopened(ctx: Context) -> Iterator[list[dict[str, Any]]]:
    """Yield, in batches, the columns of profiles to create: of contacts with a birthday and no profile."""
    if "birthday" not in ctx.hosts.contact.fields:
        return
    for keys in read_contact_keys(ctx):
        existing = sa.select(ctx.models.Profile.contact_id).where(ctx.models.Profile.contact_id.in_(keys))
        new = set(keys).difference(ctx.execute(existing).scalars())
        found = read_host_rows(ctx, new, CONTACT_FIELDS)
        ctx.commit()
        rows = [prefilled(ctx, contact) for contact in found.values()]
        yield [row for row in rows if "birthday_month_day" in row]


def _insert(ctx: Context, rows: list[dict[str, Any]]) -> Sequence[UUID]:
    """Insert the profiles that do not exist, and return the ids of those that were inserted."""
    table, last = ctx.models.Profile, last_contact.latest_of(ctx, [row["contact_id"] for row in rows])
    defaults = {"birthday_year": None}
    complete = [defaults | row | last_contact.columns(ctx, last.get(row["contact_id"])) for row in rows]
    ctx.insert_if_absent(table, *complete)
    ctx.commit()
    created = ctx.execute(sa.select(table.id).where(table.id.in_([row["id"] for row in rows]))).scalars().all()
    ctx.commit()
    return created


def is_out_of_sync(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that a profile's birthday may differ from its event."""
    return models.Profile.birthday_owed == sa.true()


def lacks_event(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that a profile's birthday has no event, and needs one."""
    profile, event = models.Profile, models.LifeEvent
    existing = sa.exists().where(event.profile_id == profile.id)
    return sa.and_(is_out_of_sync(models), profile.birthday_month_day.is_not(None), ~existing)


def keep(ctx: Context, stopped: Callable[[], bool]) -> int:
    """Update the events of birthdays that are out of sync. Commits in batches. Returns how many events it created.

    Idempotent, in any number of processes. Another scheduled job creates the actions of new events.
    """
    table, created = ctx.models.Profile, 0
    first = sa.select(table.id).where(is_out_of_sync(ctx.models)).order_by(table.id).limit(BATCH)
    while not stopped():
        ids = list(ctx.execute(first).scalars())
        ctx.commit()
        if not ids:
            break
        created += retry(ctx, _keep, ctx, ids)
    return created


def _keep(ctx: Context, ids: list[UUID]) -> int:
    """Update the events of a batch. The UPDATE claims it until the commit; else another process has done some of it."""
    table, event = ctx.models.Profile, ctx.models.LifeEvent
    claiming = sa.update(table).where(table.id.in_(ids), is_out_of_sync(ctx.models)).values(birthday_owed=False)
    if ctx.update_where(claiming) < len(ids):
        ctx.session.rollback()
        return 0
    columns = (table.id, table.contact_id, table.birthday_month_day, table.birthday_year)
    rows = ctx.execute(sa.select(*columns).where(table.id.in_(ids))).all()
    with_event = set(ctx.execute(sa.select(event.profile_id).where(event.profile_id.in_(ids))).scalars())
    without = [row for row in rows if row.id not in with_event and row.birthday_month_day is not None]
    new = [(row.id, row.contact_id, (year_of(ctx, row), row.birthday_month_day)) for row in without]
    life_events.add_birthdays(ctx, new)
    stale = [row for row in rows if row.id in with_event]
    contacts = read_host_rows(ctx, [row.contact_id for row in stale], life_events.CONTACT_FIELDS)
    for row in stale:
        contact = contacts.get(row.contact_id) or HostRow(None, row.contact_id, {"active": False}, SYSTEM)
        life_events.keep_birthday(ctx, row.id, contact, birthday_of(ctx, row), user=None)
    ctx.commit()
    return len(new)
