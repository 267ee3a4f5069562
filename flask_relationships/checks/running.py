"""Whether what is due is done: "no reminders" most often means that nobody runs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ..api.application import state
from ..db.statements import execute
from ..domain.runs.service import Health, health
from .examination import Examination
from .findings import Finding, Kind

PAGE = "scheduled-jobs.md#ways-to-run-the-jobs"

RUN = Kind("run_due", "ok", "When what is due was last done, and by what.", PAGE)
NOT_YET = Kind(
    "run_due_not_needed_yet",
    "ok",
    "What is due was never run, and there is nothing yet that could be due.",
    PAGE,
    "Before people rely on it: let cron, the worker or Celery run what is due.",
)
NEVER = Kind(
    "run_due_never",
    "warning",
    "What is due was never run: there are no reminders, and what waits is not sent.",
    PAGE,
    "Let cron run flask relationships run-due every few minutes, or start flask relationships worker or Celery's beat.",
)
LATE = Kind(
    "run_due_late",
    "warning",
    "The last run in which all was done is too long ago.",
    PAGE,
    "Look whether cron, the worker or Celery's beat still runs. RELATIONSHIPS_RUN_LATE_AFTER is how long is too long.",
)
FAILING = Kind(
    "run_due_failing",
    "warning",
    "The last run has left a step undone.",
    "scheduled-jobs.md#options-and-report",
    "Look into its log, or run flask relationships run-due by hand.",
)


def look(examination: Examination) -> Iterator[Finding]:
    models = state.models
    if not all(_is_there(examination, model) for model in (models.Run, models.LifeEvent, models.Message)):
        return
    late_after = timedelta(minutes=state.settings.run_late_after)
    found = health(state.context(session=examination.session), state.now(), late_after)
    if found.status == "never":
        needed = any(_has_rows(examination, model) for model in (models.LifeEvent, models.Message))
        yield NEVER.found("What is due was never run.") if needed else NOT_YET.found("What is due was never run.")
        return
    kind = {"ok": RUN, "late": LATE, "failing": FAILING}[found.status]
    yield kind.found(_words(found))


def _words(found: Health) -> str:
    last = found.runs[0]
    words = f"The last run began at {last.began_at:%Y-%m-%d %H:%M} UTC, by {last.runner}"
    words += f", and left undone: {last.failed}." if last.failed else "."
    if found.status == "late":
        words += f" All was last done at {found.succeeded_at:%Y-%m-%d %H:%M} UTC."
    return words


def _is_there(examination: Examination, model: type[Any]) -> bool:
    table = sa.inspect(model).local_table
    inspector = examination.inspector(state.models.mapper)
    return not isinstance(inspector, Exception) and inspector.has_table(table.name, schema=table.schema)


def _has_rows(examination: Examination, model: type[Any]) -> bool:
    return execute(examination.session, state.models.mapper, sa.select(model.id).limit(1)).first() is not None
