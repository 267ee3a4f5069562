"""Convert a date or an instant (ISO 8601) to a civil date.

East of UTC, JavaScript's ``toISOString()`` of local midnight gives the previous day. An instant is therefore converted
to the viewer's time zone. Midnight is not converted: programs that have only dates write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, tzinfo

DATE = r"\d{4}-\d{2}-\d{2}"
TIME = r"[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?"

_TIMESTAMP = re.compile(rf"({DATE}){TIME}", re.ASCII)


def is_timestamp(text: str) -> bool:
    """Return whether a text has the shape of a date with a time."""
    return _TIMESTAMP.fullmatch(text) is not None


def read_timestamp(text: str, zone: Callable[[], tzinfo]) -> str:
    """Return the civil date of a timestamp, as ``YYYY-MM-DD``.

    The written date is kept without an offset, and where the written time is 00:00:00. Any other instant is converted.

    :param zone: returns the time zone to convert to; called only where it is needed.
    :raises ValueError: if the text is no timestamp, or its time does not exist.
    """
    written = _TIMESTAMP.fullmatch(text)
    if written is None:
        raise ValueError("not a timestamp")
    day, clock, offset = written.groups()
    of_day = datetime.fromisoformat(f"2000-01-01T{clock}{offset or ''}")
    if offset is None or of_day.time() == time.min:
        return str(day)
    try:
        return datetime.fromisoformat(text).astimezone(zone()).date().isoformat()
    except OverflowError:
        raise ValueError("beyond the first or last day there is") from None
