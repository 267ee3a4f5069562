"""Auto-actions that were created long before their day take the names, words and owner of the day they fall due.

The scheduled job refreshes them when their reminder falls due. Where somebody reads a list earlier that day, the list
refreshes what it shows. After that day they stay as they are.
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
from ...hosts.bound import BATCH, SYSTEM
from ..actions import service as actions
from . import auto_actions
from .occurrences import days_from
from .reminders import FURTHEST_SHIFT
from .subjects import ContactFacts

logger = logging.getLogger(__name__)

CONTACT = ("first_name", "last_name", "owner")

OF_EVENT = (
    *("contact_id", "event_type", "title", "about", "event_date", "month_day", "profile_id", "company_id"),
    "created_by_user_id",
)

LOOKED_BACK = 31
"""Days for which a list refreshes actions that fell due while no scheduled job ran."""

MAX_REFRESHED_BY_A_LIST = 20
"""Actions that one reading of a list changes, each by four statements. The next reading, or the job, does the rest."""


def refresh(ctx: Context, ids: Collection[UUID], *, most: int | None = None) -> list[UUID]:
    """Bring open auto-actions in line with their event, contact and owner, except what somebody set by hand.

    The caller commits.

    :param most: how many actions are changed at most; None for all.
    :returns: the ids of the actions that changed.
    """
    rows = _read(ctx, ids) if ids else []
    if not rows:
        return []
    contacts = ctx.hosts.contact.values(ctx.session, {row.contact_id for row in rows}, CONTACT, SYSTEM)
    mentioned = {row.created_by_user_id for row in rows} | {owner for *_, owner in contacts.values()}
    present = set(ctx.hosts.user.values(ctx.session, mentioned, ("time_zone",), SYSTEM))
    known = actions.find_many(ctx, [row.action_id for row in rows])
    wanted = {
        row.action_id: _columns(ctx, row, contacts[row.contact_id], present)
        for row in rows
        if row.contact_id in contacts
    }
    assigned = _assigned_by_hand(ctx, [key for key in wanted if _moves(known.get(key), wanted[key])])
    changed = (key for key in wanted if key in known and _apply(ctx, known[key], wanted[key], assigned))
    return list(islice(changed, most))


def _read(ctx: Context, ids: Collection[UUID]) -> Sequence[Any]:
    action, event, profile = ctx.models.Action, ctx.models.LifeEvent, ctx.models.Profile
    own = [getattr(event, name) for name in OF_EVENT]
    asked = sa.select(action.id.label("action_id"), action.occurrence_date, *own)
    asked = asked.add_columns(profile.preferred_name, profile.birthday_month_day.label("birthday"))
    asked = asked.join(event, event.id == action.life_event_id)
    asked = asked.outerjoin(profile, profile.contact_id == event.contact_id)
    pending = (action.id.in_(list(ids)), action.status == "pending", action.source == "auto")
    return ctx.execute(asked.where(*pending).order_by(action.id)).all()


def _columns(ctx: Context, row: Any, contact: Sequence[Any], present: set[Any]) -> dict[str, Any]:
    first_name, last_name, owner = contact
    facts = ContactFacts(first_name, last_name, row.preferred_name, row.birthday)
    assignee = next((user for user in (owner, row.created_by_user_id) if user in present), None)
    return {
        **auto_actions.words(ctx, row, row.occurrence_date, facts),
        "company_id": row.company_id,
        "assigned_to_user_id": assignee,
    }


def _moves(action: Any, columns: dict[str, Any]) -> bool:
    return action is not None and action.assigned_to_user_id != columns["assigned_to_user_id"]


def _assigned_by_hand(ctx: Context, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of these actions that somebody assigned. Version 0.1 has written that to the history alone."""
    if not ids:
        return set()
    table = ctx.models.ActionChange
    assigned = sa.or_(table.assigned_before_id.is_not(None), table.assigned_after_id.is_not(None))
    asked = sa.select(table.action_id).where(table.action_id.in_(ids), table.by.in_(("user", "task")), assigned)
    return set(ctx.execute(asked).scalars())


def _apply(ctx: Context, action: Any, columns: dict[str, Any], assigned: set[UUID]) -> bool:
    if action.id in assigned:
        columns = {name: value for name, value in columns.items() if name != "assigned_to_user_id"}
    try:
        return actions.move(ctx, action, now=ctx.now(), **columns)
    except ChangedMeanwhile:  # somebody is editing it: what they write holds
        return False


def refresh_due(ctx: Context, today: date) -> None:
    """Refresh all actions that have fallen due and that no scheduled job has refreshed yet. Commits."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    shifted = FURTHEST_SHIFT if ctx.business_day is not None else 0
    asked = sa.select(action.id).join(event, event.id == action.life_event_id)
    waiting = event.next_reminder.between(days_from(today, -LOOKED_BACK), days_from(today, shifted))
    due = (waiting, action.status == "pending", action.source == "auto", action.due <= today)
    ids = list(ctx.execute(asked.where(*due).order_by(action.id)).scalars())
    for start in range(0, len(ids), BATCH):
        refresh(ctx, ids[start : start + BATCH])
        ctx.session.commit()


def refresh_listed(ctx: Context, rows: Rows, today: date) -> bool:
    """Refresh the actions of a list that have fallen due and that no scheduled job has refreshed yet. Commits.

    :param rows: of `actions.lists`.
    :returns: whether the list has to be read again.
    """
    due = list(_fallen_due(rows, today))
    if not due:
        return False
    try:
        changed = refresh(ctx, _unprocessed(ctx, due), most=MAX_REFRESHED_BY_A_LIST)
        if changed:
            ctx.session.commit()
    except DBAPIError as error:  # such as a read-only database: the list is shown as it is
        ctx.session.rollback()
        logger.error("the actions that are due could not be refreshed: %s", place_of(error))
        return False
    return bool(changed)


def _fallen_due(rows: Rows, today: date) -> Iterable[UUID]:
    names = ("id", "source", "status", "life_event_id", "due_date")
    key, source, status, event, day = (rows.names.index(name) for name in names)
    earliest = days_from(today, -LOOKED_BACK)
    for row in rows.rows:
        automatic = row[status] == "pending" and row[source] == "auto" and row[event] is not None
        if automatic and row[day] is not None and earliest <= _date(row[day]) <= today:
            yield row[key] if isinstance(row[key], UUID) else UUID(row[key])


def _date(value: Any) -> date:
    """Return a date of a list, which reads dates as text from some databases."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _unprocessed(ctx: Context, ids: Sequence[UUID]) -> list[UUID]:
    """Return those whose event still waits for the scheduled job of their day."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    asked = sa.select(action.id, action.due, event.next_reminder).join(event, event.id == action.life_event_id)
    rows = ctx.execute(asked.where(action.id.in_(ids))).all()
    shifted = FURTHEST_SHIFT if ctx.business_day is not None else 0
    return [row.id for row in rows if row.next_reminder <= days_from(row.due, shifted)]
