"""What time brings among very many annual events: the first run of a day, and a second one.

``peak MB`` is what the process has taken at most, ``more MB`` by how much the first run has raised that.

``python -m tests.benchmarks.many_events [--database URL] [--events 300000] [--due 6000]``
"""

from __future__ import annotations

import resource
import time
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.command import run
from tests.benchmarks.event_rows import fill
from tests.benchmarks.killed import FORK
from tests.reminders.office import Office


def measure(url: str, *, events: int, due: int) -> tuple[list[dict[str, Any]], bool]:
    office = Office(url)
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
    right = line["created"] == actions == items == due and line["created again"] == 0
    return [{"events": events, "due": due, **line}], right


def _measured(office: Office, answer: Any) -> None:
    with office.app.app_context():
        office.db.engine.dispose(close=False)
    before, began = _peak(), time.perf_counter()
    made = office.run()
    seconds, peak, again = time.perf_counter() - began, _peak(), time.perf_counter()
    made_again = office.run()
    answer.send(
        {
            "created": made.created,
            "seconds": round(seconds, 2),
            "peak MB": round(peak),
            "more MB": round(peak - before),
            "created again": made_again.created,
            "seconds again": round(time.perf_counter() - again, 3),
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
    run(__doc__, measure, events=300_000, due=6_000)
