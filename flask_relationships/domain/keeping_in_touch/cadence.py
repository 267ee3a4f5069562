"""The cadence of a contact: the days between two contacts.

Days are stored as ordinals (`date.toordinal`), because all databases add integers alike, but dates differently. A
cadence counts from the day of the last contact; without one, from the day on which it was set.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from ..models import Models

MAX_CADENCE_DAYS = 3660
"""Ten years."""


def counted(day: Any, cadence_days: Any) -> dict[str, Any]:
    """Return the columns with the days on which contact and its reminder are due, counted from a day."""
    due = day + cadence_days
    return {"in_touch_due_day": due, "in_touch_remind_day": due}


def columns(models: Models, profile: Any, days: int | None, today: date, *, user: Any) -> dict[str, Any]:
    """Return the columns that set or clear the cadence of a profile. A change keeps the day that it counts from."""
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
    """Return, in SQL, the first day after today that is whole cadences after the due day."""
    late = (sa.literal(today.toordinal()) - table.in_touch_due_day) // table.cadence_days
    return table.in_touch_due_day + (late + 1) * table.cadence_days
