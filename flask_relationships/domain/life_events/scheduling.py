"""Move ``next_reminder`` of many events: forward when a reminder is done, back where a clock was wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import BATCH
from ..batches import retry
from .occurrences import days_from
from .reminders import NEVER, next_reminder

DECIDING = (
    *("id", "contact_id", "event_type", "event_date", "month_day", "auto_action_enabled"),
    *("auto_action_days_before", "further_reminders", "created_by_user_id"),
)
"""The columns that decide the next value of ``next_reminder``."""

COLUMNS = (*DECIDING, "next_reminder")
"""The columns that decide which reminders of an event are due."""

MAX_DAYS_TO_REMINDER = 367
"""Days within which each annual event that has begun has its next reminder, under every leap-day policy."""

MAX_OUTAGE_DAYS = 60
"""Days without a run before a clock went wrong, after which no reminder is lost."""


def move(ctx: Context, moves: Mapping[UUID, tuple[date, date]]) -> int:
    """Move ``next_reminder`` of events that no other process has moved.

    :param moves: the old and the new date by id.
    :returns: how many events moved.
    """
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
    """Move ``next_reminder`` back where a clock that was years ahead has moved it too far. Commits.

    The reminders of `MAX_OUTAGE_DAYS` before the wrong run are due again; a unique key keeps existing actions single.
    Rows that were written in the future are skipped: there the present clock is wrong.
    """
    table = ctx.models.LifeEvent
    begun = sa.or_(table.event_date.is_(None), table.event_date <= today)
    annual = (table.recurs_annually, table.month_day.is_not(None), begun)
    beyond = (table.next_reminder > days_from(today, MAX_DAYS_TO_REMINDER), table.next_reminder < NEVER)
    written = table.updated_at <= ctx.now() + timedelta(days=1)
    columns = [getattr(table, name) for name in (*COLUMNS, "updated_at")]
    rows = ctx.execute(sa.select(*columns).where(*annual, *beyond, written)).all()
    ctx.commit()
    earliest = days_from(today, -MAX_OUTAGE_DAYS)
    moves = [(row.id, (row.next_reminder, next_reminder(row, max(earliest, row.updated_at.date())))) for row in rows]
    for start in range(0, len(moves), BATCH):
        retry(ctx, move, ctx, dict(moves[start : start + BATCH]))
        ctx.commit()
