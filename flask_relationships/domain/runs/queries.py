"""Read when the scheduled jobs last ran, by what, and whether that is too long ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ...context import Context
from ..models import Models

MAX_CLOCK_DIFFERENCE = timedelta(hours=1)
"""How much the clocks of two machines may differ. A run that began later had a wrong clock, and is ignored."""


Status = Literal["ok", "failing", "late", "never"]


COLUMNS = ("runner", "began_at", "ended_at", "succeeded_at", "lag", "failed")


class Health(NamedTuple):
    """The state of scheduled jobs. ``lag``: seconds since the last successful run."""

    status: Status
    succeeded_at: datetime | None
    lag: int | None
    runs: Sequence[Any]


def has_plausible_clock(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a run began at most `MAX_CLOCK_DIFFERENCE` in the future."""
    return models.Run.began_at <= now + MAX_CLOCK_DIFFERENCE


def done_since(ctx: Context, moment: datetime, now: datetime, job: str) -> bool:
    """Return whether a run that began since a moment has done a job. Times are naive UTC.

    If the runs cannot be read, the job counts as not done: repeating it is harmless.
    """
    table = ctx.models.Run
    since = sa.select(table.failed).where(table.began_at >= moment, has_plausible_clock(ctx.models, now))
    try:
        runs = ctx.execute(since).scalars().all()
    except DBAPIError:
        ctx.session.rollback()
        return False
    return any(job not in (failed or "").split(", ") for failed in runs)


def is_fresh(ctx: Context, name: str, period: timedelta, now: datetime) -> bool:
    """Return whether a pass was completed less than a period ago. ``now`` is naive UTC.

    `done_since` does not help here: a run counts as done also where it skipped the pass.
    """
    table = ctx.models.Refresh
    recent = (table.done_at > now - period, table.done_at <= now + MAX_CLOCK_DIFFERENCE)
    return ctx.execute(sa.select(table.id).where(table.name == name, *recent)).first() is not None


def health(ctx: Context, now: datetime, late_after: timedelta) -> Health:
    """Return the state of scheduled jobs, with one statement. Times are naive UTC.

    :param late_after: how long after the last successful run the jobs are late.
    """
    table = ctx.models.Run
    columns = (getattr(table, name) for name in COLUMNS)
    plausible = sa.select(*columns).where(has_plausible_clock(ctx.models, now))
    runs = ctx.execute(plausible.order_by(table.began_at.desc(), table.runner)).all()
    succeeded = max(filter(None, (run.succeeded_at for run in runs)), default=None)
    lag = None if succeeded is None else seconds_between(succeeded, now)
    status: Status = "never" if not runs else "failing" if runs[0].failed else "ok"
    if lag is not None and lag > late_after.total_seconds():
        status = "late"
    return Health(status, succeeded, lag, runs)


def seconds_between(earlier: datetime, later: datetime) -> int:
    """Return the seconds between two moments; 0 where the clocks of two machines differ."""
    return max(int((later - earlier).total_seconds()), 0)
