"""Read birthdays from the texts of this API and of address books."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal, NamedTuple

NO_YEARS = frozenset({0, 1, 1604})
"""Years that programs write for an unknown year: Apple 1604, others 0000 or 0001."""

LEAP_YEAR = 2000

Order = Literal["dmy", "mdy"]


class Birthday(NamedTuple):
    """A day of a month, and a year where it is known."""

    year: int | None
    month: int
    day: int

    @property
    def month_day(self) -> int:
        return self.month * 100 + self.day


_API = (
    re.compile(r"(?:(?P<year>\d{4})-)?(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
    re.compile(r"--(?P<month>\d{2})-?(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII),
)
"""``05-15`` and ``1990-05-15``; and as vCard has it (RFC 6350): ``--0515``, ``--05-15``, ``19900515``."""

_HOST = (
    *_API,
    re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})", re.ASCII),
    re.compile(
        r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})[T ]\d{2}(?::?\d{2}){0,2}(?:[.,]\d+)?"
        r"\s?(?:Z|[+-]\d{2}:?(?:\d{2})?)?",
        re.ASCII | re.IGNORECASE,
    ),
)

_ORDERED: dict[Order, re.Pattern[str]] = {
    "dmy": re.compile(r"(?P<day>\d{1,2})(?P<mark>[-/.]) ?(?P<month>\d{1,2})(?:(?P=mark) ?(?P<year>\d{4})?)?", re.ASCII),
    "mdy": re.compile(r"(?P<month>\d{1,2})(?P<mark>[-/.]) ?(?P<day>\d{1,2})(?:(?P=mark) ?(?P<year>\d{4})?)?", re.ASCII),
}
"""``15.05.1990`` and ``5/15/1990``, with a year or without one."""

PREFILLED_BY_0_1 = re.compile(r"(?:\d{4}-)?\d{2}-\d{2}(?:[T ].*)?", re.ASCII)
"""The texts that version 0.1 could read from a host's column."""


def read_api_birthday(text: str) -> Birthday | None:
    """Return the birthday of a text that a client sent; None where it is none."""
    return _read(text, _API)


def read_host_birthday(value: Any, order: Order | None = None) -> Birthday | None:
    """Return the birthday of a host's column; None where it is empty or cannot be read.

    :param value: a date, or a text in one of the shapes that address books use.
    :param order: ``dmy`` or ``mdy``: how to read ``15.05.1990`` or ``5/15/1990``, which otherwise is not read.
    """
    if isinstance(value, date):
        return Birthday(None if value.year in NO_YEARS else value.year, value.month, value.day)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return _read(str(value).strip(), _HOST if order is None else (*_HOST, _ORDERED[order]))


def _read(text: str, patterns: tuple[re.Pattern[str], ...]) -> Birthday | None:
    readings = (_valid(pattern.fullmatch(text)) for pattern in patterns)
    return next(filter(None, readings), None)


def _valid(written: re.Match[str] | None) -> Birthday | None:
    if written is None:
        return None
    year = int(written.groupdict().get("year") or 0)
    found = Birthday(None if year in NO_YEARS else year, int(written["month"]), int(written["day"]))
    try:
        date(found.year or LEAP_YEAR, found.month, found.day)
    except ValueError:
        return None
    return found


def known_year(year: int | None, month_day: int | None, today: date) -> int | None:
    """Return a birth year; None for one that stands for an unknown year, or where the birth would be in the future."""
    if year is None or year in NO_YEARS:
        return None
    is_ahead = (year, month_day or 0) > (today.year, today.month * 100 + today.day)
    return None if is_ahead else year
