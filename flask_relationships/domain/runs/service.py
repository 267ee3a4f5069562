"""Store and read the runs of scheduled jobs, and whether they are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from .queries import has_plausible_clock, seconds_between

Runner = Literal["command", "worker", "celery", "code"]
"""What ran the jobs: ``flask relationships run-due``, the worker, Celery, or code of the application."""


def record(ctx: Context, runner: Runner, began_at: datetime, ended_at: datetime, failed: Sequence[str]) -> None:
    """Store a run, unless a later one of the same runner is stored. Does not commit.

    :param failed: the names of the jobs that failed.
    """
    table = ctx.models.Run
    last = sa.select(sa.func.max(table.succeeded_at)).where(has_plausible_clock(ctx.models, ended_at))
    succeeded = ctx.execute(last).scalar()
    ctx.insert_if_absent(table, {"runner": runner, "began_at": began_at, "ended_at": ended_at})
    values: dict[str, Any] = {"began_at": began_at, "ended_at": ended_at, "failed": ", ".join(failed) or None}
    if not failed:
        lag = None if succeeded is None else seconds_between(succeeded, began_at)
        values |= {"succeeded_at": began_at, "lag": lag}
    mine = (table.runner == runner, sa.or_(table.began_at <= began_at, ~has_plausible_clock(ctx.models, ended_at)))
    ctx.update_where(sa.update(table).where(*mine).values(values))


def note_refresh(ctx: Context, name: str, now: datetime) -> None:
    """Store that a pass was completed. Commits."""
    table = ctx.models.Refresh
    ctx.insert_if_absent(table, {"id": uuid7(), "name": name, "done_at": now})
    ctx.update_where(sa.update(table).where(table.name == name).values(done_at=now))
    ctx.commit()
