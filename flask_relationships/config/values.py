"""How values are written in the configuration: ``"100 per day"``, ``"GB, US"``, ``"21:00-08:00"``, senders."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, NamedTuple

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}

_RATE = re.compile(r"([0-9]{1,9}) per (?:([0-9]{1,4}) )?(second|minute|hour|day|week)s?", re.ASCII)

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}", re.ASCII)
"""Twilio's alphanumeric sender ids: letters, digits, space, hyphen, plus, underscore and ampersand."""


class Rate(NamedTuple):
    """At most ``most`` in each window of so many seconds."""

    most: int
    seconds: int


class QuietHours(NamedTuple):
    """From ``begin`` until just before ``end``, by the clock of whoever is written to; most often over midnight."""

    begin: time
    end: time


def rate(value: Any) -> Rate:
    written = _RATE.fullmatch(value) if isinstance(value, str) else None
    most, count, unit = written.groups() if written else ("0", None, "day")
    if int(most) == 0 or (count is not None and int(count) == 0):
        raise ValueError('must be a number of messages and a time such as "100 per day" or "5 per 10 minutes"')
    return Rate(int(most), int(count or 1) * _SECONDS[unit])


def countries(value: Any) -> frozenset[str]:
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, (list, tuple, set)) else ()
    codes = [code.strip().upper() if isinstance(code, str) else "" for code in given]
    if codes:
        from phonenumbers import SUPPORTED_REGIONS  # 50 ms: only where there is such a list

        if all(code in SUPPORTED_REGIONS for code in codes):
            return frozenset(codes)
    raise ValueError('must be countries by their two ISO letters such as "GB, US"; the United Kingdom is GB')


def quiet_hours(value: Any) -> QuietHours:
    written = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if written is None or written[1] + written[2] == written[3] + written[4]:
        raise ValueError('must be two different times of a day such as "21:00-08:00"')
    begin_hour, begin_minute, end_hour, end_minute = map(int, written.groups())
    return QuietHours(time(begin_hour, begin_minute), time(end_hour, end_minute))


def is_sender(given: Any) -> bool:
    """Return whether SMS and MMS can be sent from this: a number, a short code, or a name."""
    return isinstance(given, str) and any(form.fullmatch(given) for form in (_E164, _SHORT_CODE, _NAME))


def is_number(given: Any) -> bool:
    """Return whether this is a number in E.164, with or without ``whatsapp:`` before it."""
    return isinstance(given, str) and _E164.fullmatch(given.removeprefix("whatsapp:")) is not None
