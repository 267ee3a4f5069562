"""The occurrence that an auto-action is for, where it is not its due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ...translations import text, written_day

MAX_DAYS_WITHOUT_YEAR = 180
"""Days within which an occurrence is written without its year."""


def name_occurrence(action: Mapping[str, Any], seen_on: date) -> str | None:
    """Return the occurrence of an action as text, such as "for 15 May"; None if it is due on that day.

    :param action: the members of an action as the API names them; dates as dates or texts.
    :param seen_on: the day on which the text is read.
    """
    occurrence, due = _date(action.get("occurrence_date")), _date(action.get("due_date"))
    if action.get("life_event_id") is None or occurrence is None or occurrence == due:
        return None
    far = abs((occurrence - seen_on).days) > MAX_DAYS_WITHOUT_YEAR
    return text("for {day}", day=written_day(occurrence, "yMMMMd" if far else "MMMMd"))


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
