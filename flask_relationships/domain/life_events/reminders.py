"""On which days an event is to be reminded of. Pure functions of the event and a day: no clock, no I/O.

A reminder has a slot and its days before the occurrence. Slot 0 is the event's ``auto_action_days_before``; the others
are the places in ``further_reminders``, a list in which a reminder that was removed leaves None behind, so that each of
the others keeps its slot.

``next_reminder`` of an event is the first day on which a reminder may be due that was not dealt with: the one thing
that is looked for, by its index, and the memory of what was dealt with. It depends on nothing but the event, so that no
change of configuration makes it wrong: it is the earliest that any leap policy has, and the day before any shift.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol, get_args

from .occurrences import LeapDay, days_from, in_year, last_occurrence, next_occurrence
from .subjects import is_anniversary

MAX_LEAD_DAYS = 366
"""The most days that a reminder may be before its event."""

NEVER = date.max
"""The ``next_reminder`` of an event without one. No event is reminded of on that day."""

UNSCHEDULED = date(1000, 1, 1)
"""The ``next_reminder`` of a row that did not come through this tool. It is the first day that MySQL knows."""

FURTHEST_SHIFT = 7
"""Days by which a shift may move a reminder, either way."""

Shift = Callable[[date], date]
"""Moves a day to one on which somebody works."""


class Event(Protocol):
    """What decides when an event is to be reminded of: columns of it."""

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
    """One reminder of one occurrence, and the day it is due, shifted."""

    day: date
    occurrence: date
    slot: int
    days_before: int


def slots(event: Event) -> Iterator[tuple[int, int]]:
    """The reminders of an event: slot and days before."""
    yield 0, event.auto_action_days_before
    for place, days_before in enumerate(event.further_reminders or (), 1):
        if days_before is not None:
            yield place, days_before


def with_slots(wanted: Iterable[int], known: Sequence[int | None] | None) -> list[int | None] | None:
    """The further reminders of an event that had ``known`` ones: who stays keeps its slot, who is new takes a free
    one, and so the place of one that was removed."""
    left = sorted(set(wanted), reverse=True)
    found: list[int | None] = [days if days in left else None for days in known or ()]
    for days in (days for days in left if days not in found):
        if None in found:
            found[found.index(None)] = days
        else:
            found.append(days)
    return found if any(days is not None for days in found) else None


def next_reminder(event: Event, day: date) -> date:
    """The first day, from a day on, on which a reminder may be due."""
    if not event.auto_action_enabled:
        return NEVER
    return min((_first(event, lead, day, policy) for _, lead in slots(event) for policy in _policies(event)))


def _policies(event: Event) -> tuple[LeapDay, ...]:
    return get_args(LeapDay) if event.month_day == 229 else ("feb28",)


def _first(event: Event, lead: int, day: date, policy: LeapDay) -> date:
    anniversary = is_anniversary(event.event_type)
    coming = next_occurrence(event.event_date, event.month_day, days_from(day, lead), policy, anniversary)
    return NEVER if coming is None else days_from(coming, -lead)


def due(event: Event, today: date, leap_day: LeapDay, shift: Shift | None = None) -> list[Due]:
    """What is due of an event, by a day, and was not dealt with.

    Of all that was missed only the last day counts, and of each occurrence on it only one reminder: nobody wants three
    for a birthday that is over, or one for each year. A row that was never scheduled is only reminded of what is still
    ahead.
    """
    found = [one for slot, lead in slots(event) if (one := _last(event, slot, lead, today, leap_day, shift))]
    if event.next_reminder == UNSCHEDULED:
        found = [one for one in found if one.occurrence >= today]
    if not event.auto_action_enabled or not found:
        return []
    latest = max(one.day for one in found)
    return list({one.occurrence: one for one in reversed(found) if one.day == latest}.values())


def _last(event: Event, slot: int, lead: int, today: date, leap_day: LeapDay, shift: Shift | None) -> Due | None:
    """The last of one slot's reminders that is due and was not dealt with."""
    furthest = days_from(today, lead + (FURTHEST_SHIFT if shift else 0))
    anniversary = is_anniversary(event.event_type)
    while True:
        occurrence = last_occurrence(event.event_date, event.month_day, furthest, leap_day, anniversary)
        if occurrence is None:
            return None
        if days_from(_latest(event, occurrence), -lead) < event.next_reminder:
            return None
        plain = days_from(occurrence, -lead)
        day = shift(plain) if shift else plain
        if day <= today:
            return Due(day, occurrence, slot, lead)
        furthest = days_from(occurrence, -1)


def _latest(event: Event, occurrence: date) -> date:
    """The latest day that any leap policy has for an occurrence: until then it may wait, where the policy was another
    one yesterday."""
    if event.month_day is None:
        return occurrence
    return max(in_year(occurrence.year, event.month_day, policy) for policy in _policies(event))


def ahead(event: Event, day: date, shift: Shift | None = None, since: date = date.min) -> date:
    """The ``next_reminder`` of an event of which nothing waits that was due before a day, shifted. Nor does what would
    have been due before ``since``, were it not for the shift."""
    if shift is None:
        return next_reminder(event, day)
    found = next_reminder(event, max(days_from(day, -FURTHEST_SHIFT), since))
    while found != NEVER and shift(found) < day:
        found = next_reminder(event, days_from(found, 1))
    return found


def after(event: Event, today: date, shift: Shift | None = None) -> date:
    """The ``next_reminder`` of an event once all that is due today is dealt with."""
    return ahead(event, days_from(today, 1), shift, event.next_reminder)
