"""Create the auto-actions that are due, for all life events at once.

The events are found by the index of ``next_reminder``. A batch is read, then claimed by moving ``next_reminder``
forward, and its actions are inserted in the same transaction: a process that is killed has done all of a batch or
nothing. Of several processes one claims a row, and a unique key stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from operator import add
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import BATCH
from ..actions import many
from ..actions import service as actions
from ..batches import retry
from . import auto_actions, freshness
from .auto_actions import comparable_key, key_of
from .occurrences import LeapDay, date_in, days_from
from .people import People, read_people
from .reminders import MAX_SHIFT_DAYS, Due, Shift, after, due
from .scheduling import COLUMNS, DECIDING, move, rewind

TEXT_COLUMNS = ("title", "about", "profile_id", "company_id")
"""The columns of an event that its action is made from, besides `COLUMNS`."""

MAX_ZONE_DAYS = 2
"""Days by which the dates of two time zones may differ: they are up to 26 hours apart."""

Reminder = tuple[Any, Due]
"""An event, and one of its reminders that is due."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Numbers of a run.

    ``created``: new actions. ``left_out``: reminders of contacts that are inactive or not present. ``reopened``:
    actions that the plugin had dismissed before their day. ``refreshed``: actions that were created before their day
    and now have the present names, texts and owner.
    """

    created: int = 0
    left_out: int = 0
    reopened: int = 0
    refreshed: int = 0

    def __add__(self, other: Generated) -> Generated:
        return Generated(*map(add, astuple(self), astuple(other)))


class Batch(NamedTuple):
    """What one transaction did: how many due events it read, its numbers, and the ids of new actions."""

    looked_at: int
    made: Generated
    created: Sequence[UUID]


class _Plan(NamedTuple):
    """Reminders without an action; reminders by the id of a dismissed action; ids of open actions; how many to skip."""

    new: list[Reminder]
    dismissed: dict[UUID, Reminder]
    open: list[UUID]
    left_out: int


def generate(
    ctx: Context,
    today: date,
    *,
    at: datetime | None = None,
    on_batch: Callable[[Batch], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Generated:
    """Create the auto-actions that are due by a day. Commits each batch.

    Idempotent. A run may be killed anywhere, come late, and run in several processes at once. Of missed reminders each
    event gets the last one.

    :param at: the aware moment that decides the date of assignees with a time zone of their own.
    :param on_batch: called after the commit of each batch.
    :param stopped: called between batches; True ends the run.
    :raises Forbidden: if a hook of the host fails. Batches that are committed stay.
    """
    made, run = Generated(), _Run(ctx, today, at)
    rewind(ctx, ctx.today())
    for batch in run.batches():
        if stopped():
            break
        done = retry(ctx, run.make, batch)
        made += done.made
        on_batch(done)
    return made


def count(ctx: Context, today: date, *, at: datetime | None = None) -> int:
    """Return how many events `generate` would read."""
    events = sa.select(sa.func.count()).select_from(ctx.models.LifeEvent).where(_Run(ctx, today, at).may_be_due)
    return int(ctx.execute(events).scalar_one())


def foresee(ctx: Context, today: date, *, at: datetime | None = None) -> Generated:
    """Return the numbers of actions that `generate` would create and reopen. Writes nothing."""
    made, run = Generated(), _Run(ctx, today, at)
    for batch in run.batches():
        made += run.foresee(batch)
    return made


@dataclass(slots=True)
class _Run:
    ctx: Context
    today: date
    at: datetime | None
    shift: Shift | None = field(init=False)
    leap_day: LeapDay = field(init=False)
    zoned: bool = field(init=False)

    def __post_init__(self) -> None:
        self.shift, self.leap_day = auto_actions.shift(self.ctx), self.ctx.settings.leap_day
        self.zoned = self.at is not None and self.ctx.has_time_zones

    @property
    def may_be_due(self) -> sa.ColumnElement[bool]:
        """The condition that an event may be due: earlier with business days or time zones of assignees."""
        earlier = (MAX_SHIFT_DAYS if self.shift else 0) + (MAX_ZONE_DAYS if self.zoned else 0)
        return self.ctx.models.LifeEvent.next_reminder <= days_from(self.today, earlier)

    def _today(self, event: Any, people: People) -> date:
        """Return the present date of the assignee."""
        zone = people.time_zone(event) if self.zoned else None
        return self.today if zone is None or self.at is None else date_in(zone, self.at, self.today)

    def batches(self) -> Iterator[Sequence[Any]]:
        """Yield the events that may be due, each once in a run; commit after each page is read."""
        table = self.ctx.models.LifeEvent
        columns = [getattr(table, name) for name in COLUMNS]
        place = sa.tuple_(table.next_reminder, table.id)
        page = sa.select(*columns).where(self.may_be_due).order_by(table.next_reminder, table.id).limit(BATCH)
        rows: Sequence[Any] = self.ctx.execute(page).all()
        self.ctx.commit()
        while rows:
            yield rows
            last = (rows[-1].next_reminder, rows[-1].id)
            later = page.where(table.next_reminder >= last[0], place > last)
            rows = self.ctx.execute(later).all() if len(rows) == BATCH else ()
            self.ctx.commit()

    def make(self, batch: Sequence[Any]) -> Batch:
        """Claim the events of a batch, and create their actions, in one transaction."""
        people = read_people(self.ctx, batch)
        self.ctx.commit()
        moves = {row.id: (row.next_reminder, self._after(row, people)) for row in batch}
        if not move(self.ctx, moves):
            self.ctx.commit()
            return Batch(len(batch), Generated(), ())
        plan = self._plan(self._claimed(batch, moves, people), people)
        refreshed = freshness.refresh(self.ctx, plan.open)
        rows = [self._action(reminder, people) for reminder in plan.new]
        created = many.add_absent(self.ctx, rows, now=self.ctx.now())
        reopened = self._reopen({key: self._action(reminder, people) for key, reminder in plan.dismissed.items()})
        self.ctx.commit()
        return Batch(len(batch), Generated(len(created), plan.left_out, reopened, len(refreshed)), created)

    def foresee(self, batch: Sequence[Any]) -> Generated:
        """Return the numbers of actions that `make` would create and reopen."""
        plan = self._plan(batch, read_people(self.ctx, batch))
        self.ctx.commit()
        return Generated(len(plan.new), plan.left_out, len(plan.dismissed))

    def _after(self, event: Any, people: People) -> date:
        return after(event, self._today(event, people), self.shift)

    def _claimed(
        self, batch: Sequence[Any], moves: Mapping[UUID, tuple[date, date]], people: People
    ) -> list[SimpleNamespace]:
        """Return the events that were claimed, as they are now, with the ``next_reminder`` from before the claim.

        An event that was edited since the batch was read may have to be moved to another day.
        """
        table, profile = self.ctx.models.LifeEvent, self.ctx.models.Profile
        own = [getattr(table, name) for name in (*COLUMNS, *TEXT_COLUMNS)]
        rows = sa.select(*own, profile.preferred_name, profile.birthday_month_day.label("birthday"))
        rows = rows.outerjoin(profile, profile.contact_id == table.contact_id)
        rows = rows.where(table.id.in_([key for key, (was, becomes) in moves.items() if was != becomes]))
        as_read = {row.id: row[: len(DECIDING)] for row in batch}
        events, corrections = list[SimpleNamespace](), dict[UUID, tuple[date, date]]()
        for row in self.ctx.execute(rows.order_by(table.id)):
            was, becomes = moves[row.id]
            if row.next_reminder != becomes:
                continue
            event = SimpleNamespace(**{**row._asdict(), "next_reminder": was})
            events.append(event)
            if row[: len(DECIDING)] != as_read[row.id]:
                corrections[row.id] = (becomes, self._after(event, people))
        move(self.ctx, corrections)
        return events

    def _action(self, reminder: Reminder, people: People) -> dict[str, Any]:
        """Return the columns of an auto-action. Its due date is that of the reminder, also where the run is late."""
        event, due_reminder = reminder
        return {
            **auto_actions.words(self.ctx, event, due_reminder.occurrence, people.facts(event)),
            "contact_id": event.contact_id,
            "company_id": event.company_id,
            "life_event_id": event.id,
            "occurrence_date": due_reminder.occurrence,
            "occurrence_key": key_of(due_reminder.occurrence),
            "reminder_slot": due_reminder.slot,
            "days_before": due_reminder.days_before,
            "due_date": due_reminder.day,
            "assigned_to_user_id": people.assignee(event),
            "created_by_user_id": event.created_by_user_id,
        }

    def _plan(self, events: Sequence[Any], people: People) -> _Plan:
        """Compare the reminders that are due with the actions that exist."""
        found = [
            (event, one)
            for event in events
            for one in due(event, self._today(event, people), self.leap_day, self.shift)
        ]
        wanted = [reminder for reminder in found if people.has_active_contact(reminder[0])]
        plan = _Plan([], {}, [], len(found) - len(wanted))
        existing = self._read_actions({event.id: event.month_day for event, _ in wanted}) if wanted else {}
        for event, one in wanted:
            key = comparable_key(event.month_day, key_of(one.occurrence))
            action = existing.get((event.id, key, one.slot))
            if action is None:
                plan.new.append((event, one))
            elif action.closed_by == "plugin":
                plan.dismissed[action.id] = (event, one)
            elif action.status == "pending":
                plan.open.append(action.id)
        return plan

    def _read_actions(self, month_days: Mapping[UUID, int | None]) -> dict[tuple[UUID, str, int], Any]:
        """Return the actions of events by event, occurrence key and slot."""
        table = self.ctx.models.Action
        columns = (table.life_event_id, table.occurrence_key, table.reminder_slot)
        rows = sa.select(*columns, table.id, table.closed_by, table.status).where(table.life_event_id.in_(month_days))
        found = {}
        for row in self.ctx.execute(rows):
            key = comparable_key(month_days[row.life_event_id], row.occurrence_key)
            found[row.life_event_id, key, row.reminder_slot] = row
        return found

    def _reopen(self, found: Mapping[UUID, dict[str, Any]]) -> int:
        known = actions.find_many(self.ctx, found) if found else {}
        how: Any = {"by": "plugin", "now": self.ctx.now()}
        return sum(actions.reopen(self.ctx, known[key], **how, **found[key]) for key in known)
