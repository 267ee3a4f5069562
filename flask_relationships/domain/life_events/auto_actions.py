"""The auto-actions of a life event: at most one for each occurrence and reminder.

A unique key (life event, occurrence key, reminder slot) keeps two requests from creating the same one.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, get_args

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.base import MAX_NAME_LENGTH
from ...errors import place_of
from ...hosts.bound import HostRow
from ..action_centre import service as action_centre
from ..actions import service as actions
from ..contacts import activity
from ..models import Models
from .models import LifeEventTable
from .occurrences import LeapDay, days_from, in_year, next_occurrence, years_at
from .reminders import MAX_SHIFT_DAYS, Shift, slots
from .subjects import BIRTHDAY, ContactFacts, is_anniversary, is_of_contact, kind_of
from .templates import fill, names_preferred, template_of

if TYPE_CHECKING:
    from ..actions.models import ActionTable

logger = logging.getLogger(__name__)

UNDATED = "undated"
"""The occurrence key of an event without a date."""

MAX_AGE_YEARS = 130
"""An age above this is left out of the text: nobody has been that old, so the year is wrong."""

DATE_MEMBERS = {"event_date", "recurs_annually", "month_day", "first_occurrence"}
"""The members of an event that decide when it occurs."""

REMINDER_MEMBERS = DATE_MEMBERS | {"auto_action_enabled", "auto_action_days_before", "further_reminders"}
"""The members of an event that decide whether and when it has a reminder."""


def shift(ctx: Context) -> Shift | None:
    """Return the application's ``business_day=`` with its errors handled; None without one."""
    return None if ctx.business_day is None else cache(partial(_shifted_day, ctx.business_day))


def _shifted_day(business_day: Callable[[date], date], day: date) -> date:
    """Return the business day of a day: the day itself where the function fails or returns one too far away."""
    try:
        found: Any = business_day(day)
        if isinstance(found, date) and abs(found.toordinal() - day.toordinal()) <= MAX_SHIFT_DAYS:
            return date(found.year, found.month, found.day)
    except Exception as error:  # a host's function may raise anything
        logger.error("business_day raised; the reminder keeps its day: %s", place_of(error))
        return day
    logger.error("business_day must return a date within %s days; the reminder keeps its day", MAX_SHIFT_DAYS)
    return day


def occurrence_of(ctx: Context, event: LifeEventTable, today: date) -> date | None:
    """Return the next occurrence of an event, or the date of a one-off event that is past."""
    anniversary = is_anniversary(event.event_type)
    coming = next_occurrence(event.event_date, event.month_day, today, ctx.settings.leap_day, anniversary)
    return coming or event.event_date


def due_day(ctx: Context, occurrence: date | None, days_before: int, today: date) -> date | None:
    """Return the due date of an auto-action of an event that was just created or edited: not before today."""
    if occurrence is None:
        return None
    plain, moved = days_from(occurrence, -days_before), shift(ctx)
    return max(moved(plain) if moved else plain, today)


def key_of(occurrence: date | None) -> str:
    """Return the occurrence key of an action."""
    return UNDATED if occurrence is None else occurrence.isoformat()


def comparable_key(month_day: int | None, key: str) -> str:
    """Return an occurrence key so that the two leap-day policies have the same one for an event of 29 February."""
    if month_day != 229 or key == UNDATED:
        return key
    days = {in_year(int(key[:4]), month_day, policy).isoformat() for policy in get_args(LeapDay)}
    return key[:4] if key in days else key


def words(ctx: Context, event: Any, occurrence: date | None, contact: ContactFacts) -> dict[str, str | None]:
    """Return the type, title and drafted message of an auto-action."""
    return fill(
        template_of(event.event_type, ctx.templates),
        MAX_NAME_LENGTH,
        title=event.title,
        first_name=contact.first_name,
        preferred_name=contact.preferred_name,
        age=_age_at(event, occurrence),
        about=event.about,
        of_contact=is_of_contact(event, contact),
    )


def _age_at(event: Any, occurrence: date | None) -> int | None:
    years = None if event.month_day is None else years_at(event.event_date, occurrence)
    if years is not None and years > MAX_AGE_YEARS and kind_of(event.event_type) == BIRTHDAY:
        return None
    return years


