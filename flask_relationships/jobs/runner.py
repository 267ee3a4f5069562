"""Run scheduled jobs one after the other, each by itself, and report on all of them."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..api.application import state
from ..context import Context
from ..db.statements import execute, lacks_schema
from ..domain.runs import queries as run_queries
from ..domain.runs import service as runs
from ..errors import place_of

logger = logging.getLogger(__name__)

Counts = Mapping[str, int]
"""What a job did, by a past participle such as ``sent``, which the report shows."""

Progress = Callable[["Job", int, "int | None"], None]
"""Receives a job, how much of it is done, and of how much; None if the total is unknown."""

DATABASE_GONE = "the database does not answer"


@dataclass(frozen=True, slots=True)
class JobRun:
    """The arguments of one run of a job.

    A long job calls ``report(done, total)`` from time to time. It ends early, between two of its commits, once
    ``stopped()`` is true.

    :param today: the civil date of the run, for jobs that are `Job.dated`. Other jobs use the clock.
    """

    today: date
    report: Callable[[int, int | None], None]
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Job:
    """One scheduled job.

    :param title: names the job in the report.
    :param run: does the work. It commits in small steps, may be killed at any of them, and may run concurrently.
    :param count: returns what `run` would do, and writes nothing.
    :param dated: whether the job uses `JobRun.today` instead of the clock.
    :param interval: returns how long the job is skipped after a complete run; None if there is nothing to do here.
    """

    name: str
    title: str
    run: Callable[[JobRun], Counts]
    count: Callable[[JobRun], Counts]
    dated: bool = False
    interval: Callable[[Context], timedelta | None] | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """What one job did, or would do, and why it failed."""

    job: Job
    counts: Counter[str]
    failure: str | None = None

    def __str__(self) -> str:
        """Return one line such as ``Messages that had waited: 3 sent, 1 refused``; "" if there was nothing to do."""
        words = [f"{number} {name.replace('_', ' ')}" for name, number in self.counts.items() if number]
        words += [f"not done, {self.failure}"] if self.failure else []
        return f"{self.job.title}: {', '.join(words)}" if words else ""

    def as_json(self) -> dict[str, Any]:
        """Return the result for JSON."""
        goes_by = "date" if self.job.dated else "clock"
        return {"name": self.job.name, "goes_by": goes_by, "counts": dict(self.counts), "failure": self.failure}


@dataclass(frozen=True, slots=True)
class RunReport:
    """The report of a run. ``report["waiting_messages"]["sent"]`` is what a job did; 0 if it did nothing of that name.

    :raises KeyError: for the name of a job that does not exist.
    """

    today: date
    dry_run: bool
    seconds: float
    results: tuple[JobResult, ...]
    stopped: bool = False
    """Whether the run was stopped before all jobs had run."""

    def __getitem__(self, name: str) -> Counter[str]:
        counts = {result.job.name: result.counts for result in self.results}
        return counts[name] if name in counts or not self.stopped else Counter()

    @property
    def steps(self) -> tuple[JobResult, ...]:
        """The results, by their name in version 0.1."""
        return self.results

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the jobs that failed."""
        return tuple(result.job.name for result in self.results if result.failure)

    def as_json(self) -> dict[str, Any]:
        """Return the report for JSON. In a dry run ``counts`` are what would be done."""
        return {
            "on": self.today.isoformat(),
            "dry_run": self.dry_run,
            "stopped": self.stopped,
            "seconds": round(self.seconds, 3),
            "steps": [result.as_json() for result in self.results],
        }

    def __str__(self) -> str:
        """Return one line for a log, without personal data."""
        words = "; ".join(filter(None, map(str, self.results))) or "nothing was due"
        return f"{words}{'; stopped before the rest' if self.stopped else ''} ({self.seconds:.1f} s)"


def run_jobs(
    jobs: Sequence[Job], today: date, *, dry_run: bool, progress: Progress | None, stopped: Callable[[], bool]
) -> RunReport:
    """Run the jobs, or count what they would do. A failed job is reported, and the others still run."""
    began, results = time.monotonic(), list[JobResult]()
    for job in jobs:
        if stopped():
            break
        if results and results[-1].failure == DATABASE_GONE:  # each other job would wait for the same connection
            results.append(JobResult(job, Counter(), DATABASE_GONE))
        else:
            results.append(_run(job, today, dry_run, progress, stopped))
    return RunReport(today, dry_run, time.monotonic() - began, tuple(results), stopped())


def _run(job: Job, today: date, dry_run: bool, progress: Progress | None, stopped: Callable[[], bool]) -> JobResult:
    def report(number: int, total: int | None = None) -> None:
        if progress is not None:
            progress(job, number, total)

    report(0)
    try:
        counts = _counts(job, JobRun(today, report, stopped), dry_run)
    except Exception as error:  # a job calls functions of the host, which can raise any exception
        failure = _reason(error)
        logger.error("%s is left to a later run: %s", job.name, failure)
        return JobResult(job, Counter(), failure)
    return JobResult(job, Counter(counts))


def _counts(job: Job, run: JobRun, dry_run: bool) -> Counts:
    """Run or count a job, unless it has run completely within its interval."""
    began_at = state.now()
    if job.interval is not None and _is_fresh(job.name, job.interval(state.context()), began_at):
        counts: Counts = {}
    elif dry_run:
        counts = job.count(run)
    else:
        counts = job.run(run)
        if job.interval is not None and not run.stopped():
            runs.note_refresh(state.context(), job.name, began_at)
    if dry_run:
        state.session.rollback()
    return counts


def _is_fresh(name: str, interval: timedelta | None, now: datetime) -> bool:
    return interval is None or run_queries.is_fresh(state.context(), name, interval, now)


def _reason(error: Exception) -> str:
    """Return why a job failed, without the database's text, which may contain values of rows."""
    if isinstance(error, DBAPIError) and lacks_schema(error):
        state.session.rollback()
        return f"a table or column is missing: run your migrations, or flask {state.settings.cli_name} init-db"
    return place_of(error) if _answers() else DATABASE_GONE


def _answers() -> bool:
    """Return whether the database answers, on a new connection if necessary."""
    try:
        state.session.rollback()
        execute(state.session, state.models.mapper, sa.select(1))
        state.session.rollback()
    except SQLAlchemyError:
        return False
    return True
