"""Store and read the runs of scheduled jobs, and whether they are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from ...context import Context
from ..models import Models

MAX_CLOCK_DIFFERENCE = timedelta(hours=1)
"""How much the clocks of two machines may differ. A run that began later had a wrong clock, and is ignored."""

Runner = Literal["command", "worker", "celery", "code"]
"""What ran the jobs: ``flask relationships run-due``, the worker, Celery, or code of the application."""

Status = Literal["ok", "failing", "late", "never"]

COLUMNS = ("runner", "began_at", "ended_at", "succeeded_at", "lag", "failed")


class Health(NamedTuple):
    """The state of scheduled jobs. ``lag``: seconds since the last successful run."""

    status: Status
    succeeded_at: datetime | None
    lag: int | None
    runs: Sequence[Any]


def record(ctx: Context, runner: Runner, began_at: datetime, ended_at: datetime, failed: Sequence[str]) -> None:
    """Store a run, unless a later one of the same runner is stored. Does not commit.

    :param failed: the names of the jobs that failed.
    """
    table = ctx.models.Run
    last = sa.select(sa.func.max(table.succeeded_at)).where(_has_plausible_clock(ctx.models, ended_at))
    succeeded = ctx.execute(last).scalar()
    ctx.insert_if_absent(table, {"runner": runner, "began_at": began_at, "ended_at": ended_at})
    values: dict[str, Any] = {"began_at": began_at, "ended_at": ended_at, "failed": ", ".join(failed) or None}
    if not failed:
        values |= {"succeeded_at": began_at, "lag": _seconds(succeeded, began_at)}
    mine = (table.runner == runner, sa.or_(table.began_at <= began_at, ~_has_plausible_clock(ctx.models, ended_at)))
    ctx.update_where(sa.update(table).where(*mine).values(values))


def _has_plausible_clock(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a run began at most `MAX_CLOCK_DIFFERENCE` in the future."""
    return models.Run.began_at <= now + MAX_CLOCK_DIFFERENCE


def done_since(ctx: Context, moment: datetime, now: datetime, job: str) -> bool:
    """Return whether a run that began since a moment has done a job. Times are naive UTC.

    If the runs cannot be read, the job counts as not done: repeating it is harmless.
    """
    table = ctx.models.Run
    since = sa.select(table.failed).where(table.began_at >= moment, _has_plausible_clock(ctx.models, now))
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


def note_refresh(ctx: Context, name: str, now: datetime) -> None:
    """Store that a pass was completed. Commits."""
    table = ctx.models.Refresh
    ctx.insert_if_absent(table, {"id": uuid7(), "name": name, "done_at": now})
    ctx.update_where(sa.update(table).where(table.name == name).values(done_at=now))
    ctx.commit()


def health(ctx: Context, now: datetime, late_after: timedelta) -> Health:
    """Return the state of scheduled jobs, with one statement. Times are naive UTC.

    :param late_after: how long after the last successful run the jobs are late.
    """
    table = ctx.models.Run
    columns = (getattr(table, name) for name in COLUMNS)
    plausible = sa.select(*columns).where(_has_plausible_clock(ctx.models, now))
    runs = ctx.execute(plausible.order_by(table.began_at.desc(), table.runner)).all()
    succeeded = max(filter(None, (run.succeeded_at for run in runs)), default=None)
    lag = _seconds(succeeded, now)
    status: Status = "never" if not runs else "failing" if runs[0].failed else "ok"
    if lag is not None and lag > late_after.total_seconds():
        status = "late"
    return Health(status, succeeded, lag, runs)


def _seconds(earlier: datetime | None, later: datetime) -> int | None:
    """Return the seconds since a moment; 0 where the clocks of two machines differ, None without a moment."""
    return None if earlier is None else max(int((later - earlier).total_seconds()), 0)
