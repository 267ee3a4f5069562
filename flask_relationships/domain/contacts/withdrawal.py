"""Dismiss the open auto-actions of contacts that became inactive; reopen those of contacts that are active again.

Both passes read bounded pages and commit each, are idempotent, and may run in several processes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, get_args
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import SYSTEM
from ...hosts.joins import HostValues
from ..actions import service as actions
from ..batches import read_pages, retry
from ..life_events.auto_actions import UNDATED
from ..life_events.occurrences import LeapDay, days_from, next_occurrence
from ..life_events.reminders import MAX_LEAD_DAYS, MAX_SHIFT_DAYS, slots
from ..life_events.subjects import is_anniversary
from . import activity

BATCH_ROWS = 100
"""Actions that one transaction changes."""


class Followed(NamedTuple):
    """The ids of the actions that were dismissed, and of those that were reopened."""

    dismissed: list[UUID]
    reopened: list[UUID]


def follow(ctx: Context, today: date, stopped: Callable[[], bool] = lambda: False) -> Followed:
    """Dismiss the open auto-actions of inactive contacts; reopen those of active contacts whose day is still ahead.

    :param stopped: called between batches; True ends the run.
    """
    done = Followed([], [])
    if not activity.is_mapped(ctx.hosts):
        return done
    for ids in _open_of_inactive(ctx):
        if stopped():
            return done
        done.dismissed.extend(retry(ctx, _dismiss, ctx, ids))
    for ids in _dismissed_of_active(ctx, today):
        if stopped():
            return done
        done.reopened.extend(retry(ctx, _reopen, ctx, today, ids))
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
    action, is_known = ctx.models.Action, activity.is_known_in_sql(ctx.hosts.contact)
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *activity.joined_fields(ctx.hosts))
    opened = sa.select(action.id, action.contact_id).where(activity.outlives_its_contact(action))
    opened = contacts.join(opened, action.contact_id, inner=True)
    if is_known:
        opened = opened.where(sa.not_(activity.condition(ctx.hosts, contacts)))
    for rows in read_pages(ctx, opened, action.id, BATCH_ROWS):
        inactive = _find_inactive(ctx, rows)
        ids = [row.id for row in rows if is_known or row.contact_id in inactive]
        if ids:
            yield ids


def _dismissed_of_active(ctx: Context, today: date) -> Iterator[list[UUID]]:
    for rows in read_pages(ctx, _select_dismissed(ctx, today), ctx.models.Action.id, BATCH_ROWS):
        inactive = _find_inactive(ctx, rows)
        ids = [row.id for row in rows if row.contact_id not in inactive and _still_occurs(row)]
        if ids:
            yield ids


def _find_inactive(ctx: Context, rows: Sequence[Any]) -> set[Any]:
    """Return the inactive contacts of rows where SQL cannot tell them."""
    if activity.is_known_in_sql(ctx.hosts.contact):
        return set()
    inactive = activity.find_inactive(ctx, [row.contact_id for row in rows])
    ctx.commit()
    return inactive


def _select_dismissed(ctx: Context, today: date) -> sa.Select[Any]:
    """Return a select of actions that the plugin dismissed, whose event is enabled and whose day is not over."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *activity.joined_fields(ctx.hosts))
    of_event: list[Any] = [event.event_type, event.event_date, event.month_day]
    of_event += [event.auto_action_days_before, event.further_reminders]
    of_action = (action.id, action.contact_id, action.occurrence_date, action.occurrence_key, action.reminder_slot)
    rows = sa.select(*of_action, *of_event).join(event, event.id == action.life_event_id)
    return contacts.join(rows, action.contact_id, inner=True).where(
        action.status == "dismissed",
        action.closed_by == "plugin",
        action.due >= days_from(today, -MAX_LEAD_DAYS - MAX_SHIFT_DAYS),  # for the index
        sa.or_(action.occurrence_date >= today, action.occurrence_date.is_(None)),
        event.auto_action_enabled,
        sa.or_(event.profile_id.is_(None), event.recurs_annually),  # a birthday that does not recur has no actions
        activity.condition(ctx.hosts, contacts),
    )


def _still_occurs(row: Any) -> bool:
    """Return whether the event, as it is now, has this reminder and this occurrence."""
    if row.reminder_slot not in dict(slots(row)):
        return False
    occurrence = row.occurrence_date
    if occurrence is None:
        return bool(row.occurrence_key == UNDATED and row.event_date is None and row.month_day is None)
    policies: tuple[LeapDay, ...] = get_args(LeapDay)
    when = (row.event_date, row.month_day, occurrence)
    return any(next_occurrence(*when, policy, is_anniversary(row.event_type)) == occurrence for policy in policies)


def _dismiss(ctx: Context, ids: list[UUID]) -> list[UUID]:
    """Dismiss these actions. A reminder to keep in touch is due again once its contact is active."""
    profile = ctx.models.Profile
    closed = actions.dismiss_pending(ctx, ctx.models.Action.id.in_(ids))
    if profiles := [one.profile_id for one in closed if one.profile_id is not None]:
        again = sa.update(profile).where(profile.id.in_(profiles), profile.cadence_days.is_not(None))
        ctx.update_where(again.values(in_touch_remind_day=profile.in_touch_due_day))
    ctx.commit()
    return [one.id for one in closed]


def _reopen(ctx: Context, today: date, ids: list[UUID]) -> list[UUID]:
    """Reopen the actions whose occurrence still exists. Their events stay locked until the commit."""
    action, event = ctx.models.Action, ctx.models.LifeEvent
    events = ctx.execute(sa.select(action.life_event_id).where(action.id.in_(ids))).scalars().all()
    ctx.commit()  # so that later reads come after the lock
    locking = sa.update(event).where(event.id.in_(events)).values(next_reminder=event.next_reminder)
    ctx.update_where(locking)
    rows = ctx.execute(_select_dismissed(ctx, today).where(action.id.in_(ids))).all()
    known = actions.find_many(ctx, [row.id for row in rows if _still_occurs(row)]).values()
    by_plugin = [one for one in known if (one.status, one.closed_by) == ("dismissed", "plugin")]
    opened = [one.id for one in by_plugin if actions.reopen(ctx, one, by="plugin", now=ctx.now())]
    ctx.commit()
    return opened
