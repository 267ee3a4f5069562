"""Apply quiet hours: a message created in them waits for their end, and one sent before them expires at their start.

The hours are in the time zone of the contact's number, else in that of the application.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...context import Context
from ..contacts.addresses import time_zone_of

MIN_VALIDITY_SECONDS, MAX_VALIDITY_SECONDS = 60, 36_000
"""How long a message may wait at the provider. Twilio allows ten hours; below a minute it would drop slow messages."""


def end_of(ctx: Context, number: str, now: datetime) -> datetime | None:
    """Return the end of the present quiet hours of a number, or None outside them. Both times are naive UTC."""
    hours = ctx.settings.quiet_hours
    if hours is None:
        return None
    local = now.replace(tzinfo=UTC).astimezone(_zone(ctx, number))
    clock = local.time()
    is_overnight = hours.end < hours.begin
    is_day = hours.end <= clock < hours.begin if is_overnight else not hours.begin <= clock < hours.end
    return None if is_day else _next(local, hours.end)


def validity_period(ctx: Context, number: str, now: datetime) -> int | None:
    """Return the seconds from now to the next quiet hours of a number, None without quiet hours."""
    hours = ctx.settings.quiet_hours
    if hours is None:
        return None
    local = now.replace(tzinfo=UTC).astimezone(_zone(ctx, number))
    seconds = int((_next(local, hours.begin) - now).total_seconds())
    return min(max(seconds, MIN_VALIDITY_SECONDS), MAX_VALIDITY_SECONDS)


def _zone(ctx: Context, number: str) -> tzinfo:
    for name in filter(None, (time_zone_of(number), ctx.settings.timezone)):
        with suppress(ZoneInfoNotFoundError, ValueError):  # the system's time zones may be older than the numbers
            return ZoneInfo(name)
    return UTC


def _next(local: datetime, clock: time) -> datetime:
    """Return the next moment at which a clock shows this time, as naive UTC."""
    day = local.date() if local.time() < clock else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, tzinfo=local.tzinfo).astimezone(UTC).replace(tzinfo=None)