def _read_facts(ctx: Context, event: LifeEventTable, contact: HostRow) -> ContactFacts:
    """Return what the text of an event's auto-action depends on. Read the profile only where the text needs it."""
    names = contact.values.get("first_name"), contact.values.get("last_name")
    needs_profile = kind_of(event.event_type) == BIRTHDAY or names_preferred(
        template_of(event.event_type, ctx.templates)
    )
    found = ctx.execute(_select_facts(ctx.models), of_contact=event.contact_id).first() if needs_profile else None
    return ContactFacts(*names, *(found or ()))


@lru_cache(maxsize=32)
def _select_facts(models: Models) -> sa.Select[Any]:
    table = models.Profile
    columns: list[Any] = [table.preferred_name, table.birthday_month_day]
    return sa.select(*columns).where(table.contact_id == sa.bindparam("of_contact"))


def _owner(ctx: Context, contact: HostRow) -> Any | None:
    """Return the owner of a contact, or None where hooks hide the owner from the viewer of the contact."""
    owner, users = contact.values.get("owner"), ctx.hosts.user
    if owner is None or users.joinable or not users.hooked:
        return owner  # a joined owner that is hidden is not in the contact's values
    return owner if owner in users.seen(ctx.session, [owner], contact.viewer) else None


class EventActions:
    """The auto-actions of one event while the event is created or edited."""

    def __init__(self, ctx: Context, event: LifeEventTable, contact: HostRow, user: Any) -> None:
        self.ctx, self.event, self.contact, self.user = ctx, event, contact, user
        self.facts = _read_facts(ctx, event, contact)
        self.today = ctx.today(user)

    def columns(self, occurrence: date | None, days_before: int) -> dict[str, Any]:
        """Return the columns of an auto-action that follow from its event and occurrence."""
        return {
            **words(self.ctx, self.event, occurrence, self.facts),
            "occurrence_date": occurrence,
            "occurrence_key": key_of(occurrence),
            "days_before": days_before,
            "due_date": due_day(self.ctx, occurrence, days_before, self.today),
            "company_id": self.event.company_id,
        }

    def new(self) -> dict[str, Any]:
        """Return the columns of the action in slot 0 for the next occurrence."""
        event, owner = self.event, _owner(self.ctx, self.contact)
        return {
            **self.columns(occurrence_of(self.ctx, event, self.today), event.auto_action_days_before),
            "contact_id": event.contact_id,
            "life_event_id": event.id,
            "reminder_slot": 0,
            "source": "auto",
            "status": "pending",
            "assigned_to_user_id": self.user if owner is None else owner,
            "created_by_user_id": self.user,
        }

    def update_slot(self, known: list[ActionTable], days_before: int, altered: set[str]) -> None:
        """Update the open actions of one slot: move the latest one to the next occurrence where the dates changed.

        :param known: all actions of the slot, the latest occurrence last.
        """
        opened = [action for action in known if action.status == "pending"]
        latest = opened[-1] if opened and _must_move(opened[-1], altered) else None
        for action in opened:
            if action is not latest:
                self._update_in_place(action, days_before)
        if latest is None:
            return
        columns = self.columns(occurrence_of(self.ctx, self.event, self.today), days_before)
        existing = _find_occurrence(self.event, columns["occurrence_key"], known)
        if existing is None or existing is latest:
            actions.move(self.ctx, latest, now=self.ctx.now(), **columns)
        elif existing.status != "pending":
            _dismiss_open(self.ctx, [latest])

    def _update_in_place(self, action: ActionTable, days_before: int) -> None:
        """Update an action that keeps its occurrence. It keeps its due date unless the days before changed."""
        columns = self.columns(action.occurrence_date, days_before)
        if action.days_before == days_before:
            columns["due_date"] = action.due_date
        actions.move(self.ctx, action, now=self.ctx.now(), **columns)


def _must_move(action: ActionTable, altered: set[str]) -> bool:
    return bool(altered & DATE_MEMBERS) or action.occurrence_date is None


def add(ctx: Context, event: LifeEventTable, contact: HostRow, user: Any) -> ActionTable:
    """Create the auto-action of an event that was just created. Flushes."""
    return actions.add(ctx, EventActions(ctx, event, contact, user).new(), now=ctx.now())


