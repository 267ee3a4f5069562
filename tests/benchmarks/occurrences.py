"""The engine of occurrences and reminders against an oracle that knows none of its ways.

The oracle walks the calendar day by day and asks of each whether the event occurs; what today is, it asks of the C
library's own time zones. Wrong answers are printed, and the command exits with 1.

``python -m tests.benchmarks.occurrences [--cases 100000] [--seed 1]``
"""

from __future__ import annotations

import calendar
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from flask_relationships.domain.life_events import reminders
from flask_relationships.domain.life_events.occurrences import (
    LeapDay,
    date_in,
    last_occurrence,
    next_occurrence,
)
from flask_relationships.domain.life_events.reminders import NEVER, Shift
from flask_relationships.domain.life_events.subjects import is_anniversary
from tests.benchmarks.command import run
from tests.documentation.business_days import friday_before

DAY = timedelta(days=1)

CASES_OF_A_ZONE = 500
"""How many cases one time zone is kept for: the C library reads it anew each time."""


@dataclass(frozen=True)
class Case:
    """An event, and the moment at which somebody looks at it."""

    event_date: date | None
    month_day: int | None
    auto_action_days_before: int
    further_reminders: list[int | None] | None
    next_reminder: date
    moment: datetime
    zone: str
    leap_day: LeapDay
    shift: Shift | None
    event_type: str = "other"
    auto_action_enabled: bool = True


class Oracle:
    """The calendar, day by day."""

    def __init__(self, case: Case, today: date) -> None:
        self.case, self.today = case, today

    def occurs(self, day: date) -> bool:
        case = self.case
        if case.month_day is None:
            return day == case.event_date
        if case.event_date is not None and (day < case.event_date or self._is_zeroth(day)):
            return False
        if case.month_day == 229 and not calendar.isleap(day.year):
            return (day.month, day.day) == ((2, 28) if case.leap_day == "feb28" else (3, 1))
        return f"{day:%m%d}" == f"{case.month_day:04}"

    def _is_zeroth(self, day: date) -> bool:
        """Whether a day is in the year of an anniversary's own date, which has nothing to count yet."""
        case = self.case
        return case.event_type == "anniversary" and case.event_date is not None and day.year == case.event_date.year

    def next(self) -> date | None:
        far = max(self.today, self.case.event_date or self.today)
        return next((day for day in self._between(self.today, far + 2 * 366 * DAY) if self.occurs(day)), None)

    def last(self) -> date | None:
        near = self.today if self.case.month_day is not None else (self.case.event_date or self.today)
        days = self._between(min(near, self.today) - 366 * DAY, self.today)
        return max((day for day in days if self.occurs(day)), default=None)

    def _between(self, first: date, last: date) -> Iterator[date]:
        day = first
        while day <= last:
            yield day
            day += DAY

    def waiting(self) -> list[tuple[date, date, int]]:
        """Every reminder that is due and was not dealt with: day, occurrence, slot."""
        case, slots = self.case, [(0, self.case.auto_action_days_before)]
        slots += [(place, days) for place, days in enumerate(case.further_reminders or [], 1) if days is not None]
        longest = max(days for _, days in slots)
        found = []
        for occurrence in self._between(case.next_reminder - DAY, self.today + (longest + 8) * DAY):
            if self.occurs(occurrence):
                for slot, days in slots:
                    plain = occurrence - days * DAY
                    day = case.shift(plain) if case.shift else plain
                    if self._latest(occurrence) - days * DAY >= case.next_reminder and day <= self.today:
                        found.append((day, occurrence, slot))
        return found

    def _latest(self, occurrence: date) -> date:
        """Until when it may wait: to the later of the two days that stand for a 29th of February, as the policy may
        have been the other one yesterday. An occurrence that has its action already gets no other by that."""
        stands_in = self.case.month_day == 229 and not calendar.isleap(occurrence.year)
        return date(occurrence.year, 3, 1) if stands_in else occurrence

    def due(self) -> set[tuple[date, date, int]]:
        """Of all that waits: the last day, and of each occurrence on it the first slot."""
        waiting = self.waiting()
        latest = max((day for day, _, _ in waiting), default=None)
        first: dict[date, int] = {}
        for day, occurrence, slot in waiting:
            if day == latest:
                first[occurrence] = min(slot, first.get(occurrence, slot))
        return {(latest, occurrence, slot) for occurrence, slot in first.items()} if latest else set()


