"""The frame of what time brings: named steps, one after the other, each by itself, and one report of them all."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..api.application import state
from ..db.statements import execute, lacks_schema
from ..errors import place_of

logger = logging.getLogger(__name__)

Counts = Mapping[str, int]
"""What a step did, by a past participle such as ``sent`` that its report is made of."""

Progress = Callable[["Step", int, "int | None"], None]
"""Told of a step how much of it is done, of how much; None where that is not known."""

GONE = "the database does not answer"


@dataclass(frozen=True, slots=True)
class Round:
    """What a step is told. ``today``: the civil date that a dated step takes for today; any other asks the clock.

    A step that takes long calls ``told(done, total)`` now and then, and ends early, between two of its commits, once
    ``stopped()`` is true.
    """

    today: date
    told: Callable[[int, int | None], None]
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that time brings. ``words`` tell in the report what it is about.

    ``do`` commits in small steps, may be killed at any of them, and may be done by several processes at once.
    ``count`` says what it would do, and writes nothing. ``dated``: it goes by `Round.today`, not by the clock.
    """

    name: str
    words: str
    do: Callable[[Round], Counts]
    count: Callable[[Round], Counts]
    dated: bool = False


@dataclass(frozen=True, slots=True)
class StepDone:
    """What one step did, or would do, and why it was not done."""

    step: Step
    counts: Counter[str]
    failure: str | None = None

    def __str__(self) -> str:
        """One line: ``Messages that had waited: 3 sent, 1 refused``. Empty where there was nothing to do."""
        told = [f"{number} {name.replace('_', ' ')}" for name, number in self.counts.items() if number]
        told += [f"not done, {self.failure}"] if self.failure else []
        return f"{self.step.words}: {', '.join(told)}" if told else ""


@dataclass(frozen=True, slots=True)
class Done:
    """The report of a run. ``done["waiting_messages"]["sent"]`` is what a step did, 0 where it did no such thing.

    Raises KeyError for a step that there is not.
    """

    today: date
    dry_run: bool
    seconds: float
    steps: tuple[StepDone, ...]
    stopped: bool = False
    """Whether it was asked to end before all steps were done."""

    def __getitem__(self, name: str) -> Counter[str]:
        found = {done.step.name: done.counts for done in self.steps}
        return found[name] if name in found or not self.stopped else Counter()

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the steps that were not done."""
        return tuple(done.step.name for done in self.steps if done.failure)

    def as_json(self) -> dict[str, Any]:
        """The report for JSON. Of a dry run ``counts`` are what would be done."""
        steps = [
            {
                "name": done.step.name,
                "goes_by": "date" if done.step.dated else "clock",
                "counts": dict(done.counts),
                "failure": done.failure,
            }
            for done in self.steps
        ]
        told = {"on": self.today.isoformat(), "dry_run": self.dry_run, "stopped": self.stopped}
        return {**told, "seconds": round(self.seconds, 3), "steps": steps}

    def __str__(self) -> str:
        """One line for a log: what was done, nothing of whom."""
        told = "; ".join(filter(None, map(str, self.steps))) or "nothing was due"
        return f"{told}{'; stopped before the rest' if self.stopped else ''} ({self.seconds:.1f} s)"


def do_each(
    steps: Sequence[Step], today: date, *, dry_run: bool, progress: Progress | None, stopped: Callable[[], bool]
) -> Done:
    """Do the steps, or count what they would do. One that fails is reported, and keeps no other from being done."""
    began, done = time.monotonic(), list[StepDone]()
    for step in steps:
        if stopped():
            break
        gone = bool(done) and done[-1].failure == GONE  # each of the others would wait for the same connection
        done.append(StepDone(step, Counter(), GONE) if gone else _do(step, today, dry_run, progress, stopped))
    return Done(today, dry_run, time.monotonic() - began, tuple(done), stopped())


def _do(step: Step, today: date, dry_run: bool, progress: Progress | None, stopped: Callable[[], bool]) -> StepDone:
    def told(number: int, total: int | None = None) -> None:
        if progress is not None:
            progress(step, number, total)

    told(0)
    try:
        counts = (step.count if dry_run else step.do)(Round(today, told, stopped))
        if dry_run:
            state.session.rollback()
    except Exception as error:  # a step calls functions of the host's, which may raise anything
        failure = _words_of(error)
        logger.error("%s is left to a later run: %s", step.name, failure)
        return StepDone(step, Counter(), failure)
    return StepDone(step, Counter(counts))


def _words_of(error: Exception) -> str:
    """What went wrong, without what a database says of rows."""
    if isinstance(error, DBAPIError) and lacks_schema(error):
        state.session.rollback()
        return f"a table or column is missing: run your migrations, or flask {state.settings.cli_name} init-db"
    return place_of(error) if _answers() else GONE


def _answers() -> bool:
    """Whether the database can be asked anything, on a new connection if need be."""
    try:
        state.session.rollback()
        execute(state.session, state.models.mapper, sa.select(1))
        state.session.rollback()
    except SQLAlchemyError:
        return False
    return True
