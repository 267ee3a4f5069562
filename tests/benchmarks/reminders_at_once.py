"""Several processes that all make what is due at the same moment: each occurrence has one action, and one mirror.

``python -m tests.benchmarks.reminders_at_once [--database URL] [--events 6000] [--processes 8] [--kills 0]``

With ``--kills`` so many of the processes are killed with -9 after a moment, and one more finishes.
"""

from __future__ import annotations

import random
import time
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.command import run
from tests.benchmarks.event_rows import fill
from tests.benchmarks.killed import FORK
from tests.reminders.office import Office


def measure(url: str, *, events: int, processes: int, kills: int) -> tuple[list[dict[str, Any]], bool]:
    office = Office(url)
    try:
        fill(office, events, events)
        return _measure(office, events, processes, kills)
    finally:
        office.close_down()


def _measure(office: Office, events: int, processes: int, kills: int) -> tuple[list[dict[str, Any]], bool]:
    barrier, created = FORK.Barrier(processes), FORK.RawArray("i", processes)
    workers = [FORK.Process(target=_work, args=(office, barrier, created, place)) for place in range(processes)]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    for victim in random.sample(workers, kills):
        time.sleep(random.uniform(0.05, 0.4))
        victim.kill()
    for worker in workers:
        worker.join()
    failed = sum(worker.exitcode not in (0, -9) for worker in workers)
    seconds = time.monotonic() - began
    finished = office.run().created
    with office.context() as (session, models):
        table = models.Action
        actions = session.scalar(sa.select(sa.func.count()).select_from(table))
        reminded = session.scalar(sa.select(sa.func.count(table.life_event_id.distinct())))
        items = session.scalar(sa.select(sa.func.count()).select_from(models.ActionCentreItem))
    line = {
        "events": events,
        "processes": processes,
        "killed": sum(worker.exitcode == -9 for worker in workers),  # the others had ended before
        "failed": failed,
        "created by each": " ".join(map(str, created)),
        "created after": finished,
        "actions": actions,
        "events with one": reminded,
        "mirrored": items,
        "seconds": round(seconds, 1),
    }
    right = failed == 0 and actions == reminded == items == events
    return [line], right and (kills > 0 or (sum(created) == events and finished == 0))


def _work(office: Office, barrier: Any, created: Any, place: int) -> None:
    with office.app.app_context():
        office.db.engine.dispose(close=False)
    barrier.wait()

    def count(batch: Any) -> None:
        created[place] += batch.made.created

    office.run(on_batch=count)


if __name__ == "__main__":
    run(__doc__, measure, events=6_000, processes=8, kills=0)
