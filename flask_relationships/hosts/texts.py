"""Convert values of mapped fields to the text that is shown. Hosts store names and numbers in many types."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa

from ..domain.contacts.addresses import written_number
from ..errors import place_of

logger = logging.getLogger(__name__)


def is_plain(kind: sa.types.TypeEngine[Any] | None) -> bool:
    """Return whether the database returns a column of this type as text. Enumerations and custom types are not text."""
    return isinstance(kind, sa.String) and not isinstance(kind, sa.Enum)


def is_empty(value: Any) -> bool:
    """Return whether a value is None, blank text or an empty collection."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, set, frozenset)) and not value)


def not_empty(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the opposite of `is_empty` in SQL. Spaces are trimmed: only MariaDB ignores them in comparisons."""
    return sa.func.trim(value) != "" if is_plain(value.type) else value.is_not(None)


def null_if_empty(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a value in SQL, and NULL where it is empty."""
    return sa.case((not_empty(value), value), else_=sa.null())


def as_text(value: Any) -> str | None:
    """Return the text of a value: a number's digits, an ISO date, E.164, the first non-empty item of a collection."""
    if value is None or type(value) is str:
        return value
    for kind, write in WRITERS:
        if isinstance(value, kind):
            return write(value)
    try:  # the text of a phone number would leave the country out
        return written_number(value) if hasattr(value, "national_number") else str(value)
    except Exception as error:
        logger.error("a %s of the host has no text and is shown as null: %s", type(value).__name__, place_of(error))
        return None


def _first(values: Iterable[Any]) -> str | None:
    return next((text for text in map(as_text, values) if not is_empty(text)), None)


WRITERS: tuple[tuple[Any, Callable[[Any], str | None]], ...] = (
    (Enum, lambda member: as_text(member.value)),
    ((date, time), lambda moment: moment.isoformat()),
    (float, lambda number: f"{number:.0f}" if number.is_integer() else str(number)),
    (Decimal, lambda number: f"{number.normalize():f}"),
    (bytes, lambda raw: raw.decode("utf-8", "replace")),
    ((list, tuple, set, frozenset), _first),
)
"""How values of these types are written as text. The first type that fits counts."""
