"""The types of configuration values, such as ``"100 per day"``, ``"GB, US"`` or ``"21:00-08:00"``.

A ``parse_...`` function returns the value as `Settings` stores it, or None if the value is not accepted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..translations import CATALOGUES, read_catalogue

MAX_TIMEOUT_SECONDS = 120

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}

_RATE = re.compile(
    r"(?!0+ )([0-9]{1,9}) per (?:(?!0+ )([0-9]{1,4}) )?(second|minute|hour|day|week)s?",
    re.ASCII,
)
_HOURS = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_ORIGIN = re.compile(r"https?://[^\s/;,'\"]+")

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}", re.ASCII)
"""Twilio's alphanumeric sender ids: letters, digits, space, hyphen, plus, underscore and ampersand."""

_HOST_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_PUBLIC_URL = re.compile(
    rf"(?i:https?)://(?:{_HOST_LABEL}(?:\.{_HOST_LABEL})*|\[[0-9A-Fa-f.:]+\])(?::[0-9]*)?"
    r"(?:/[\x21-\x7e]*)?(?<!/)",
    re.ASCII,
)
"""Host names of RFC 1123: Twilio refuses a callback address of any other host with error 21609."""


class Rate(NamedTuple):
    """At most ``most`` in each window of ``seconds``."""

    most: int
    seconds: int


class QuietHours(NamedTuple):
    """From ``begin`` until just before ``end``, by the recipient's clock. Usually they include midnight."""

    begin: time
    end: time


class ValueType(NamedTuple):
    """A type of configuration value.

    :param expected: describes an accepted value, after "must be" and "Set ... to".
    :param parse: returns the value as it is stored, or None if it is not accepted.
    """

    expected: str
    parse: Callable[[Any], Any]


def is_sender(value: Any) -> bool:
    """Return whether SMS and MMS can be sent from this: a number, a short code, or a name."""
    return isinstance(value, str) and any(form.fullmatch(value) for form in (_E164, _SHORT_CODE, _SENDER_NAME))


def is_number(value: Any) -> bool:
    """Return whether this is a number in E.164, with or without ``whatsapp:`` before it."""
    return isinstance(value, str) and _E164.fullmatch(value.removeprefix("whatsapp:")) is not None


def _is_number(value: Any, *classes: type) -> bool:
    return isinstance(value, classes) and not isinstance(value, bool)


def whole_number(low: int, high: int) -> ValueType:
    """Return the type of a whole number within two limits."""
    allowed = range(low, high + 1)
    return ValueType(
        f"a whole number from {low} to {high}",
        lambda value: value if _is_number(value, int) and value in allowed else None,
    )


def choice(*choices: str) -> ValueType:
    """Return the type of one of several texts."""
    return ValueType(f"one of {', '.join(choices)}", lambda value: value if value in choices else None)


def matching(expected: str, pattern: str) -> ValueType:
    """Return the type of a text that a regular expression matches as a whole."""
    form = re.compile(pattern, re.ASCII)
    return ValueType(expected, lambda value: value if isinstance(value, str) and form.fullmatch(value) else None)


def parse_time_zone(value: Any) -> str | None:
    """Return the IANA name of a time zone that this machine knows."""
    try:
        return ZoneInfo(value).key or None
    except Exception:  # ZoneInfo raises exceptions of many classes for a bad name
        return None


def parse_names(value: Any) -> tuple[str, ...] | None:
    """Return a list of names that are not empty. A text is a list of one."""
    names = (value,) if isinstance(value, str) else value
    is_list = isinstance(names, (list, tuple, set, frozenset))
    return tuple(names) if is_list and all(isinstance(name, str) and name for name in names) else None


def parse_codes(value: Any) -> frozenset[str] | None:
    """Return a set of codes from a list, or from a text with commas."""
    codes = value.split(",") if isinstance(value, str) else value
    if not isinstance(codes, (list, tuple, set, frozenset)) or not all(isinstance(code, str) for code in codes):
        return None
    return frozenset(code.strip() for code in codes) - {""}


def parse_frame_ancestors(value: Any) -> str | None:
    """Return ``none``, ``self``, ``any``, or origins separated by spaces."""
    if value in ("none", "self", "any"):
        return str(value)
    origins = value.split() if isinstance(value, str) else value
    is_list = isinstance(origins, (list, tuple)) and bool(origins)
    if not is_list or not all(isinstance(origin, str) and _ORIGIN.fullmatch(origin) for origin in origins):
        return None
    return " ".join(origins)


def parse_countries(value: Any) -> frozenset[str] | None:
    """Return ISO 3166 codes from a list, or from a text with commas."""
    codes = parse_names(value.split(",") if isinstance(value, str) else value)
    if not codes:
        return None
    from phonenumbers import SUPPORTED_REGIONS  # takes 50 ms, so it is imported only if necessary

    countries = frozenset(code.strip().upper() for code in codes)
    return countries if countries <= set(SUPPORTED_REGIONS) else None


def parse_country(value: Any) -> str | None:
    """Return the ISO 3166 code of one country."""
    countries = parse_countries(value) if isinstance(value, str) else None
    return next(iter(countries)) if countries and len(countries) == 1 else None


