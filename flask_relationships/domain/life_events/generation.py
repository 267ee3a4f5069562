"""What time brings to life events: the auto-actions of occurrences that enter their lead, for all events at once.

The events are found by the index of ``next_reminder``, whatever their leads, so that it makes no difference how many
others there are. A batch is read, then claimed by moving ``next_reminder`` on, and its actions are inserted in the same
transaction: whoever is killed has done all of a batch or nothing. Of several processes one moves a row on; the others
meet a unique key.
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
from ...db.statements import retried
from ...hosts.bound import BATCH, SYSTEM
from ..actions import many
from ..actions import service as actions
from ..contacts import activity
from . import auto_actions, freshness
from .auto_actions import key_of, known_by
from .occurrences import LeapDay, date_in, days_from
from .reminders import FURTHEST_SHIFT, Due, Shift, after, due
from .scheduling import ATTEMPTS, COLUMNS, DECIDING, move, rewind
from .subjects import ContactFacts

TOLD = ("title", "about", "profile_id", "company_id")
"""What is read besides to write its action."""

FURTHEST_ZONE = 2
"""Days by which the dates of two time zones may differ: they are up to 26 hours apart."""

CONTACT = ("first_name", "last_name", "active", "owner")


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run made: actions that were ``created``, reminders ``left_out``, of contacts that are not active or not
    present, actions ``reopened``, which this tool had dismissed before their day, and actions ``refreshed``, which were
    created before their day and now have its names, words and owner."""

    created: int = 0
    left_out: int = 0
    reopened: int = 0
    refreshed: int = 0

    def __add__(self, other: Generated) -> Generated:
        return Generated(*map(add, astuple(self), astuple(other)))


class Batch(NamedTuple):
    """What one transaction did: how many of the events that had come due were looked at, and the new actions' ids."""

    looked_at: int
    made: Generated
    created: Sequence[UUID]


Told = Callable[[Batch], None]


