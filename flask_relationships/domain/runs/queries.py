"""When the scheduled jobs last ran, by what, and whether that is too long ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ...context import Context
from ..models import Models

DISAGREEMENT = timedelta(hours=1)
"""By how much the clocks of two machines may differ. A run that began later than that from now was told a wrong time,
and is no reason to believe that anything was done."""


Status = Literal["ok", "failing", "late", "never"]


COLUMNS = ("runner", "began_at", "ended_at", "succeeded_at", "lag", "failed")


class Health(NamedTuple):
    """How punctual what time brings is. ``lag``: seconds since everything that was due was done last."""

    status: Status
    succeeded_at: datetime | None
    lag: int | None
    runs: Sequence[Any]


def is_believed(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    return models.Run.began_at <= now + DISAGREEMENT


def done_since(ctx: Context, moment: datetime, now: datetime, step: str) -> bool:
    """Return whether a run that began since a moment, naive UTC like ``now``, has done a step.

    If the runs cannot be read, the step counts as not done: doing it again is harmless.
    """
    table = ctx.models.Run
    since = sa.select(table.failed).where(table.began_at >= moment, is_believed(ctx.models, now))
    try:
        runs = ctx.execute(since).scalars().all()
    except DBAPIError:
        ctx.session.rollback()
        return False
    return any(step not in (failed or "").split(", ") for failed in runs)


def is_fresh(ctx: Context, name: str, period: timedelta, now: datetime) -> bool:
    """Return whether a pass was completed less than a period ago. ``now`` is naive UTC.

    The runs of `done_since` cannot tell: each of them counts as done, also where it had nothing to refresh yet.
    """
    table = ctx.models.Refresh
    since = (table.done_at > now - period, table.done_at <= now + DISAGREEMENT)
    asked = sa.select(table.id).where(table.name == name, *since)
    return ctx.execute(asked).first() is not None


def health(ctx: Context, now: datetime, late_after: timedelta) -> Health:
    """One statement, whatever has run. Times are naive UTC."""
    table = ctx.models.Run
    columns = (getattr(table, name) for name in COLUMNS)
    believed = sa.select(*columns).where(is_believed(ctx.models, now))
    runs = ctx.execute(believed.order_by(table.began_at.desc(), table.runner)).all()
    succeeded = max((run.succeeded_at for run in runs if run.succeeded_at is not None), default=None)
    lag = None if succeeded is None else seconds_between(succeeded, now)
    status: Status = "never" if not runs else "failing" if runs[0].failed else "ok"
    if lag is not None and lag > late_after.total_seconds():
        status = "late"
    return Health(status, succeeded, lag, runs)


def seconds_between(earlier: datetime, later: datetime) -> int:
    """Not below zero: two machines' clocks may differ."""
    return max(int((later - earlier).total_seconds()), 0)
