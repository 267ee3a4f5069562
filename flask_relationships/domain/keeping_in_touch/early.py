"""Reminders to keep in touch that a changed cadence has made too early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ..actions import service as actions
from ..actions.models import ActionTable


def dismiss_early(ctx: Context, profile: Any, today: date) -> Sequence[ActionTable]:
    """Dismiss the open reminders of a profile that is not due by ``today``.

    The scheduled job opens such an action again where the same day follows from a later change.

    :returns: the actions that were dismissed.
    """
    if profile.in_touch_due_day is None or profile.in_touch_due_day <= today.toordinal():
        return ()
    table = ctx.models.Action
    opened = sa.select(table).where(table.profile_id == profile.id, table.status == "pending")
    found = ctx.execute(opened).scalars().all()
    how: Any = {"user": None, "closed_by": "plugin", "now": ctx.now()}
    return actions.close_many(ctx, found, "dismissed", **how)


def is_early(occurrence: date | None, due_day: int | None) -> bool:
    """Return whether a reminder is for a day before the one on which the profile is due now."""
    return occurrence is not None and due_day is not None and occurrence.toordinal() < due_day