def parse_public_url(value: Any) -> str | None:
    """Return an http or https address without user, query, fragment or final slash."""
    if not isinstance(value, str) or set("?#") & set(value) or not _PUBLIC_URL.fullmatch(value):
        return None
    try:
        urlsplit(value).port  # noqa: B018 (raises for an invalid port or IPv6 address)
    except ValueError:
        return None
    return value


def parse_translations(value: Any) -> str | None:
    """Return the absolute path of a folder that has compiled catalogues of our texts."""
    if not isinstance(value, (str, os.PathLike)) or not Path(value).is_absolute():
        return None
    try:
        found = [read_catalogue(path) for path in Path(value).glob(CATALOGUES)]
    except Exception:  # gettext raises exceptions of many classes for a damaged file
        return None
    return str(value) if found else None


def parse_secret(value: Any) -> str | None:
    """Return a text without line breaks or surrounding white space."""
    is_clean = isinstance(value, str) and value.isprintable() and value == value.strip()
    return value if is_clean and value else None


def parse_tokens(value: Any) -> tuple[str, ...] | None:
    """Return one or more secrets as a tuple. A text is a list of one."""
    tokens = parse_names(value if isinstance(value, (str, list, tuple)) else None)
    return tokens if tokens and all(map(parse_secret, tokens)) else None


def parse_whatsapp_sender(value: Any) -> str | None:
    """Return a number in E.164 without ``whatsapp:`` before it."""
    return value.removeprefix("whatsapp:") if is_number(value) else None


def parse_timeout(value: Any) -> tuple[float, float] | None:
    """Return the seconds to connect and the seconds to wait for the response. One number is used for both."""
    parts = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    if len(parts) != 2 or not all(_is_number(part, int, float) and 0 < part <= MAX_TIMEOUT_SECONDS for part in parts):
        return None
    return float(parts[0]), float(parts[1])


def parse_rate(value: Any) -> Rate | None:
    """Return a number of messages per time."""
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    most, count, unit = match.groups()
    return Rate(int(most), int(count or 1) * _SECONDS[unit])


def parse_quiet_hours(value: Any) -> QuietHours | None:
    """Return two different times of a day."""
    hours = value.split("-") if isinstance(value, str) else []
    if len(set(hours)) != 2 or len(hours) != 2 or not all(map(_HOURS.fullmatch, hours)):
        return None
    return QuietHours(*map(time.fromisoformat, hours))


TEXT = ValueType("text that is not empty", lambda value: value if isinstance(value, str) and value else None)
BOOLEAN = ValueType("True or False", lambda value: value if isinstance(value, bool) else None)
PATH = matching("a path that begins with a slash and does not end with one, such as /crm", r"(?s)/(.*[^/])?(?<!/)")
IDENTIFIER = ValueType(
    "a name that a template can use, such as relationships_tool",
    lambda value: value if isinstance(value, str) and value.isidentifier() else None,
)
TIME_ZONE = ValueType("the IANA name of a time zone, such as Europe/London", parse_time_zone)
NAMES = ValueType("a list of names", parse_names)
CODES = ValueType("a list of codes of check results", parse_codes)
FRAME_ANCESTORS = ValueType(
    "'none', 'self', 'any' or a list of origins such as https://intranet.example.com", parse_frame_ancestors
)
TRANSLATIONS = ValueType(
    "the absolute path of a folder with compiled catalogues <language>/LC_MESSAGES/flask_relationships.mo",
    parse_translations,
)
COUNTRY = ValueType("one ISO 3166 code such as GB (the United Kingdom is GB, not UK)", parse_country)
COUNTRIES = ValueType('ISO 3166 codes such as "GB, US" (the United Kingdom is GB, not UK)', parse_countries)
PUBLIC_URL = ValueType(
    "the application's public address, such as https://crm.example.com, with a host name of letters, digits and "
    "hyphens, and without user, query, fragment or final slash",
    parse_public_url,
)
ACCOUNT_SID = matching("a Twilio SID: AC and 32 hexadecimal digits", "AC[0-9a-fA-F]{32}")
API_KEY_SID = matching("a Twilio SID: SK and 32 hexadecimal digits", "SK[0-9a-fA-F]{32}")
MESSAGING_SERVICE_SID = matching("a Twilio SID: MG and 32 hexadecimal digits", "MG[0-9a-fA-F]{32}")
SECRET = ValueType("text without line breaks or surrounding white space", parse_secret)
TOKENS = ValueType("a token, or a list of tokens, without line breaks or surrounding white space", parse_tokens)
SMS_SENDER = ValueType(
    "a number in E.164 such as +442071838750, a short code, or a name of at most 11 letters, digits and the "
    "characters space + - _ &",
    lambda value: value if is_sender(value) else None,
)
WHATSAPP_SENDER = ValueType("a number in E.164 such as +442071838750", parse_whatsapp_sender)
TIMEOUT = ValueType(
    "(seconds to connect, seconds to wait for the response), each above 0 and at most 120", parse_timeout
)
RATE = ValueType('a number of messages per time, such as "100 per day" or "5 per 10 minutes"', parse_rate)
QUIET_HOURS = ValueType('two different times of a day, such as "21:00-08:00"', parse_quiet_hours)