def drawn(case: random.Random, zone: str) -> Case:
    """Any case; the 29th of February, its neighbours and the ends of years more often than there are."""
    year, odd = case.randint(1890, 2110), case.random()
    if odd < 0.3:
        event_date = date(case.choice([1904, 1992, 2000, 2024, 2028, 2096]), 2, 29)
    elif odd < 0.5:
        event_date = case.choice([date(year, 2, 28), date(year, 3, 1), date(year, 12, 31), date(year, 1, 1)])
    else:
        event_date = date(year, 1, 1) + case.randint(0, 364) * DAY
    annual = case.random() < 0.85
    moment = datetime(case.randint(2020, 2100), 1, 1, tzinfo=UTC) + timedelta(seconds=case.randint(0, 366 * 86_400))
    if case.random() < 0.3:  # about the day itself
        moment = moment.replace(month=event_date.month, day=min(event_date.day, 28)) + case.randint(-1, 2) * DAY
    further: list[int | None] | None = [case.choice([None, 0, 1, 14, 30, 365, 366]) for _ in range(case.randint(0, 3))]
    return Case(
        event_date=None if annual and case.random() < 0.15 else event_date,
        month_day=event_date.month * 100 + event_date.day if annual else None,
        auto_action_days_before=case.choice([0, 0, 1, 6, 7, 7, 7, 28, 29, 59, 60, 90, 365, 366]),
        further_reminders=further if case.random() < 0.3 else None,
        next_reminder=moment.date() - case.choice([0, 0, 1, 2, 30, 400, 800]) * DAY,
        moment=moment,
        zone=zone,
        leap_day=case.choice(["feb28", "mar01"]),
        shift=friday_before if case.random() < 0.2 else None,
        event_type=case.choice(["other", "birthday", "anniversary"]),
    )


def wrong(case: Case) -> list[str]:
    """What the engine and the oracle do not agree about."""
    clock = time.localtime(case.moment.timestamp())
    today = date(clock.tm_year, clock.tm_mon, clock.tm_mday)
    oracle = Oracle(case, today)
    about: Any = (case.event_date, case.month_day, today, case.leap_day, is_anniversary(case.event_type))
    coming, last = next_occurrence(*about), last_occurrence(*about)
    found = {tuple(one[:3]) for one in reminders.due(case, today, case.leap_day, case.shift)}
    next_reminder = reminders.after(case, today, case.shift)
    claims = {
        "today": date_in(case.zone, case.moment, date.min) == today,
        "next occurrence": coming == oracle.next(),
        "last occurrence": case.month_day is None or last == oracle.last(),
        "due": found == oracle.due(),
        "none passed over": next_reminder > today or case.shift is not None,
        "what follows is found": _follows(case, next_reminder, today),
    }
    return [claim for claim, holds in claims.items() if not holds]


def _follows(case: Case, next_reminder: date, today: date) -> bool:
    """Whether nothing comes due between today and the day before `next_reminder`, by the oracle."""
    last = min(next_reminder - DAY if next_reminder != NEVER else today + 400 * DAY, today + 800 * DAY)
    oracle = Oracle(case, last)
    return all(day <= today or plain_day >= next_reminder for day, plain_day in _plain(case, oracle))


def _plain(case: Case, oracle: Oracle) -> Iterator[tuple[date, date]]:
    """The shifted and the plain day of what waits."""
    leads = dict(reminders.slots(case))
    for day, occurrence, slot in oracle.waiting():
        yield day, occurrence - leads[slot] * DAY


def measure(url: str, *, cases: int, seed: int) -> tuple[list[dict[str, Any]], bool]:
    draw = random.Random(seed)
    zones = sorted(zone for zone in available_timezones() if zone[0].isupper() and "/" in zone)
    mistaken, began, zone = 0, time.monotonic(), ""
    for number in range(cases):
        if number % CASES_OF_A_ZONE == 0:
            zone = draw.choice(zones)
            os.environ["TZ"] = zone
            time.tzset()
        case = drawn(draw, zone)
        claims = wrong(case)
        if claims:
            mistaken += 1
            if mistaken <= 5:
                print(", ".join(claims), case)
    seconds = round(time.monotonic() - began, 1)
    return [{"cases": cases, "seed": seed, "mistaken": mistaken, "seconds": seconds}], mistaken == 0


if __name__ == "__main__":
    run(__doc__, measure, cases=100_000, seed=1)
