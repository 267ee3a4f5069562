"""Quiet hours: what is written in them waits for their end, and what is sent just before them does not outlive the day.

They are those of the contact's own clock, as far as the number tells it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...context import Context
from ..contacts.addresses import time_zone_of

VALIDITY = (60, 36_000)
"""The least and the most seconds that a message may wait at the provider: Twilio knows nothing above ten hours, and
below a minute it would drop what is merely slow."""


def end_of(ctx: Context, number: str, now: datetime) -> datetime | None:
    """When the quiet hours end that a number is in, or None where it is in none. Both times are naive UTC."""
    hours = ctx.settings.quiet_hours
    if hours is None:
        return None
    local = now.replace(tzinfo=UTC).astimezone(_zone(ctx, number))
    clock = local.time()
    over_midnight = hours.end < hours.begin
    quiet = (clock >= hours.begin or clock < hours.end) if over_midnight else hours.begin <= clock < hours.end
    return _next(local, hours.end) if quiet else None


def validity_period(ctx: Context, number: str, now: datetime) -> int | None:
    """How many seconds a message that leaves now has until the next quiet hours; None where there are none."""
    hours = ctx.settings.quiet_hours
    if hours is None:
        return None
    local = now.replace(tzinfo=UTC).astimezone(_zone(ctx, number))
    least, most = VALIDITY
    return min(max(int((_next(local, hours.begin) - now).total_seconds()), least), most)


def _zone(ctx: Context, number: str) -> tzinfo:
    for name in (time_zone_of(number), ctx.settings.timezone):
        if name is not None:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):  # this machine's tables may be older than the numbers
                continue
    return UTC


def _next(local: datetime, clock: time) -> datetime:
    """The next moment at which a clock shows this time, as naive UTC."""
    day = local.date() if local.time() < clock else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, tzinfo=local.tzinfo).astimezone(UTC).replace(tzinfo=None)
