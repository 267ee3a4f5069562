"""Dismiss reminders that are too early after a change of the cadence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ...context import Context
from ..actions import service as actions
from ..actions.models import ActionTable


def dismiss_early(ctx: Context, profile: Any, today: date) -> Sequence[ActionTable]:
    """Dismiss the open reminders of a profile that is not due by ``today``.

    The scheduled job reopens such an action if a later change leads to the same day.

    :returns: the actions that were dismissed.
    """
    if profile.in_touch_due_day is None or profile.in_touch_due_day <= today.toordinal():
        return ()
    table = ctx.models.Action
    return actions.dismiss_pending(ctx, table.profile_id == profile.id)


def is_early(occurrence: date | None, due_day: int | None) -> bool:
    """Return whether a reminder is for a day before the one on which the profile is due now."""
    return occurrence is not None and due_day is not None and occurrence.toordinal() < due_day
