"""Years day by day, with outages, clocks that are ahead or behind, and processes that are killed.

Each reminder that comes due has to have exactly one action: made by a run whose clock had reached its day, so none is
early; and by the first run that ended and whose clock was right, so none is late.

``python -m tests.benchmarks.simulated_year [--database URL] [--events 400] [--days 365] [--seed 1]``
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flask_relationships.domain.life_events.occurrences import days_from, in_year
from tests.benchmarks.command import run
from tests.benchmarks.event_rows import CHUNK, LEADS, row
from tests.benchmarks.killed import FORK
from tests.reminders.office import Office

START = date(2027, 9, 1)
"""So that a year meets a 29th of February."""

DAY = timedelta(days=1)


@dataclass
class Run:
    """One run: what its clock said, whether that was right, and whether the process was left to end."""

    clock: date
    right: bool
    ended: bool


class Year:
    def __init__(self, office: Office, events: int, seed: int) -> None:
        self.office, self.draw, self.runs = office, random.Random(seed), list[Run]()
        office.today = START
        office.state.clock = lambda: datetime.combine(office.today, office.hour) + timedelta(seconds=len(self.runs))
        with office.context() as (session, models):
            contacts = [
                {"id": key, "first_name": "Ada", "alive": True, "deleted": False} for key in range(1, events + 1)
            ]
            session.execute(sa.insert(sa.inspect(office.Contact).local_table), contacts)
            rows = [self._event(key) for key in range(1, events + 1)]
            for start in range(0, events, CHUNK):
                session.execute(sa.insert(models.LifeEvent.__table__), rows[start : start + CHUNK])
            session.commit()
        self.events = rows

    def _event(self, contact: int) -> dict[str, Any]:
        """On any day of the year, the 29th of February more often than there are."""
        day = date(2028, 1, 1) + self.draw.randrange(366) * DAY
        leap = self.draw.random() < 0.05
        return row(contact, date(2028, 2, 29) if leap else day, self.draw.choice(LEADS), START, self.office.state.now())

    def live(self, days: int) -> None:
        """A worker that runs once or twice a day, where it runs at all."""
        day, end = START, START + days * DAY
        while day < end:
            kind = self.draw.random()
            if kind < 0.06:
                day += self.draw.choice([1, 2, 5, 20, 45]) * DAY  # an outage
                continue
            if kind < 0.10:
                self._run(days_from(day, self.draw.choice([1, 3, 40, 200, 400, 1500])), right=False)
            elif kind < 0.14:
                self._run(days_from(day, -self.draw.choice([1, 30, 400, 20_000])), right=False)
            elif kind < 0.30:
                self._killed(day)
            if kind < 0.20 or kind >= 0.30:
                self._run(day)
            day += DAY
        self._run(end)

    def _run(self, clock: date, *, right: bool = True) -> None:
        self.runs.append(Run(clock, right, ended=True))
        self.office.run(clock)

    def _killed(self, clock: date) -> None:
        self.runs.append(Run(clock, True, ended=False))
        self.office.today = clock
        worker = FORK.Process(target=self._work)
        worker.start()
        time.sleep(self.draw.uniform(0, 0.03))
        worker.kill()
        worker.join()

    def _work(self) -> None:
        with self.office.app.app_context():
            self.office.db.engine.dispose(close=False)
        self.office.run()

    def found(self) -> dict[tuple[Any, date], list[int]]:
        """The runs that made the action of each event and occurrence."""
        made: dict[tuple[Any, date], list[int]] = {}
        with self.office.context() as (session, models):
            table = models.Action
            for event, occurrence, at in session.execute(
                sa.select(table.life_event_id, table.occurrence_date, table.created_at)
            ):
                made.setdefault((event, occurrence), []).append(self._run_of(at))
        return made

    def _run_of(self, at: datetime) -> int:
        for number, one in enumerate(self.runs):
            moment = datetime.combine(one.clock, self.office.hour) + timedelta(seconds=number + 1)
            if moment.astimezone(UTC).replace(tzinfo=None) == at:
                return number
        raise AssertionError(f"no run was at {at}")

    def judged(self, days: int) -> Counter[str]:
        """What became of each reminder that came due in that time."""
        found, fates, end = self.found(), Counter[str](), START + days * DAY
        for event in self.events:
            for year in range(START.year, end.year + 2):
                occurrence = in_year(year, event["month_day"], "feb28")
                due = days_from(occurrence, -event["auto_action_days_before"])
                if START <= due <= end:
                    fates[self._fate(found.get((event["id"], occurrence), []), due)] += 1
        return fates

    def _fate(self, made: list[int], due: date) -> str:
        if len(made) != 1:
            return "doubled" if made else "never"
        (number,) = made
        if self.runs[number].clock < due:
            return "early"
        before = (one for one in self.runs[:number] if one.right and one.ended)
        return "late" if any(one.clock >= due for one in before) else "once"


def measure(url: str, *, events: int, days: int, seed: int) -> tuple[list[dict[str, Any]], bool]:
    office = Office(url)
    try:
        year, began = Year(office, events, seed), time.monotonic()
        year.live(days)
        fates = year.judged(days)
    finally:
        office.close_down()
    line = {
        "events": events,
        "days": days,
        "runs": len(year.runs),
        "killed": sum(not one.ended for one in year.runs),
        "of a wrong clock": sum(not one.right for one in year.runs),
        **{fate: fates[fate] for fate in ("once", "never", "doubled", "early", "late")},
        "seconds": round(time.monotonic() - began, 1),
    }
    return [line], fates["once"] > 0 and fates.total() == fates["once"]


if __name__ == "__main__":
    run(__doc__, measure, events=400, days=365, seed=1)
