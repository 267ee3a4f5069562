"""The auto-action of a life event: one for each occurrence, moved when the event moves, never doubled.

Unique on (life event, occurrence key, reminder slot): saving again, or twice at once, cannot make a second.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ..action_centre import service as action_centre
from ..actions import service as actions
from ..binding.hosts import HostRow
from ..fields import Name
from ..state import state
from ..tables.build import Models
from ..tables.execute import execute, insert_if_absent
from .occurrences import next_occurrence
from .tables import LifeEventTable
from .templates import fill

if TYPE_CHECKING:
    from ..actions.tables import ActionTable

UNDATED = "undated"

SLOT = 0
"""The reminder slot of the one reminder an event has."""


def gets_reminders(contact: HostRow) -> bool:
    """Whether a contact is one of whom anybody wants to be reminded: the mapping's ``active`` says otherwise."""
    active = contact.values.get("active")
    return active is None or bool(active)


def occurrence_of(event: LifeEventTable, today: date) -> date | None:
    """The occurrence an event's auto-action is for now: the next, or the only one where that is past."""
    coming = next_occurrence(event.event_date, event.month_day, today, state.settings.leap_day)
    return coming or event.event_date


def _columns(event: LifeEventTable, contact: HostRow) -> dict[str, Any]:
    """What an auto-action says of its event and occurrence: all that follows when the event is edited."""
    today = state.today()
    occurrence = occurrence_of(event, today)
    due = None
    if occurrence is not None:
        ahead = (occurrence - today).days - event.auto_action_days_before
        due = today + timedelta(days=max(0, ahead))
    return {
        **fill(event.event_type, event.title, contact.values.get("first_name"), Name),
        "occurrence_date": occurrence,
        "occurrence_key": UNDATED if occurrence is None else occurrence.isoformat(),
        "days_before": event.auto_action_days_before,
        "due_date": due,
        "company_id": event.company_id,
    }


def _owner(session: Session, contact: HostRow) -> Any | None:
    """Who looks after a contact, unless they are hidden from whoever it was looked up for."""
    owner, users = contact.values.get("owner"), state.hosts.user
    if owner is None or users.joinable or not users.hooked:
        return owner  # a hidden one is not in the contact's values
    return owner if owner in users.seen(session, [owner], contact.viewer) else None


def _new(session: Session, event: LifeEventTable, contact: HostRow, user: Any) -> dict[str, Any]:
    owner = _owner(session, contact)
    return {
        **_columns(event, contact),
        "contact_id": event.contact_id,
        "life_event_id": event.id,
        "reminder_slot": SLOT,
        "source": "auto",
        "status": "pending",
        "assigned_to_user_id": user if owner is None else owner,
        "created_by_user_id": user,
    }


def add(session: Session, models: Models, event: LifeEventTable, contact: HostRow, user: Any) -> ActionTable:
    """The auto-action of an event that was just created. Flushes."""
    return actions.add(session, models, _new(session, event, contact, user), now=state.now())


def follow(
    session: Session, models: Models, event: LifeEventTable, contact: HostRow, user: Any, *, anew: bool
) -> ActionTable | None:
    """Bring the open auto-action in line with an edited event; ``anew``: its date or its switch has changed.

    Moves the open one; without one, and only anew, creates one or opens again what the plugin itself dismissed.
    What is done stays done, also where the event moves back to an occurrence that was done before. Returns an action
    that was created.
    """
    if not event.auto_action_enabled or not gets_reminders(contact):
        dismiss(session, models, event)
        return None
    columns, now = _columns(event, contact), state.now()
    known = _of_event(session, models, event)
    opened = [action for action in known if action.status == "pending"]
    there = next((action for action in known if action.occurrence_key == columns["occurrence_key"]), None)
    if opened:
        latest = opened[-1]
        if there is None or there is latest:
            actions.move(session, models, latest, now=now, **columns)
        elif there.status != "pending":
            actions.close(session, models, latest, "dismissed", user=None, closed_by="plugin", now=now)
        return None
    if not anew:
        return None
    if there is not None:
        if there.closed_by == "plugin":
            actions.reopen(session, models, there, by="plugin", now=now, **columns)
        return None
    return _create_once(session, models, _new(session, event, contact, user))


def _create_once(session: Session, models: Models, values: dict[str, Any]) -> ActionTable | None:
    now, mine = state.now(), uuid7()
    row = {
        **values,
        "id": mine,
        "due": values["due_date"] or actions.NO_DATE,
        "created_at": now,
        "updated_at": now,
    }
    insert_if_absent(session, models.Action, row)
    action = actions.find(session, models, mine)
    if action is not None:
        action_centre.mirror(session, action)
    return action


def dismiss(session: Session, models: Models, event: LifeEventTable) -> None:
    """Dismiss the open auto-actions of an event; what is done is kept."""
    for action in _of_event(session, models, event):
        if action.status == "pending":
            actions.close(session, models, action, "dismissed", user=None, closed_by="plugin", now=state.now())


def _of_event(session: Session, models: Models, event: LifeEventTable) -> list[ActionTable]:
    table = models.Action
    mine = sa.select(table).where(table.life_event_id == event.id).order_by(table.due, table.id)
    return list(execute(session, models.mapper, mine).scalars())
