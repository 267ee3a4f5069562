"""Update the birthdays of existing profiles from the host, and from their life events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.revisions import keep_revision
from ..batches import read_pages, retry
from ..life_events.occurrences import month_day
from ..life_events.service import birthday_columns_of
from . import prefill
from .birthday_texts import known_year
from .host_rows import read_host_rows

COMPARED_COLUMNS = ("birthday_month_day", "birthday_year", "birthday_source")
"""The columns that must still hold what was read when a birthday is written."""


def follow(ctx: Context, stopped: Callable[[], bool]) -> int:
    """Update birthdays that the host has changed. Returns how many changed. Commits in batches.

    It reads all profiles: once a day is enough. `birthdays.keep` updates their events.
    """
    if "birthday" not in ctx.hosts.contact.fields:
        return 0
    table, number = ctx.models.Profile, 0
    columns = [getattr(table, name) for name in ("id", "contact_id", "birthday_in_full", *COMPARED_COLUMNS)]
    for rows in read_pages(ctx, sa.select(*columns), table.id):
        if stopped():
            break
        found = read_host_rows(ctx, [row.contact_id for row in rows], ("birthday",))
        ctx.commit()
        due = [
            (row, prefill.changes_of(ctx, "birthday", row, found[row.contact_id].values))
            for row in rows
            if row.contact_id in found
        ]
        number += retry(ctx, _write, ctx, due)
    return number


def agree(ctx: Context, stopped: Callable[[], bool]) -> None:
    """Correct birthdays that version 0.1 let differ from their event. Commits in batches.

    The event has the later date: each change of a birthday has moved its event. An event without a day takes that of
    the profile.
    """
    table, event = ctx.models.Profile, ctx.models.LifeEvent
    columns = [getattr(table, name) for name in ("id", *COMPARED_COLUMNS)]
    pairs = sa.select(*columns, event.event_date, event.month_day).join(event, event.profile_id == table.id)
    pairs = pairs.where(table.birthday_owed == sa.false(), table.birthday_month_day.is_not(None), event.recurs_annually)
    for rows in read_pages(ctx, pairs, table.id):
        if stopped():
            break
        retry(ctx, _write, ctx, [(row, _changes_from_event(ctx, row)) for row in rows])


def _changes_from_event(ctx: Context, row: Any) -> dict[str, Any]:
    """Return the columns that a profile must change to agree with its event."""
    day = row.event_date
    year = known_year(row.birthday_year, row.birthday_month_day, ctx.today())
    if row.month_day is None or (day is None and year is not None):
        return {"birthday_owed": True}
    if day is None or (day.year, month_day(day)) == (year, row.birthday_month_day):
        return {}
    columns = birthday_columns_of(ctx, day)
    return {"birthday_owed": True} if columns["birthday_year"] is None else columns


def _write(ctx: Context, due: Sequence[tuple[Any, dict[str, Any]]]) -> int:
    """Write the changes, unless somebody has edited the birthday meanwhile. Returns how many birthdays changed."""
    table, ids_of_source, number = ctx.models.Profile, defaultdict[str, list[UUID]](list), 0
    for row, values in due:
        if values.keys() == {"birthday_source"}:
            ids_of_source[values["birthday_source"]].append(row.id)
        elif values:
            as_read = [getattr(table, name).is_not_distinct_from(getattr(row, name)) for name in COMPARED_COLUMNS]
            mine = sa.update(table).where(table.id == row.id, *as_read).values({**values, "updated_at": ctx.now()})
            number += ctx.update_where(keep_revision(mine))
    for source, ids in ids_of_source.items():
        first = sa.update(table).where(table.id.in_(ids), table.birthday_source.is_(None))
        ctx.update_where(first.values(birthday_source=source))
    ctx.commit()
    return number
