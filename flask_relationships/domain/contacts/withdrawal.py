"""Follow contacts that became inactive or active again: dismiss their open auto-actions, and bring back what is ahead.

Both passes read bounded pages and commit each, are idempotent, and may run in several processes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, get_args
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.statements import retried
from ...hosts.bound import SYSTEM
from ...hosts.joins import HostValues
from ..actions import service as actions
from ..life_events.auto_actions import UNDATED
from ..life_events.occurrences import LeapDay, days_from, next_occurrence
from ..life_events.reminders import MAX_LEAD_DAYS, MAX_SHIFT_DAYS, slots
from ..life_events.subjects import is_anniversary
from . import activity

BATCH = 100
"""How many actions are changed in one transaction."""

ATTEMPTS = 6


class Followed(NamedTuple):
    """The ids of the actions that were dismissed, and of those that were opened again."""

    dismissed: list[UUID]
    reopened: list[UUID]


def follow(ctx: Context, today: date, stopped: Callable[[], bool] = lambda: False) -> Followed:
    """Dismiss the open auto-actions of inactive contacts; reopen those of active contacts whose day is still ahead.

    :param stopped: asked between batches whether to end.
    """
    done = Followed([], [])
    if not activity.is_mapped(ctx.hosts):
        return done

    def reopen(ids: list[UUID]) -> list[UUID]:
        return _reopen(ctx, today, ids)

    for pages, change, changed_ids in (
        (_open_of_inactive(ctx), lambda ids: _dismiss(ctx, ids), done.dismissed),
        (_dismissed_of_active(ctx, today), reopen, done.reopened),
    ):
        for ids in pages:
            if stopped():
                return done
            changed_ids += retried(ctx.session, lambda: change(ids), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return done


def count(ctx: Context, today: date) -> dict[str, int]:
    """Return how many actions `follow` would dismiss and reopen. Writes nothing."""
    if not activity.is_mapped(ctx.hosts):
        return {}
    return {
        "dismissed": sum(map(len, _open_of_inactive(ctx))),
        "reopened": sum(map(len, _dismissed_of_active(ctx, today))),
    }


def _open_of_inactive(ctx: Context) -> Iterator[list[UUID]]:
    action = ctx.models.Action
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *activity.joined_fields(ctx.hosts))
    asked = sa.select(action.id, action.contact_id).where(activity.outlives_its_contact(action))
    asked = contacts.join(asked, action.contact_id, inner=True)
    if activity.is_known_in_sql(ctx.hosts.contact):
        asked = asked.where(sa.not_(activity.condition(ctx.hosts, contacts)))
    for rows in _pages(ctx, asked):
        if not activity.is_known_in_sql(ctx.hosts.contact):
            gone = activity.find_inactive(ctx, (row.contact_id for row in rows))
            rows = [row for row in rows if row.contact_id in gone]
        ctx.commit()
        if rows:
            yield [row.id for row in rows]


def _dismissed_of_active(ctx: Context, today: date) -> Iterator[list[UUID]]:
    for rows in _pages(ctx, _asked_for_again(ctx, today)):
        gone: set[Any] = set()
        if not activity.is_known_in_sql(ctx.hosts.contact):
            gone = activity.find_inactive(ctx, (row.contact_id for row in rows))
        ctx.commit()
        if wanted := [row.id for row in rows if row.contact_id not in gone and _still_occurs(row)]:
            yield wanted


def _asked_for_again(ctx: Context, today: date) -> sa.Select[Any]:
    """What this tool dismissed and an active contact's event still asks for, if its day is not over."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *activity.joined_fields(ctx.hosts))
    of_event: list[Any] = [event.event_type, event.event_date, event.month_day]
    of_event += [event.auto_action_days_before, event.further_reminders]
    of_action = (action.id, action.contact_id, action.occurrence_date, action.occurrence_key, action.reminder_slot)
    asked = sa.select(*of_action, *of_event).join(event, event.id == action.life_event_id)
    return contacts.join(asked, action.contact_id, inner=True).where(
        action.status == "dismissed",
        action.closed_by == "plugin",
        action.due >= days_from(today, -MAX_LEAD_DAYS - MAX_SHIFT_DAYS),  # what an index finds
        sa.or_(action.occurrence_date >= today, action.occurrence_date.is_(None)),
        event.auto_action_enabled,
        sa.or_(event.profile_id.is_(None), event.recurs_annually),  # of a birthday that recurs no more there is none
        activity.condition(ctx.hosts, contacts),
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


def _pages(ctx: Context, asked: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows in pages by id. Each page is read when it is asked for."""
    action, last = ctx.models.Action, None
    while True:
        page = asked.order_by(action.id).limit(BATCH)
        rows = ctx.execute(page if last is None else page.where(action.id > last)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def _dismiss(ctx: Context, ids: list[UUID]) -> list[UUID]:
    """Dismiss these actions. A contact's reminder to keep in touch is due again once the contact is active."""
    action, profile, now = ctx.models.Action, ctx.models.Profile, ctx.now()
    pending = sa.select(action).where(action.id.in_(ids), action.status == "pending")
    found = ctx.execute(pending).scalars().all()
    closed = actions.close_many(ctx, found, "dismissed", user=None, closed_by="plugin", now=now)
    if profiles := [one.profile_id for one in closed if one.profile_id is not None]:
        again = sa.update(profile).where(profile.id.in_(profiles), profile.cadence_days.is_not(None))
        ctx.update_where(again.values(in_touch_remind_day=profile.in_touch_due_day))
    ctx.commit()
    return [one.id for one in closed]


def _reopen(ctx: Context, today: date, ids: list[UUID]) -> list[UUID]:
    """Open those of the actions again that their events still ask for. The events stay locked until the commit."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    events = ctx.execute(sa.select(action.life_event_id).where(action.id.in_(ids))).scalars().all()
    ctx.commit()  # what is read from here on is read after the lock
    locking = sa.update(event).where(event.id.in_(events)).values(next_reminder=event.next_reminder)
    ctx.update_where(locking)
    asked = ctx.execute(_asked_for_again(ctx, today).where(action.id.in_(ids)))
    ids = [row.id for row in asked if _still_occurs(row)]
    known = actions.find_many(ctx, ids).values()
    ours = [one for one in known if (one.status, one.closed_by) == ("dismissed", "plugin")]
    opened = [one.id for one in ours if actions.reopen(ctx, one, by="plugin", now=ctx.now())]
    ctx.commit()
    return opened
