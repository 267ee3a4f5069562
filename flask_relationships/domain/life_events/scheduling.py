"""Moving ``next_reminder`` of many events: on, when what was due is dealt with; back, where a clock was wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.statements import retried
from ...hosts.bound import BATCH
from .occurrences import days_from
from .reminders import NEVER, next_reminder

ATTEMPTS = 20
"""How often a batch is begun again that waited for another process."""

DECIDING = (
    *("id", "contact_id", "event_type", "event_date", "month_day", "auto_action_enabled"),
    *("auto_action_days_before", "further_reminders", "created_by_user_id"),
)
"""What decides, of an event, where its ``next_reminder`` moves to from where it is."""

COLUMNS = (*DECIDING, "next_reminder")
"""What is read of an event to find out what is due of it."""

A_YEAR = 367
"""No annual event that has begun is reminded of later than this many days from now, with leap policies and all."""

LONGEST_OUTAGE = 60
"""Days for which nothing may have run before a clock that is years ahead, and still nothing is lost."""


def move(ctx: Context, moves: Mapping[UUID, tuple[date, date]]) -> int:
    """Move events that nobody else has moved: from one ``next_reminder`` to the other. Returns how many."""
    table, groups = ctx.models.LifeEvent, defaultdict[tuple[date, date], list[UUID]](list)
    for key in sorted(moves):
        groups[moves[key]].append(key)
    moved = 0
    for (was, becomes), keys in sorted(groups.items()):
        if was != becomes:
            mine = sa.update(table).where(table.id.in_(keys), table.next_reminder == was)
            moved += ctx.update_where(mine.values(next_reminder=becomes))
    return moved


def rewind(ctx: Context, today: date) -> None:
    """Where the clock was ahead by more than a year, years were passed over: bring back what was not dealt with.

    That may have begun before today, where nothing had run for a while; what was made is there, and is not made again.
    Rows that were written by a clock ahead of this one are left alone: then it is this one that is wrong. Commits.
    """
    table = ctx.models.LifeEvent
    begun = sa.or_(table.event_date.is_(None), table.event_date <= today)
    annual = (table.recurs_annually, table.month_day.is_not(None), begun)
    beyond = (table.next_reminder > days_from(today, A_YEAR), table.next_reminder < NEVER)
    written = table.updated_at <= ctx.now() + timedelta(days=1)
    columns = [getattr(table, name) for name in (*COLUMNS, "updated_at")]
    rows = ctx.execute(sa.select(*columns).where(*annual, *beyond, written)).all()
    ctx.session.commit()
    before = days_from(today, -LONGEST_OUTAGE)
    since = {row.id: max(before, row.updated_at.date()) for row in rows}
    moves = [(row.id, (row.next_reminder, next_reminder(row, since[row.id]))) for row in rows]
    for start in range(0, len(moves), BATCH):
        some = dict(moves[start : start + BATCH])
        retried(ctx.session, lambda: move(ctx, some), ATTEMPTS, unless=lambda: False)  # noqa: B023
        ctx.session.commit()
