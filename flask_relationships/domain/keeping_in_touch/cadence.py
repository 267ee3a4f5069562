"""How often somebody wants to be in touch with a contact, counted in days.

Days are kept as ordinals (`date.toordinal`), because every database adds whole numbers alike, and none adds days to
dates like another. It counts from the last contact's day; where there was none, from the day the cadence was set.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from ..models import Models

LONGEST = 3660
"""In days: ten years."""


def counted(day: Any, cadence_days: Any) -> dict[str, Any]:
    """The columns that follow from the day it counts from: when contact is due, and when to remind of it."""
    due = day + cadence_days
    return {"in_touch_due_day": due, "in_touch_remind_day": due}


def columns(models: Models, profile: Any, days: int | None, today: date, *, user: Any) -> dict[str, Any]:
    """Return the columns that set or clear the cadence of a profile. A change keeps what it counts from."""
    if days == profile.cadence_days:
        return {}
    table, now = models.Profile, today.toordinal()
    values: dict[str, Any] = dict.fromkeys(
        ("cadence_days", "cadence_since_day", "cadence_set_by_user_id", "in_touch_due_day", "in_touch_remind_day")
    )
    values |= {"in_touch_user_id": None, "in_touch_user_known": None}
    if days is not None:
        since = sa.func.coalesce(table.cadence_since_day, now)
        values |= {"cadence_days": days, "cadence_since_day": since, "cadence_set_by_user_id": user}
        values |= counted(sa.func.coalesce(table.last_contact_day, since), days)
    return values


def next_reminder(table: Any, today: date) -> Any:
    """The day on which a whole cadence more has passed: in SQL, for profiles whose day to be reminded has come."""
    late = (sa.literal(today.toordinal()) - table.in_touch_due_day) // table.cadence_days
    return table.in_touch_due_day + (late + 1) * table.cadence_days
