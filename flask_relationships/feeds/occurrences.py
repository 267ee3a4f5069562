"""Which day an auto-action is for, where that is another one than the day it is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any


def named_occurrence(action: Mapping[str, Any]) -> date | None:
    """Return the day to name beside an action: the occurrence of its life event, unless it is due on that day.

    :param action: the members of an action as the API names them; dates as dates or texts.
    """
    occurrence, due = _date(action.get("occurrence_date")), _date(action.get("due_date"))
    return None if action.get("life_event_id") is None or occurrence == due else occurrence


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
