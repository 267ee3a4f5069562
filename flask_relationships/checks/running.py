"""Check whether the scheduled jobs run. Missing reminders usually mean that they do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ..api.application import state
from ..db.statements import execute
from ..domain.runs.queries import Health, health
from .check_run import CheckRun
from .results import CheckResult, Kind

PAGE = "scheduled-jobs.md#ways-to-run-the-jobs"

RUN = Kind("run_due", "ok", "When the scheduled jobs last ran, and what ran them.", PAGE)
NOT_YET = Kind(
    "run_due_not_needed_yet",
    "ok",
    "The scheduled jobs have never run, and there is no row yet for which they are needed.",
    PAGE,
    "Set up cron, the worker or Celery before users rely on reminders.",
)
NEVER = Kind(
    "run_due_never",
    "warning",
    "The scheduled jobs have never run. No reminders are created, and queued messages are not sent.",
    PAGE,
    "Run flask relationships run-due every few minutes with cron, or start its worker or Celery's beat.",
)
LATE = Kind(
    "run_due_late",
    "warning",
    "The last complete run is too long ago.",
    PAGE,
    "Check that cron, the worker or Celery's beat runs. Set RELATIONSHIPS_RUN_LATE_AFTER if they run less often.",
)
FAILING = Kind(
    "run_due_failing",
    "warning",
    "A scheduled job failed in the last run.",
    "scheduled-jobs.md#options-and-report",
    "Read its log, or run flask relationships run-due by hand.",
)

BY_STATUS = {"ok": RUN, "late": LATE, "failing": FAILING}


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Report the last run of the scheduled jobs."""
    models = state.models
    if not all(_exists(run, model) for model in (models.Run, models.LifeEvent, models.Message)):
        return
    late_after = timedelta(minutes=state.settings.run_late_after)
    found = health(state.context(session=run.session), state.now(), late_after)
    if found.status != "never":
        yield BY_STATUS[found.status].result(_described(found))
        return
    is_needed = any(_has_rows(run, model) for model in (models.LifeEvent, models.Message))
    yield (NEVER if is_needed else NOT_YET).result("The scheduled jobs have never run.")


def _described(found: Health) -> str:
    last = found.runs[0]
    words = f"The last run began at {last.began_at:%Y-%m-%d %H:%M} UTC, by {last.runner}."
    if last.failed:
        words += f" Failed jobs: {last.failed}."
    if found.status == "late":
        words += f" The last complete run began at {found.succeeded_at:%Y-%m-%d %H:%M} UTC."
    return words


def _exists(run: CheckRun, model: type[Any]) -> bool:
    return run.has_table(state.models.mapper, sa.inspect(model).local_table)


def _has_rows(run: CheckRun, model: type[Any]) -> bool:
    return execute(run.session, state.models.mapper, sa.select(model.id).limit(1)).first() is not None
