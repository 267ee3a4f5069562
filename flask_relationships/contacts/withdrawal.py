"""Follow contacts that became inactive or active again: dismiss their open auto-actions, and bring back what is ahead.

Both passes read bounded pages and commit each, are idempotent, and may run in several processes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..actions import service as actions
from ..binding.host_values import HostValues
from ..binding.hosts import SYSTEM, Hosts
from ..fields import LONGEST_LEAD
from ..life_events.auto_actions import UNDATED
from ..life_events.occurrences import LeapDay, days_from, next_occurrence
from ..life_events.reminders import FURTHEST_SHIFT, slots
from ..life_events.subjects import is_anniversary
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, execute, retried
from . import activity

BATCH = 100
"""How many actions are changed in one transaction."""

ATTEMPTS = 6


class Followed(NamedTuple):
    """The ids of the actions that were dismissed, and of those that were opened again."""

    dismissed: list[UUID]
    reopened: list[UUID]


def follow(
    session: Session, models: Models, hosts: Hosts, today: date, stopped: Callable[[], bool] = lambda: False
) -> Followed:
    """Dismiss the open auto-actions of inactive contacts; reopen those of active contacts whose day is still ahead.

    :param stopped: asked between batches whether to end.
    """
    done = Followed([], [])
    if not activity.is_mapped(hosts):
        return done

    def reopen(ids: list[UUID]) -> list[UUID]:
        return _reopen(session, models, hosts, today, ids)

    for pages, change, changed_ids in (
        (_open_of_inactive(session, models, hosts), lambda ids: _dismiss(session, models, ids), done.dismissed),
        (_dismissed_of_active(session, models, hosts, today), reopen, done.reopened),
    ):
        for ids in pages:
            if stopped():
                return done
            changed_ids += retried(session, lambda: change(ids), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return done


def count(session: Session, models: Models, hosts: Hosts, today: date) -> dict[str, int]:
    """Return how many actions `follow` would dismiss and reopen. Writes nothing."""
    if not activity.is_mapped(hosts):
        return {}
    return {
        "dismissed": sum(map(len, _open_of_inactive(session, models, hosts))),
        "reopened": sum(map(len, _dismissed_of_active(session, models, hosts, today))),
    }


def _open_of_inactive(session: Session, models: Models, hosts: Hosts) -> Iterator[list[UUID]]:
    action = models.Action
    contacts = HostValues(hosts.contact, SYSTEM, {}, *activity.joined_fields(hosts))
    asked = sa.select(action.id, action.contact_id).where(activity.outlives_its_contact(action))
    asked = contacts.join(asked, action.contact_id, inner=True)
    if activity.is_known_in_sql(hosts.contact):
        asked = asked.where(sa.not_(activity.condition(hosts, contacts)))
    for rows in _pages(session, models, asked):
        if not activity.is_known_in_sql(hosts.contact):
            gone = activity.find_inactive(session, hosts, (row.contact_id for row in rows))
            rows = [row for row in rows if row.contact_id in gone]
        session.commit()
        if rows:
            yield [row.id for row in rows]


def _dismissed_of_active(session: Session, models: Models, hosts: Hosts, today: date) -> Iterator[list[UUID]]:
    for rows in _pages(session, models, _asked_for_again(models, hosts, today)):
        gone: set[Any] = set()
        if not activity.is_known_in_sql(hosts.contact):
            gone = activity.find_inactive(session, hosts, (row.contact_id for row in rows))
        session.commit()
        if wanted := [row.id for row in rows if row.contact_id not in gone and _still_occurs(row)]:
            yield wanted


def _asked_for_again(models: Models, hosts: Hosts, today: date) -> sa.Select[Any]:
    """What this tool dismissed and an active contact's event still asks for, if its day is not over."""
    action, event = models.Action, models.LifeEvent
    contacts = HostValues(hosts.contact, SYSTEM, {}, *activity.joined_fields(hosts))
    of_event: list[Any] = [event.event_type, event.event_date, event.month_day]
    of_event += [event.auto_action_days_before, event.further_reminders]
    of_action = (action.id, action.contact_id, action.occurrence_date, action.occurrence_key, action.reminder_slot)
    asked = sa.select(*of_action, *of_event).join(event, event.id == action.life_event_id)
    return contacts.join(asked, action.contact_id, inner=True).where(
        action.status == "dismissed",
        action.closed_by == "plugin",
        action.due >= days_from(today, -LONGEST_LEAD - FURTHEST_SHIFT),  # what an index finds
        sa.or_(action.occurrence_date >= today, action.occurrence_date.is_(None)),
        event.auto_action_enabled,
        sa.or_(event.profile_id.is_(None), event.recurs_annually),  # of a birthday that recurs no more there is none
        activity.condition(hosts, contacts),
    )


def _still_occurs(row: Any) -> bool:
    """Whether the event, as it is now, has this reminder and this occurrence."""
    if row.reminder_slot not in dict(slots(row)):
        return False
    occurrence = row.occurrence_date
    if occurrence is None:
        return bool(row.occurrence_key == UNDATED and row.event_date is None and row.month_day is None)
    policies: tuple[LeapDay, ...] = get_args(LeapDay)
    when = (row.event_date, row.month_day, occurrence)
    return any(next_occurrence(*when, one, is_anniversary(row.event_type)) == occurrence for one in policies)


def _pages(session: Session, models: Models, asked: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows in pages by id. Each page is read when it is asked for."""
    action, last = models.Action, None
    while True:
        page = asked.order_by(action.id).limit(BATCH)
        rows = execute(session, models.mapper, page if last is None else page.where(action.id > last)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def _dismiss(session: Session, models: Models, ids: list[UUID]) -> list[UUID]:
    """Dismiss these actions. A contact's reminder to keep in touch is due again once the contact is active."""
    action, profile, now = models.Action, models.Profile, state.now()
    pending = sa.select(action).where(action.id.in_(ids), action.status == "pending")
    found = execute(session, models.mapper, pending).scalars().all()
    closed = actions.close_many(session, models, found, "dismissed", user=None, closed_by="plugin", now=now)
    if profiles := [one.profile_id for one in closed if one.profile_id is not None]:
        again = sa.update(profile).where(profile.id.in_(profiles), profile.cadence_days.is_not(None))
        changed(session, models.mapper, again.values(in_touch_remind_day=profile.in_touch_due_day))
    session.commit()
    return [one.id for one in closed]


def _reopen(session: Session, models: Models, hosts: Hosts, today: date, ids: list[UUID]) -> list[UUID]:
    """Open those of the actions again that their events still ask for. The events stay locked until the commit."""
    action, event = models.Action, models.LifeEvent
    events = execute(session, models.mapper, sa.select(action.life_event_id).where(action.id.in_(ids))).scalars().all()
    session.commit()  # what is read from here on is read after the lock
    locking = sa.update(event).where(event.id.in_(events)).values(next_reminder=event.next_reminder)
    changed(session, models.mapper, locking)
    asked = execute(session, models.mapper, _asked_for_again(models, hosts, today).where(action.id.in_(ids)))
    ids = [row.id for row in asked if _still_occurs(row)]
    known = actions.find_many(session, models, ids).values()
    ours = [one for one in known if (one.status, one.closed_by) == ("dismissed", "plugin")]
    opened = [one.id for one in ours if actions.reopen(session, models, one, by="plugin", now=state.now())]
    session.commit()
    return opened
