"""The moment the sample data are made relative to, and the chances taken on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID


@dataclass(frozen=True)
class Clock:
    """``now`` is aware; what `ago` and `on` give is naive UTC in whole seconds, as the tables hold it."""

    now: datetime
    today: date
    random: Random

    def ago(self, days: float) -> datetime:
        return (self.now.astimezone(UTC) - timedelta(days=days)).replace(microsecond=0, tzinfo=None)

    def on(self, day: date) -> datetime:
        """Some moment of that day's office hours, and never one that is still to come."""
        moment = datetime.combine(day, time(8)) + timedelta(minutes=self.random.randrange(600))
        return min(moment, self.ago(0))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def row_id(self, at: datetime) -> UUID:
        """A UUID of version 7, as the relationships tables have: it sorts by the time the row was made."""
        milliseconds = int(at.replace(tzinfo=UTC).timestamp() * 1000)
        value = milliseconds << 80 | 7 << 76 | self.random.getrandbits(12) << 64
        return UUID(int=value | 2 << 62 | self.random.getrandbits(62))
