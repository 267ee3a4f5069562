"""Occurrences of a life event: pure functions of civil dates, computed from the original day and month.

A month and day together are one integer, ``MMDD``: 15 May is 515, 29 February 229. The caller passes the present day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LeapDay = Literal["feb28", "mar01"]


def date_in(zone: str | None, moment: datetime, otherwise: date) -> date:
    """Return the civil date of an aware moment in a time zone.

    :param zone: an IANA name.
    :param otherwise: the date to return without a zone, or for an unknown one.
    """
    try:
        return otherwise if zone is None else moment.astimezone(ZoneInfo(zone)).date()
    except (ValueError, OSError, LookupError):  # all that ZoneInfo raises for a bad name
        return otherwise


def month_day(day: date) -> int:
    """Return a month and day as ``MMDD``."""
    return day.month * 100 + day.day


def days_from(day: date, days: int) -> date:
    """Return the date that many days later, or earlier; at most `date.max` and at least `date.min`."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def in_year(year: int, month_and_day: int, leap_day: LeapDay) -> date:
    """Return the date of a month and day in a year; the policy decides for 29 February outside leap years."""
    try:
        return date(year, month_and_day // 100, month_and_day % 100)
    except ValueError:
        return date(year, 2, 28) if leap_day == "feb28" else date(year, 3, 1)


def next_occurrence(
    event_date: date | None, month_and_day: int | None, today: date, leap_day: LeapDay, anniversary: bool = False
) -> date | None:
    """Return the next occurrence on or after ``today``; None for an event that is over or undated.

    :param month_and_day: ``MMDD``; only annual events have one.
    :param anniversary: whether the event counts years from its date: then it first occurs a year after it.
        Any other annual event first occurs on its date.
    """
    first = event_date or date.min
    if month_and_day is None:
        return event_date if first >= today else None
    earliest = max(today, first)
    found = in_year(earliest.year, month_and_day, leap_day)
    if found < earliest or (anniversary and found == event_date):
        return None if earliest.year == date.max.year else in_year(earliest.year + 1, month_and_day, leap_day)
    return found


def last_occurrence(
    event_date: date | None, month_and_day: int | None, today: date, leap_day: LeapDay, anniversary: bool = False
) -> date | None:
    """Return the last occurrence on or before ``today``; None for an event that has not occurred yet, or is undated.

    The parameters are those of `next_occurrence`.
    """
    if month_and_day is None:
        return event_date if (event_date or date.max) <= today else None
    found = in_year(today.year, month_and_day, leap_day)
    if found > today:
        if today.year == date.min.year:
            return None
        found = in_year(today.year - 1, month_and_day, leap_day)
    first = event_date or date.min
    return None if found < first or (anniversary and found.year <= first.year) else found


def years_at(event_date: date | None, occurrence: date | None) -> int | None:
    """Return the years between an event and an occurrence, which is an age for a birthday.

    None where the year is unknown, or is that of the occurrence or later: then it stands for an unknown year.
    """
    if event_date is None or occurrence is None or occurrence.year <= event_date.year:
        return None
    return occurrence.year - event_date.year
