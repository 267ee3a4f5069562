"""What `run_due` takes among very many annual events: the first run of a day, and a second one.

Once with as many due as on a common day, and once with very many at once, as where events were imported. The bar, for
300,000 events: 6 s for the first run of a day, 0.5 s for the second, 30 s for 200,000 actions at once.

``CPU`` is how many of the seconds the process itself has worked: a machine that does something else is seen by it.
``peak MB`` is what the process has taken at most, ``more MB`` by how much the first run has raised that.

``python -m tests.benchmarks.many_events [--database URL] [--events 300000] [--due 6000] [--at-once 200000]``
"""

from __future__ import annotations

import resource
import time
from typing import Any

import sqlalchemy as sa

from flask_relationships.jobs.registry import run_due
from tests.benchmarks.command import run
from tests.benchmarks.event_rows import fill
from tests.benchmarks.killed import FORK
from tests.reminders.office import Office


def measure(url: str, *, events: int, due: int, at_once: int) -> tuple[list[dict[str, Any]], bool]:
    measured = [_measure(url, events, number) for number in (due, at_once)]
    return [line for line, _ in measured], all(right for _, right in measured)


def _measure(url: str, events: int, due: int) -> tuple[dict[str, Any], bool]:
    office = Office(url)  # which makes its tables anew
    try:
        fill(office, events, due)
        _let_it_settle(office)
        ours, theirs = FORK.Pipe()
        child = FORK.Process(target=_measured, args=(office, theirs))  # whose memory is not that of the filling
        child.start()
        line = ours.recv()
        child.join()
        with office.context() as (session, models):
            actions = session.scalar(sa.select(sa.func.count()).select_from(models.Action))
            items = session.scalar(sa.select(sa.func.count()).select_from(models.ActionCentreItem))
    finally:
        office.close_down()
    right = line["created"] == actions == items == due and (line["created again"], line["failed"]) == (0, "none")
    return {"events": events, "due": due, **line}, right


def _measured(office: Office, answer: Any) -> None:
    with office.app.app_context():
        office.db.engine.dispose(close=False)
        before, began = _peak(), time.process_time()
        first = run_due()
        worked = time.process_time() - began
        peak = _peak()
        second = run_due()
    answer.send(
        {
            "created": first["auto_actions"]["created"],
            "seconds": round(first.seconds, 2),
            "CPU": round(worked, 2),
            "peak MB": round(peak),
            "more MB": round(peak - before),
            "created again": second["auto_actions"]["created"],
            "seconds again": round(second.seconds, 3),
            "failed": ", ".join(first.failed + second.failed) or "none",
        }
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _let_it_settle(office: Office) -> None:
    """The database knows its tables, as it would after a while."""
    with office.context() as (session, models):
        table = models.LifeEvent.__table__
        kind = session.get_bind(mapper=models.mapper).dialect.name
        session.execute(sa.text({"mysql": f"ANALYZE TABLE {table}"}.get(kind, f"ANALYZE {table}")))
        session.commit()


if __name__ == "__main__":
    run(__doc__, measure, events=300_000, due=6_000, at_once=200_000)
