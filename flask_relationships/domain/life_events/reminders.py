"""Reminders of a life event: pure functions of the event and a day.

A reminder has a slot and its days before the occurrence. Slot 0 is the event's ``auto_action_days_before``. The other
slots are the places in the list ``further_reminders``: a removed reminder leaves None, so that the others keep theirs.

``next_reminder`` of an event is the first day on which a reminder may be due that has no action yet. Scheduled jobs
find events by its index. It depends on the event alone, so that a change of configuration never makes it wrong: it is
the earliest day under all leap-day policies, before any business-day shift.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol, get_args

from .occurrences import LeapDay, days_from, in_year, last_occurrence, next_occurrence
from .subjects import is_anniversary

MAX_LEAD_DAYS = 366
"""Days that a reminder may be before its event."""

NEVER = date.max
"""The ``next_reminder`` of an event without reminders."""

UNSCHEDULED = date(1000, 1, 1)
"""The ``next_reminder`` of a row that somebody inserted by SQL: the first day that MySQL knows."""

MAX_SHIFT_DAYS = 7
"""Days by which a shift may move a reminder, either way."""

Shift = Callable[[date], date]
"""Returns the business day for a day."""


class Event(Protocol):
    """The columns of an event that decide when its reminders are due."""

    @property
    def event_type(self) -> str: ...
    @property
    def event_date(self) -> date | None: ...
    @property
    def month_day(self) -> int | None: ...
    @property
    def auto_action_enabled(self) -> bool: ...
    @property
    def auto_action_days_before(self) -> int: ...
    @property
    def further_reminders(self) -> Sequence[int | None] | None: ...
    @property
    def next_reminder(self) -> date: ...


class Due(NamedTuple):
    """One reminder of one occurrence, and the business day on which it is due."""

    day: date
    occurrence: date
    slot: int
    days_before: int


def slots(event: Event) -> Iterator[tuple[int, int]]:
    """Yield slot and days before of each reminder of an event."""
    yield 0, event.auto_action_days_before
    for place, days_before in enumerate(event.further_reminders or (), 1):
        if days_before is not None:
            yield place, days_before


def with_slots(wanted: Iterable[int], known: Sequence[int | None] | None) -> list[int | None] | None:
    """Return ``further_reminders`` for the wanted days before; None without any.

    A reminder that is ``known`` keeps its slot. A new one takes the slot of a removed one, else another.
    """
    left = set(wanted)
    found = [days if days in left else None for days in known or ()]
    for days in sorted(left.difference(found), reverse=True):
        if None in found:
            found[found.index(None)] = days
        else:
            found.append(days)
    return found if left else None


def next_reminder(event: Event, day: date) -> date:
    """Return the first day, on or after a day, on which a reminder may be due."""
    if not event.auto_action_enabled:
        return NEVER
    return min(_first(event, lead_days, day, policy) for _, lead_days in slots(event) for policy in _policies(event))


def _policies(event: Event) -> tuple[LeapDay, ...]:
    return get_args(LeapDay) if event.month_day == 229 else ("feb28",)


def _first(event: Event, lead_days: int, day: date, policy: LeapDay) -> date:
    anniversary = is_anniversary(event.event_type)
    coming = next_occurrence(event.event_date, event.month_day, days_from(day, lead_days), policy, anniversary)
    return NEVER if coming is None else days_from(coming, -lead_days)


def due(event: Event, today: date, leap_day: LeapDay, shift: Shift | None = None) -> list[Due]:
    """Return the reminders of an event that are due by a day and have no action yet.

    Of missed reminders only those of the latest day count, and one for each occurrence. A row that was inserted by SQL
    has only reminders of coming occurrences.
    """
    if not event.auto_action_enabled:
        return []
    found = [one for slot, lead_days in slots(event) if (one := _last(event, slot, lead_days, today, leap_day, shift))]
    if event.next_reminder == UNSCHEDULED:
        found = [one for one in found if one.occurrence >= today]
    latest = max((one.day for one in found), default=NEVER)
    return list({one.occurrence: one for one in reversed(found) if one.day == latest}.values())


def _last(event: Event, slot: int, lead_days: int, today: date, leap_day: LeapDay, shift: Shift | None) -> Due | None:
    """Return the last reminder of one slot that is due and has no action yet."""
    furthest = days_from(today, lead_days + (MAX_SHIFT_DAYS if shift else 0))
    anniversary = is_anniversary(event.event_type)
    while occurrence := last_occurrence(event.event_date, event.month_day, furthest, leap_day, anniversary):
        if days_from(_latest(event, occurrence), -lead_days) < event.next_reminder:
            return None
        day = days_from(occurrence, -lead_days)
        day = shift(day) if shift else day
        if day <= today:
            return Due(day, occurrence, slot, lead_days)
        furthest = days_from(occurrence, -1)
    return None


def _latest(event: Event, occurrence: date) -> date:
    """Return the latest day of an occurrence under all leap-day policies: the policy may have changed since."""
    if event.month_day is None:
        return occurrence
    return max(in_year(occurrence.year, event.month_day, policy) for policy in _policies(event))


def ahead(event: Event, day: date, shift: Shift | None = None, since: date = date.min) -> date:
    """Return ``next_reminder`` of an event whose reminders before a day are done.

    :param shift: the application's business days.
    :param since: reminders whose plain day is before this one are done too.
    """
    if shift is None:
        return next_reminder(event, day)
    found = next_reminder(event, max(days_from(day, -MAX_SHIFT_DAYS), since))
    while found != NEVER and shift(found) < day:
        found = next_reminder(event, days_from(found, 1))
    return found


def after(event: Event, today: date, shift: Shift | None = None) -> date:
    """Return ``next_reminder`` of an event once all that is due today is done."""
    return ahead(event, days_from(today, 1), shift, event.next_reminder)
