"""Birthdays of profiles that somebody has opened: they follow the host's, and agree with their event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.revisions import keep_revision
from ...db.statements import retried
from ...hosts.bound import BATCH, SYSTEM
from ..life_events.occurrences import month_day
from ..life_events.service import birthday_columns_of
from . import prefill
from .birthday_texts import known_year

ATTEMPTS = 20
"""How often a batch is begun again that waited for another process."""

READ = ("birthday_month_day", "birthday_year", "birthday_source")
"""The columns that must still hold what was read when a birthday is written."""


def follow(ctx: Context, stopped: Callable[[], bool]) -> int:
    """Take over the birthdays that the host has changed. Returns how many changed. Commits in batches.

    It reads all profiles: once a day is enough. Their events are left to `birthdays.keep`.
    """
    if "birthday" not in ctx.hosts.contact.fields:
        return 0
    table, number = ctx.models.Profile, 0
    columns = [getattr(table, name) for name in ("id", "contact_id", "birthday_in_full", *READ)]
    for rows in _batches(ctx, sa.select(*columns)):
        if stopped():
            break
        found = ctx.hosts.contact.values(ctx.session, [row.contact_id for row in rows], ("birthday",), SYSTEM)
        ctx.session.commit()
        due = [
            (row, prefill.changes_of(ctx, "birthday", row, {"birthday": found[row.contact_id][0]}))
            for row in rows
            if row.contact_id in found
        ]
        number += retried(ctx.session, lambda: _write(ctx, due), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return number


def agree(ctx: Context, stopped: Callable[[], bool]) -> None:
    """Bring together birthdays and events that version 0.1 let disagree. Commits in batches.

    The event has the later date: each change of a birthday has moved its event. An event that has lost its day takes
    that of the profile.
    """
    table, event = ctx.models.Profile, ctx.models.LifeEvent
    columns = [getattr(table, name) for name in ("id", *READ)]
    asked = sa.select(*columns, event.event_date, event.month_day).join(event, event.profile_id == table.id)
    asked = asked.where(table.birthday_owed == sa.false(), table.birthday_month_day.is_not(None), event.recurs_annually)
    for rows in _batches(ctx, asked):
        if stopped():
            break
        due = [(row, values) for row in rows if (values := _of_event(ctx, row))]
        retried(ctx.session, lambda: _write(ctx, due), ATTEMPTS, unless=lambda: False)  # noqa: B023


def _of_event(ctx: Context, row: Any) -> dict[str, Any]:
    """Return what a profile must change to agree with its event."""
    today, day = ctx.today(), row.event_date
    year = known_year(row.birthday_year, row.birthday_month_day, today)
    if row.month_day is None or (day is None and year is not None):
        return {"birthday_owed": True}
    if day is None or (day.year, month_day(day)) == (year, row.birthday_month_day):
        return {}
    of_event = birthday_columns_of(ctx, day)
    return of_event if of_event["birthday_year"] is not None else {"birthday_owed": True}


def _batches(ctx: Context, asked: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    table, seen = ctx.models.Profile, None
    while True:
        page = asked if seen is None else asked.where(table.id > seen)
        rows = ctx.execute(page.order_by(table.id).limit(BATCH)).all()
        ctx.session.commit()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        seen = rows[-1].id


def _write(ctx: Context, due: Sequence[tuple[Any, dict[str, Any]]]) -> int:
    """Write what must change, unless somebody has edited the birthday meanwhile. Returns how many birthdays changed."""
    table, sources, number = ctx.models.Profile, defaultdict[str, list[UUID]](list), 0
    for row, values in due:
        if values.keys() == {"birthday_source"}:
            sources[values["birthday_source"]].append(row.id)
        elif values:
            as_read = [getattr(table, name).is_not_distinct_from(getattr(row, name)) for name in READ]
            mine = sa.update(table).where(table.id == row.id, *as_read).values({**values, "updated_at": ctx.now()})
            number += ctx.update_where(keep_revision(mine))
    for source, ids in sources.items():
        first = sa.update(table).where(table.id.in_(ids), table.birthday_source.is_(None))
        ctx.update_where(first.values(birthday_source=source))
    ctx.session.commit()
    return number
