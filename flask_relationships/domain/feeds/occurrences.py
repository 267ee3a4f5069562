"""Which day an auto-action is for, where that is another one than the day it is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ...translations import text, written_day

A_LONG_WAY_DAYS = 180
"""An occurrence further away than this is named with its year."""


def name_occurrence(action: Mapping[str, Any], seen_on: date) -> str | None:
    """Return the day to name beside an action, as in "for 15 May"; None for one that is due on that day.

    :param action: the members of an action as the API names them; dates as dates or texts.
    :param seen_on: the day on which somebody reads it.
    """
    occurrence, due = _date(action.get("occurrence_date")), _date(action.get("due_date"))
    if action.get("life_event_id") is None or occurrence is None or occurrence == due:
        return None
    far = abs((occurrence - seen_on).days) > A_LONG_WAY_DAYS
    return text("for {day}", day=written_day(occurrence, "yMMMMd" if far else "MMMMd"))


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