def follow(ctx: Context, event: LifeEventTable, contact: HostRow, user: Any, altered: set[str]) -> ActionTable | None:
    """Update the auto-actions of an edited event. Closed actions stay closed, unless the plugin dismissed them.

    - The open actions of each slot move. Those of a removed reminder are dismissed.
    - Where the dates or reminders changed, slot 0 gets an action for the next occurrence, unless it has an open one
      whose lead days have not begun.
    - Where the event was enabled or recurs again, actions that the plugin dismissed are reopened in every slot.

    :param altered: the members of the event that changed.
    :returns: an action that was created.
    """
    is_over = event.profile_id is not None and not event.recurs_annually
    if is_over or not event.auto_action_enabled or not activity.is_active(contact):
        dismiss(ctx, event)
        return None
    known = defaultdict[int, list[Any]](list)
    for action in _lock_actions(ctx, event):
        known[action.reminder_slot].append(action)
    of_event, wanted = EventActions(ctx, event, contact, user), dict(slots(event))
    for slot in list(known):
        if slot in wanted:
            of_event.update_slot(known[slot], wanted[slot], altered)
        else:
            _dismiss_open(ctx, known[slot])
    return _renew(of_event, known, wanted, altered) if altered & REMINDER_MEMBERS else None


def _renew(
    of_event: EventActions, known: dict[int, list[ActionTable]], wanted: dict[int, int], altered: set[str]
) -> ActionTable | None:
    """Reopen or create the actions of the next occurrence. Return an action that was created.

    :param known: the actions of the event by slot.
    :param wanted: days before the occurrence by slot.
    """
    ctx, new = of_event.ctx, of_event.new()
    has_begun = (new["due_date"] or date.max) <= of_event.today
    if not has_begun and any(action.status == "pending" for action in known[0]):
        return None
    all_slots = altered & {"auto_action_enabled", "recurs_annually"}
    for slot in wanted if all_slots else (0,):
        existing = _find_occurrence(of_event.event, new["occurrence_key"], known[slot])
        if existing is not None and existing.closed_by == "plugin":
            columns = of_event.columns(new["occurrence_date"], wanted[slot])
            actions.reopen(ctx, existing, by="plugin", now=ctx.now(), **columns)
    if _find_occurrence(of_event.event, new["occurrence_key"], known[0]):
        return None
    return _create_once(ctx, new)


def _find_occurrence(event: LifeEventTable, key: str, known: Iterable[ActionTable]) -> ActionTable | None:
    wanted = comparable_key(event.month_day, key)
    return next((one for one in known if comparable_key(event.month_day, one.occurrence_key) == wanted), None)


def _create_once(ctx: Context, values: dict[str, Any]) -> ActionTable | None:
    """Insert an action unless another transaction has inserted it; return it if it is new."""
    now, new_id = ctx.now(), uuid7()
    due = values["due_date"] or actions.NO_DATE
    ctx.insert_if_absent(ctx.models.Action, {**values, "id": new_id, "due": due, "created_at": now, "updated_at": now})
    action = actions.find(ctx, new_id)
    if action is not None:
        action_centre.mirror(ctx, action)
    return action


def dismiss(ctx: Context, event: LifeEventTable, *, also_closed: bool = False) -> None:
    """Dismiss the open auto-actions of an event; closed ones stay as they are.

    :param also_closed: whether to lock the closed ones too, so that nobody reopens one before the commit.
    """
    _dismiss_open(ctx, _lock_actions(ctx, event, also_closed=also_closed))


def _dismiss_open(ctx: Context, known: Iterable[ActionTable]) -> None:
    for action in known:
        if action.status == "pending":
            actions.close(ctx, action, "dismissed", user=None, closed_by="plugin", now=ctx.now())


def _lock_actions(ctx: Context, event: LifeEventTable, *, also_closed: bool = False) -> list[ActionTable]:
    """Lock the open auto-actions of an event, and return all of them, the latest occurrence last.

    The UPDATE lets MySQL show actions that a scheduled job has created since this transaction began.
    """
    table = ctx.models.Action
    statuses = () if also_closed else (table.status == "pending",)
    ctx.update_where(sa.update(table).where(table.life_event_id == event.id, *statuses).values(change_id=uuid7()))
    fresh = sa.select(table).where(table.life_event_id == event.id).order_by(table.occurrence_key, table.id)
    return list(ctx.execute(fresh.execution_options(populate_existing=True)).scalars())
