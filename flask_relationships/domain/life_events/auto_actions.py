"""The auto-actions of a life event: one for each occurrence and reminder, moved when the event moves, never doubled.

Unique on (life event, occurrence key, reminder slot): saving again, or twice at once, cannot make a second.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
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
from .reminders import FURTHEST_SHIFT, Shift, slots
from .subjects import BIRTHDAY, ContactFacts, is_anniversary, is_of_contact, kind_of
from .templates import fill, names_preferred, template_of

if TYPE_CHECKING:
    from ..actions.models import ActionTable

logger = logging.getLogger(__name__)

UNDATED = "undated"

OLDEST = 130
"""Years. An age above this is not said: nobody has been that old, so the year is wrong."""


def shift(ctx: Context) -> Shift | None:
    """The host's business days, guarded: where it fails, or moves a day further than a week, the day stays."""
    given = ctx.business_day
    return None if given is None else _guarded(given)


def _guarded(given: Callable[[date], date]) -> Shift:
    known: dict[date, date] = {}

    def moved(day: date) -> date:
        if day not in known:
            known[day] = _moved(given, day)
        return known[day]

    return moved


def _moved(given: Callable[[date], date], day: date) -> date:
    try:
        found: Any = given(day)
        if isinstance(found, date) and abs(found.toordinal() - day.toordinal()) <= FURTHEST_SHIFT:
            return date(found.year, found.month, found.day)
    except Exception as error:  # a host's function may raise anything; the day is still one
        logger.error("business_day raised, the day stays: %s", place_of(error))
        return day
    logger.error("business_day returned no date within %s days of the one it was given: it stays", FURTHEST_SHIFT)
    return day


def occurrence_of(ctx: Context, event: LifeEventTable, today: date) -> date | None:
    """The occurrence an event's auto-action is for now: the next, or the only one where that is past."""
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
    return UNDATED if occurrence is None else occurrence.isoformat()


def known_by(month_day: int | None, key: str) -> str:
    """What tells an occurrence of an event from its others. One of 29 February is known by its year: it had another day
    while the leap policy was another."""
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
    if event.month_day is None:
        return None
    years = years_at(event.event_date, occurrence)
    unlikely = years is not None and years > OLDEST and kind_of(event.event_type) == BIRTHDAY
    return None if unlikely else years


def _facts(ctx: Context, event: LifeEventTable, contact: HostRow) -> ContactFacts:
    """Read what the words of an event's auto-action depend on. The profile is read only where a word needs it."""
    first, last = (contact.values.get(name) for name in ("first_name", "last_name"))
    named = names_preferred(template_of(event.event_type, ctx.templates))
    if not named and kind_of(event.event_type) != BIRTHDAY:
        return ContactFacts(first, last)
    found = ctx.execute(_of_profile(ctx.models), of_contact=event.contact_id).first()
    return ContactFacts(first, last, *(found or ()))


@lru_cache(maxsize=32)
def _of_profile(models: Models) -> sa.Select[Any]:
    table = models.Profile
    columns: list[Any] = [table.preferred_name, table.birthday_month_day]
    return sa.select(*columns).where(table.contact_id == sa.bindparam("of_contact"))


def _owner(ctx: Context, contact: HostRow) -> Any | None:
    """Who looks after a contact, unless they are hidden from whoever it was looked up for."""
    owner, users = contact.values.get("owner"), ctx.hosts.user
    if owner is None or users.joinable or not users.hooked:
        return owner  # a hidden one is not in the contact's values
    return owner if owner in users.seen(ctx.session, [owner], contact.viewer) else None


class Following:
    """The auto-actions of one event while it is created or edited."""

    def __init__(self, ctx: Context, event: LifeEventTable, contact: HostRow, user: Any) -> None:
        self.ctx, self.event, self.contact, self.user = ctx, event, contact, user
        self.facts = _facts(self.ctx, event, contact)
        self.today = self.ctx.today(user)

    def columns(self, occurrence: date | None, days_before: int) -> dict[str, Any]:
        """What an auto-action says of its event and occurrence: all that follows when the event is edited."""
        return {
            **words(self.ctx, self.event, occurrence, self.facts),
            "occurrence_date": occurrence,
            "occurrence_key": key_of(occurrence),
            "days_before": days_before,
            "due_date": due_day(self.ctx, occurrence, days_before, self.today),
            "company_id": self.event.company_id,
        }

    def new(self) -> dict[str, Any]:
        """The columns of the action that an event has at once: that of its next occurrence, in slot 0."""
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

    def move(self, slot: int, days_before: int | None, altered: set[str], known: list[ActionTable]) -> None:
        """Bring the open actions of one slot in line; without days before, the reminder was removed."""
        opened = [action for action in known if action.status == "pending"]
        if days_before is None:
            for action in opened:
                _dismiss(self.ctx, action)
            return
        for action in opened[:-1]:  # of occurrences that are over, which somebody has left open
            self._stay(action, days_before, altered)
        if not opened:
            return
        latest, occurrence = opened[-1], occurrence_of(self.ctx, self.event, self.today)
        if not altered & DATING and latest.occurrence_date is not None:
            self._stay(latest, days_before, altered)
            return
        there = _action_of(self.event, key_of(occurrence), known)
        if there is None or there is latest:
            actions.move(self.ctx, latest, now=self.ctx.now(), **self.columns(occurrence, days_before))
        elif there.status != "pending":
            _dismiss(self.ctx, latest)

    def _stay(self, action: ActionTable, days_before: int, altered: set[str]) -> None:
        """The occurrence stays as it is; so does the due date, unless other days before were asked for."""
        columns = self.columns(action.occurrence_date, days_before)
        if action.days_before == days_before:
            columns["due_date"] = action.due_date
        actions.move(self.ctx, action, now=self.ctx.now(), **columns)


