"""When a life event occurs: civil dates, computed from the original day and month every time, and no I/O.

A month and day together are one integer, ``MMDD``: 15 May is 515, 29 February 229. What today is, the caller says.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LeapDay = Literal["feb28", "mar01"]


def date_in(zone: str | None, moment: datetime, otherwise: date) -> date:
    """The civil date of an aware moment in a time zone. ``otherwise``: where the zone is none that is known."""
    try:
        return otherwise if zone is None else moment.astimezone(ZoneInfo(zone)).date()
    except (ValueError, OSError, LookupError):  # all that ZoneInfo raises for a bad name
        return otherwise


def month_day(day: date) -> int:
    return day.month * 100 + day.day


def days_from(day: date, days: int) -> date:
    """So many days later, or earlier, and never beyond the first and last day there is."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def in_year(year: int, month_and_day: int, leap_day: LeapDay) -> date:
    """The date of a month and day in a year. 29 February falls as the policy says where the year has none."""
    try:
        return date(year, month_and_day // 100, month_and_day % 100)
    except ValueError:
        return date(year, 2, 28) if leap_day == "feb28" else date(year, 3, 1)


def next_occurrence(
    event_date: date | None, month_and_day: int | None, today: date, leap_day: LeapDay, anniversary: bool = False
) -> date | None:
    """Return the next occurrence on or after ``today``; None for an event that is over or undated.

    :param month_and_day: ``MMDD``, set for annual events alone.
    :param anniversary: the event counts years from its date: its first occurrence is a year after ``event_date``.
        Any other annual event begins on its date.
    """
    if month_and_day is None:
        return event_date if event_date is not None and event_date >= today else None
    if event_date is not None and anniversary:
        if event_date == date.max:
            return None
        event_date += timedelta(days=1)
    earliest = today if event_date is None else max(today, event_date)
    this_year = in_year(earliest.year, month_and_day, leap_day)
    if this_year >= earliest:
        return this_year
    return None if earliest.year == date.max.year else in_year(earliest.year + 1, month_and_day, leap_day)


def last_occurrence(
    event_date: date | None, month_and_day: int | None, today: date, leap_day: LeapDay, anniversary: bool = False
) -> date | None:
    """Return the last occurrence on or before ``today``; None for an event that has not occurred yet, or is undated.

    The parameters are those of `next_occurrence`.
    """
    if month_and_day is None:
        return event_date if event_date is not None and event_date <= today else None
    found = in_year(today.year, month_and_day, leap_day)
    if found > today:
        if today.year == date.min.year:
            return None
        found = in_year(today.year - 1, month_and_day, leap_day)
    if event_date is not None and (found < event_date or (anniversary and found.year <= event_date.year)):
        return None
    return found


def years_at(event_date: date | None, occurrence: date | None) -> int | None:
    """How many years an occurrence is after the event, which is an age for a birthday. None where that is not known,
    or not yet one: a year that lies ahead, or is this one, was put there by somebody who knew no other."""
    if event_date is None or occurrence is None or occurrence.year <= event_date.year:
        return None
    return occurrence.year - event_date.year