def generate(
    ctx: Context,
    today: date,
    *,
    at: datetime | None = None,
    told: Told | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Generated:
    """Make the auto-actions that are due by a day. Commits each batch, and then calls ``told`` with what it did.

    Idempotent; may be killed anywhere, run late, and by several processes at once. Catches up on what was missed: of
    each event the last reminder of all. ``at``: the aware moment by which an assignee with a time zone of their own may
    have another date than ``today``. ``stopped``: asked between batches whether to end. Raises `Forbidden` where a hook
    of the host's fails: then nothing more is made.
    """
    made, run = Generated(), _Run(ctx, today, at)
    rewind(ctx, ctx.today())
    for batch in run.batches():
        if stopped():
            break
        done = retried(ctx.session, lambda: run.make(batch), ATTEMPTS, unless=lambda: False)  # noqa: B023 (called at once)
        made += done.made
        if told is not None:
            told(done)
    return made


def count(ctx: Context, today: date, *, at: datetime | None = None) -> int:
    """How many events `generate` would look at."""
    run = _Run(ctx, today, at)
    asked = sa.select(sa.func.count()).select_from(ctx.models.LifeEvent).where(run.has_come)
    return int(ctx.execute(asked).scalar_one())


def foresee(ctx: Context, today: date, *, at: datetime | None = None) -> Generated:
    """What `generate` would make. Writes nothing."""
    made, run = Generated(), _Run(ctx, today, at)
    for batch in run.batches():
        made += run.foresee(batch)
    return made


@dataclass(frozen=True, slots=True)
class _People:
    """Of a batch: the contacts that are present, with their `CONTACT` fields; those of them that are not active; and
    the users that are present, with their time zone."""

    contacts: Mapping[Any, tuple[Any, ...]]
    inactive: set[Any]
    users: Mapping[Any, tuple[Any, ...]]

    def wants(self, event: Any) -> bool:
        return event.contact_id in self.contacts and event.contact_id not in self.inactive

    def assignee(self, event: Any) -> Any | None:
        """The contact's owner, else whoever created the event, else nobody: one who is gone is given nothing to do."""
        *_, owner = self.contacts.get(event.contact_id, (None,))
        return next((user for user in (owner, event.created_by_user_id) if user in self.users), None)

    def zone(self, event: Any) -> str | None:
        zone, *_ = self.users.get(self.assignee(event), (None,))
        return zone if isinstance(zone, str) else None


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
        self.zoned = self.at is not None and "time_zone" in self.ctx.hosts.user.fields

    @property
    def has_come(self) -> sa.ColumnElement[bool]:
        """Whether there may be something to do for an event: earlier, where days are shifted or begin elsewhere."""
        earlier = (FURTHEST_SHIFT if self.shift else 0) + (FURTHEST_ZONE if self.zoned else 0)
        return self.ctx.models.LifeEvent.next_reminder <= days_from(self.today, earlier)

    def _today(self, event: Any, people: _People) -> date:
        """The date where the assignee is."""
        zone = people.zone(event) if self.zoned else None
        return self.today if zone is None or self.at is None else date_in(zone, self.at, self.today)

    def batches(self) -> Iterator[Sequence[Any]]:
        """The events whose day has come, in short transactions, each row once in a run."""
        table = self.ctx.models.LifeEvent
        columns = [getattr(table, name) for name in COLUMNS]
        place, seen = sa.tuple_(table.next_reminder, table.id), None
        while True:
            asked = sa.select(*columns).where(self.has_come).order_by(table.next_reminder, table.id).limit(BATCH)
            if seen is not None:
                asked = asked.where(table.next_reminder >= seen[0], place > seen)
            rows = self.ctx.execute(asked).all()
            self.ctx.session.commit()
            if rows:
                yield rows
            if len(rows) < BATCH:
                return
            seen = (rows[-1].next_reminder, rows[-1].id)

    def make(self, batch: Sequence[Any]) -> Batch:
        """Move the events of a batch on, and make what is due of them, in one transaction."""
        people = self._people(batch)
        self.ctx.session.commit()
        moves = {row.id: (row.next_reminder, self._after(row, people)) for row in batch}
        if not move(self.ctx, moves):
            self.ctx.session.commit()
            return Batch(len(batch), Generated(), ())
        found = [(event, one) for event in self._moved(batch, moves, people) for one in self._due(event, people)]
        wanted = [(event, one) for event, one in found if people.wants(event)]
        new, again, opened = self._to_do(wanted)
        refreshed = freshness.refresh(self.ctx, opened)
        rows = [self._action(event, one, people) for event, one in new]
        created = many.add_absent(self.ctx, rows, now=self.ctx.now())
        reopened = self._reopen({key: self._action(event, one, people) for key, (event, one) in again.items()})
        self.ctx.session.commit()
        counts = (len(created), len(found) - len(wanted), reopened, len(refreshed))
        return Batch(len(batch), Generated(*counts), created)

    def foresee(self, batch: Sequence[Any]) -> Generated:
        """What `make` would make of a batch."""
        people = self._people(batch)
        found = [(row, one) for row in batch for one in self._due(row, people)]
        wanted = [(row, one) for row, one in found if people.wants(row)]
        new, again, _ = self._to_do(wanted)
        self.ctx.session.commit()
        return Generated(len(new), len(found) - len(wanted), len(again))

    def _due(self, event: Any, people: _People) -> list[Due]:
        return due(event, self._today(event, people), self.leap_day, self.shift)

    def _after(self, event: Any, people: _People) -> date:
        return after(event, self._today(event, people), self.shift)

    def _people(self, batch: Sequence[Any]) -> _People:
        """The contacts that are present, and the users that actions may be assigned to."""
        contacts = self.ctx.hosts.contact.values(self.ctx.session, (row.contact_id for row in batch), CONTACT, SYSTEM)
        mentioned = {row.created_by_user_id for row in batch} | {owner for *_, owner in contacts.values()}
        users = self.ctx.hosts.user.values(self.ctx.session, mentioned, ("time_zone",), SYSTEM)
        inactive = {key for key, (*_, active, _) in contacts.items() if not activity.is_active_value(active)}
        return _People(contacts, inactive, users)

    def _moved(self, batch: Sequence[Any], moves: Mapping[UUID, tuple[date, date]], people: _People) -> list[Any]:
        """The events that were moved, as they are now that nobody else can change them, but for where they were moved
        from. One that was edited since it was first read may have to be moved elsewhere."""
        table, profiles, events, right = self.ctx.models.LifeEvent, self.ctx.models.Profile, list[Any](), {}
        first, names = {row.id: row[: len(DECIDING)] for row in batch}, (*COLUMNS, *TOLD, "preferred_name", "birthday")
        own = (getattr(table, name) for name in (*COLUMNS, *TOLD))
        asked = sa.select(*own, profiles.preferred_name, profiles.birthday_month_day)
        asked = asked.outerjoin(profiles, profiles.contact_id == table.contact_id)
        asked = asked.where(table.id.in_([key for key, (was, becomes) in moves.items() if was != becomes]))
        for row in self.ctx.execute(asked.order_by(table.id)):
            was, becomes = moves[row.id]
            if row.next_reminder == becomes:
                event = SimpleNamespace(**dict(zip(names, row, strict=True), next_reminder=was))
                events.append(event)
                if row[: len(DECIDING)] != first[row.id]:
                    right[row.id] = (becomes, self._after(event, people))
        move(self.ctx, right)
        return events

    def _action(self, event: Any, one: Due, people: _People) -> dict[str, Any]:
        """The columns of an auto-action. Its due date is the day it was due, also where it is made late."""
        first_name, last_name, *_ = people.contacts[event.contact_id]
        facts = ContactFacts(first_name, last_name, event.preferred_name, event.birthday)
        return {
            **auto_actions.words(self.ctx, event, one.occurrence, facts),
            "contact_id": event.contact_id,
            "company_id": event.company_id,
            "life_event_id": event.id,
            "occurrence_date": one.occurrence,
            "occurrence_key": key_of(one.occurrence),
            "reminder_slot": one.slot,
            "days_before": one.days_before,
            "due_date": one.day,
            "assigned_to_user_id": people.assignee(event),
            "created_by_user_id": event.created_by_user_id,
        }

    def _to_do(
        self, wanted: Sequence[tuple[Any, Due]]
    ) -> tuple[list[tuple[Any, Due]], dict[UUID, tuple[Any, Due]], list[UUID]]:
        """Those whose occurrence has no action in their slot; those whose action this tool has dismissed itself,
        by its id: its contact was not active or its reminder not there, when the event was edited; and the ids of the
        actions that are open already."""
        table, days = self.ctx.models.Action, {event.id: event.month_day for event, _ in wanted}
        columns = (
            table.life_event_id,
            table.occurrence_key,
            table.reminder_slot,
            table.id,
            table.closed_by,
            table.status,
        )
        asked = sa.select(*columns).where(table.life_event_id.in_(days))
        rows: Sequence[Any] = self.ctx.execute(asked).all() if wanted else []

        def mark(event_id: Any, key: str, slot: int) -> tuple[Any, str, int]:
            return event_id, known_by(days[event_id], key), slot

        there = {mark(event_id, key, slot): rest for event_id, key, slot, *rest in rows}
        new, again, opened = list[tuple[Any, Due]](), dict[UUID, tuple[Any, Due]](), list[UUID]()
        for event, one in wanted:
            action, closed_by, status = there.get(mark(event.id, key_of(one.occurrence), one.slot), (None, None, None))
            if action is None:
                new.append((event, one))
            elif closed_by == "plugin":
                again[action] = (event, one)
            elif status == "pending":
                opened.append(action)
        return new, again, opened

    def _reopen(self, found: Mapping[UUID, dict[str, Any]]) -> int:
        known = actions.find_many(self.ctx, found) if found else {}
        how: Any = {"by": "plugin", "now": self.ctx.now()}
        return sum(actions.reopen(self.ctx, known[key], **how, **found[key]) for key in known)
