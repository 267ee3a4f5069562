"""What a mapped field holds, as the text that is shown: hosts keep names and numbers in every type there is."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa

from ..domain.contacts.addresses import written_number
from ..errors import place_of

logger = logging.getLogger(__name__)


def is_plain(kind: sa.types.TypeEngine[Any] | None) -> bool:
    """Whether a column of this type comes back as text by itself. An enumeration and a host's own type do not."""
    return isinstance(kind, sa.String) and not isinstance(kind, sa.Enum)


def is_empty(value: Any) -> bool:
    """Nothing, blank text, or a collection with nothing in it."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, set, frozenset)) and not value)


def not_empty(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """The same in SQL. Spaces are trimmed, since MariaDB alone takes them for nothing."""
    return sa.func.trim(value) != "" if is_plain(value.type) else value.is_not(None)


def null_if_empty(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((not_empty(value), value), else_=sa.null())


def as_text(value: Any) -> str | None:
    """The text of a value: an enumeration's value, a number's digits, an ISO date, E.164, the first of several."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, Enum):
        return as_text(value.value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple, set, frozenset)):
        return _first(value)
    return _written(value)


def _first(values: Iterable[Any]) -> str | None:
    return next((text for text in map(as_text, values) if not is_empty(text)), None)


def _written(value: Any) -> str | None:
    """An object's own text; a phone number's in E.164, since its own leaves the country out."""
    try:
        return written_number(value) if hasattr(value, "national_number") else str(value)
    except Exception as error:
        logger.error("a %s of the host has no text and is shown as null: %s", type(value).__name__, place_of(error))
        return None