DATING = {"event_date", "recurs_annually", "month_day", "first_occurrence"}
"""The members of an event that say when it occurs."""

REMINDING = DATING | {"auto_action_enabled", "auto_action_days_before", "further_reminders"}
"""The members of an event that decide whether and when it is reminded of."""


def add(ctx: Context, event: LifeEventTable, contact: HostRow, user: Any) -> ActionTable:
    """The auto-action of an event that was just created. Flushes."""
    return actions.add(ctx, Following(ctx, event, contact, user).new(), now=ctx.now())


def follow(ctx: Context, event: LifeEventTable, contact: HostRow, user: Any, altered: set[str]) -> ActionTable | None:
    """Bring the open auto-actions in line with an edited event.

    Moves the open ones of each slot. Where slot 0 has none, or one of another year while the lead of this one has
    begun, and the event's dates or its switch were altered, creates one or opens again what the plugin itself
    dismissed; of an event that is switched on or recurs again, in every slot. A profile's birthday that does not recur
    is over. What is done stays done, also where the event moves back
    to an occurrence that was done before. Returns an action that was created.
    """
    over = event.profile_id is not None and not event.recurs_annually
    if over or not event.auto_action_enabled or not activity.is_active(contact):
        dismiss(ctx, event)
        return None
    known, following = _of_event(ctx, event), Following(ctx, event, contact, user)
    wanted = dict(slots(event))
    for slot in {action.reminder_slot for action in known}:
        following.move(slot, wanted.get(slot), altered, [one for one in known if one.reminder_slot == slot])
    if not altered & REMINDING:
        return None
    mine, new = [action for action in known if action.reminder_slot == 0], following.new()
    has_begun = new["due_date"] is not None and new["due_date"] <= following.today
    if not has_begun and any(action.status == "pending" for action in mine):
        return None
    for slot in wanted if altered & {"auto_action_enabled", "recurs_annually"} else (0,):
        there = _action_of(event, new["occurrence_key"], [one for one in known if one.reminder_slot == slot])
        if there is not None and there.closed_by == "plugin":
            changing = following.columns(new["occurrence_date"], wanted[slot])
            actions.reopen(ctx, there, by="plugin", now=ctx.now(), **changing)
    return None if _action_of(event, new["occurrence_key"], mine) else _create_once(ctx, new)


def _action_of(event: LifeEventTable, key: str, known: Iterable[ActionTable]) -> ActionTable | None:
    wanted = known_by(event.month_day, key)
    return next((action for action in known if known_by(event.month_day, action.occurrence_key) == wanted), None)


def _create_once(ctx: Context, values: dict[str, Any]) -> ActionTable | None:
    now, mine = ctx.now(), uuid7()
    row = {
        **values,
        "id": mine,
        "due": values["due_date"] or actions.NO_DATE,
        "created_at": now,
        "updated_at": now,
    }
    ctx.insert_if_absent(ctx.models.Action, row)
    action = actions.find(ctx, mine)
    if action is not None:
        action_centre.mirror(ctx, action)
    return action


def dismiss(ctx: Context, event: LifeEventTable, *, also_closed: bool = False) -> None:
    """Dismiss the open auto-actions of an event; what is done is kept.

    :param also_closed: whether to lock the closed ones too, so that nobody opens one again before the commit.
    """
    for action in _of_event(ctx, event, also_closed=also_closed):
        if action.status == "pending":
            _dismiss(ctx, action)


def _dismiss(ctx: Context, action: ActionTable) -> None:
    actions.close(ctx, action, "dismissed", user=None, closed_by="plugin", now=ctx.now())


def _of_event(ctx: Context, event: LifeEventTable, *, also_closed: bool = False) -> list[ActionTable]:
    """Of the latest occurrence last, however far a person has put off another. Those that a run has made since this
    transaction began are among them: MySQL only shows what it has changed. The open ones are locked."""
    table = ctx.models.Action
    mine = table.life_event_id == event.id
    locking = sa.update(table).where(mine, *(() if also_closed else (table.status == "pending",)))
    ctx.update_where(locking.values(change_id=uuid7()))
    fresh = sa.select(table).where(mine).order_by(table.occurrence_key, table.id)
    return list(ctx.execute(fresh.execution_options(populate_existing=True)).scalars())
