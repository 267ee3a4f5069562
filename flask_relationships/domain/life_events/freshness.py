"""Refresh auto-actions on the day they fall due, where they were created long before it.

They take the present names, texts and owner. The scheduled job refreshes them when their reminder falls due; a list
that is read earlier that day refreshes its own rows. After that day they stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ...context import Context
from ...db.rows import Rows
from ...errors import ChangedMeanwhile, place_of
from ...hosts.bound import BATCH
from ..actions import service as actions
from . import auto_actions
from .occurrences import days_from
from .people import People, read_people
from .reminders import MAX_SHIFT_DAYS

logger = logging.getLogger(__name__)

EVENT_COLUMNS = (
    *("contact_id", "event_type", "title", "about", "event_date", "month_day", "profile_id", "company_id"),
    "created_by_user_id",
)

MAX_DAYS_LATE = 31
"""Days for which a list refreshes actions that fell due while no scheduled job ran."""

MAX_REFRESHED_BY_A_LIST = 20
"""Actions that one reading of a list changes, each by four statements. The next reading, or the job, does the rest."""


def refresh(ctx: Context, ids: Collection[UUID], *, most: int | None = None) -> list[UUID]:
    """Update open auto-actions from their event, contact and owner, except what somebody set by hand.

    The caller commits.

    :param most: how many actions to change at most; None for all.
    :returns: the ids of the actions that changed.
    """
    rows = _read(ctx, ids) if ids else []
    if not rows:
        return []
    people = read_people(ctx, rows)
    known = actions.find_many(ctx, [row.action_id for row in rows])
    rows = [row for row in rows if row.contact_id in people.contacts and row.action_id in known]
    wanted = {row.action_id: _columns(ctx, row, people) for row in rows}
    assignee = "assigned_to_user_id"
    reassigned = [key for key, columns in wanted.items() if known[key].assigned_to_user_id != columns[assignee]]
    for key in _find_assigned_by_hand(ctx, reassigned):
        del wanted[key][assignee]
    changed = (key for key, columns in wanted.items() if _apply(ctx, known[key], columns))
    return list(islice(changed, most))


def _read(ctx: Context, ids: Collection[UUID]) -> Sequence[Any]:
    action, event, profile = ctx.models.Action, ctx.models.LifeEvent, ctx.models.Profile
    own = [getattr(event, name) for name in EVENT_COLUMNS]
    rows = sa.select(action.id.label("action_id"), action.occurrence_date, *own)
    rows = rows.add_columns(profile.preferred_name, profile.birthday_month_day.label("birthday"))
    rows = rows.join(event, event.id == action.life_event_id)
    rows = rows.outerjoin(profile, profile.contact_id == event.contact_id)
    pending = (action.id.in_(list(ids)), action.status == "pending", action.source == "auto")
    return ctx.execute(rows.where(*pending).order_by(action.id)).all()


def _columns(ctx: Context, row: Any, people: People) -> dict[str, Any]:
    return {
        **auto_actions.words(ctx, row, row.occurrence_date, people.facts(row)),
        "company_id": row.company_id,
        "assigned_to_user_id": people.assignee(row),
    }


def _find_assigned_by_hand(ctx: Context, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of these actions that somebody assigned. Version 0.1 stored that in the history alone."""
    if not ids:
        return set()
    table = ctx.models.ActionChange
    assigned = sa.or_(table.assigned_before_id.is_not(None), table.assigned_after_id.is_not(None))
    by_hand = sa.select(table.action_id).where(table.action_id.in_(ids), table.by.in_(("user", "task")), assigned)
    return set(ctx.execute(by_hand).scalars())


def _apply(ctx: Context, action: Any, columns: dict[str, Any]) -> bool:
    try:
        return actions.move(ctx, action, now=ctx.now(), **columns)
    except ChangedMeanwhile:  # another request edits the action at this moment
        return False


def refresh_due(ctx: Context, today: date) -> None:
    """Refresh all actions that have fallen due and that no scheduled job has refreshed yet. Commits."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    waiting = event.next_reminder.between(days_from(today, -MAX_DAYS_LATE), days_from(today, _max_shift_days(ctx)))
    due = sa.select(action.id).join(event, event.id == action.life_event_id)
    due = due.where(waiting, action.status == "pending", action.source == "auto", action.due <= today)
    ids = list(ctx.execute(due.order_by(action.id)).scalars())
    for start in range(0, len(ids), BATCH):
        refresh(ctx, ids[start : start + BATCH])
        ctx.commit()


def _max_shift_days(ctx: Context) -> int:
    return 0 if ctx.business_day is None else MAX_SHIFT_DAYS


def refresh_listed(ctx: Context, rows: Rows, today: date) -> bool:
    """Refresh the actions of a list that have fallen due and that no scheduled job has refreshed yet. Commits.

    :param rows: of `actions.queries`.
    :returns: whether the list has to be read again.
    """
    due = list(_fallen_due(rows, today))
    if not due:
        return False
    try:
        changed = refresh(ctx, _find_unprocessed(ctx, due), most=MAX_REFRESHED_BY_A_LIST)
        if changed:
            ctx.commit()
    except DBAPIError as error:  # such as a read-only database: the list is shown as it is
        ctx.session.rollback()
        logger.error("actions that are due could not be refreshed: %s", place_of(error))
        return False
    return bool(changed)


def _fallen_due(rows: Rows, today: date) -> Iterable[UUID]:
    names = ("id", "source", "status", "life_event_id", "due_date")
    key, source, status, event, day = (rows.names.index(name) for name in names)
    earliest = days_from(today, -MAX_DAYS_LATE)
    for row in rows.rows:
        is_open = (row[source], row[status]) == ("auto", "pending")
        if is_open and row[event] and row[day] and earliest <= date.fromisoformat(str(row[day])) <= today:
            yield UUID(str(row[key]))


def _find_unprocessed(ctx: Context, ids: Sequence[UUID]) -> list[UUID]:
    """Return those whose event still waits for the scheduled job of their day."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    due = sa.select(action.id, action.due, event.next_reminder).join(event, event.id == action.life_event_id)
    rows = ctx.execute(due.where(action.id.in_(ids))).all()
    return [row.id for row in rows if row.next_reminder <= days_from(row.due, _max_shift_days(ctx))]
