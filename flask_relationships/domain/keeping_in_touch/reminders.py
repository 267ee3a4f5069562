"""Actions that remind of keeping in touch: made by `remind` as time goes by, so many a day for each assignee at most.

`backlog` decides whom to remind of, the most overdue first within each assignee. Whoever asks at the same time sees
the same order, begun where another left off: together they make no more than one of them would. The unique key
(profile, day it was due) decides who makes an action; all that follows is a conditional change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.base import MAX_NAME_LENGTH
from ...db.statements import execute, retried
from ...hosts.bound import SYSTEM
from ...translations import marked, text
from ..actions import many
from ..actions import service as actions
from ..life_events.templates import KEEP_IN_TOUCH, fill, template_of
from . import backlog, cadence
from .early import is_early

BATCH = 100
"""How many actions are made, or dismissed, in one transaction."""

ATTEMPTS = 6

NAMELESS = marked("Get in touch")
"""The title where no wording of the template fits."""


class Reminded(NamedTuple):
    """The actions that were made; those that were dismissed because somebody was in touch meanwhile; and those of them
    that were opened again, because nobody had been after all."""

    made: list[UUID]
    dismissed: list[UUID]
    reopened: Sequence[UUID] = ()


class Open(NamedTuple):
    """An open reminder, and whether it is to be dismissed: else its profile is to be put off."""

    id: UUID
    profile_id: UUID
    is_outlived: bool


def remind(ctx: Context, today: date) -> Reminded:
    """Make the actions of those with whom somebody should be in touch by now; commits in small batches.

    Idempotent, in any number of processes. A contact has at most one of these actions open. One that is dismissed
    comes back after a whole cadence more, and after any outage there is one action, not one for each day missed.
    """
    opened = _read_open(ctx, today)
    outlived = [one.id for one in opened if one.is_outlived]
    dismissed = _each(ctx, outlived, lambda batch: _dismiss(ctx, batch))
    again = [one.profile_id for one in opened if not one.is_outlived]
    _each(ctx, again, lambda batch: _put_off(ctx, batch, today))
    due = _whom(ctx, today)
    ctx.commit()
    reopened = _each(ctx, due, lambda batch: _open_again(ctx, batch))
    return Reminded(_each(ctx, due, lambda batch: _make(ctx, batch, today)), dismissed, reopened)


def count(ctx: Context, today: date) -> int:
    """How many `remind` would make, as far as can be told without writing."""
    return len(_whom(ctx, today))


def _each(ctx: Context, rows: Sequence[Any], do: Any) -> list[UUID]:
    done: list[UUID] = []
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        done += retried(ctx.session, lambda: do(batch), ATTEMPTS, unless=lambda: False)
    return done


def _read_open(ctx: Context, today: date) -> list[Open]:
    """Return the open reminders that are to be dismissed or put off: of what has happened since, is wanted no more, is
    too early, or has come again."""
    action, profile = ctx.models.Action, ctx.models.Profile
    over = sa.or_(profile.cadence_days.is_(None), profile.last_contact_at >= action.created_at)
    later = profile.in_touch_due_day > ctx.today().toordinal()
    again = profile.in_touch_remind_day <= today.toordinal()
    columns = (action.id, action.profile_id, action.occurrence_date, profile.in_touch_due_day)
    opened = sa.select(*columns, over.label("over"), again.label("again"))
    opened = opened.join(profile, profile.id == action.profile_id)
    is_reminder = (action.profile_id.is_not(None), action.status == "pending")
    opened = opened.where(*is_reminder, sa.or_(over, later, again)).order_by(action.id)
    found = []
    for row in ctx.execute(opened).all():
        is_outlived = bool(row.over) or is_early(row.occurrence_date, row.in_touch_due_day)
        if is_outlived or row.again:
            found.append(Open(row.id, row.profile_id, is_outlived))
    ctx.commit()
    return found


def _dismiss(ctx: Context, ids: list[UUID]) -> list[UUID]:
    action, now = ctx.models.Action, ctx.now()
    pending = sa.select(action).where(action.id.in_(ids), action.status == "pending")
    found = ctx.execute(pending).scalars().all()
    closed = actions.close_many(ctx, found, "dismissed", user=None, closed_by="plugin", now=now)
    ctx.commit()
    return [one.id for one in closed]


def _put_off(ctx: Context, profiles: list[UUID], today: date) -> list[UUID]:
    """Let nobody who is reminded already be reminded again before a whole cadence more has passed."""
    table = ctx.models.Profile
    has_come = table.in_touch_remind_day <= today.toordinal()
    putting = sa.update(table).where(table.id.in_(profiles), has_come, backlog.is_open(ctx.models))
    ctx.update_where(putting.values(in_touch_remind_day=cadence.next_reminder(table, today)))
    ctx.commit()
    return []


def _whom(ctx: Context, today: date) -> list[dict[str, Any]]:
    """Return the columns of the actions to make."""
    found = backlog.find_due(ctx, today, ctx.settings.in_touch_per_day)
    return _with_shown_assignees(ctx, [_columns(ctx, due, today) for due in found])


def _columns(ctx: Context, row: backlog.Due, today: date) -> dict[str, Any]:
    late = today.toordinal() - row.in_touch_due_day
    wanted = date.fromordinal(row.in_touch_due_day + late // row.cadence_days * row.cadence_days)
    template = template_of(KEEP_IN_TOUCH, ctx.templates)
    words = fill(template, MAX_NAME_LENGTH, title="", first_name=row.first_name, preferred_name=None, age=None)
    return {
        "profile_id": row.id,
        "contact_id": row.contact_id,
        "assigned_to_user_id": row.assignee,
        **words,
        "title": words["title"] or text(NAMELESS),
        "occurrence_date": wanted,
        "occurrence_key": wanted.isoformat(),
        "due_date": today,
    }


def _with_shown_assignees(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those assignees that only their own database tells to be gone."""
    users = ctx.hosts.user
    if users.joinable or not users.hooked:
        return rows
    shown = users.seen(ctx.session, (row["assigned_to_user_id"] for row in rows), SYSTEM)
    return [row if row["assigned_to_user_id"] in shown else {**row, "assigned_to_user_id": None} for row in rows]


def _open_again(ctx: Context, rows: list[dict[str, Any]]) -> list[UUID]:
    """What this tool has dismissed of the very day for which there would be one now."""
    table, wanted = ctx.models.Action, {(row["profile_id"], row["occurrence_key"]): row for row in rows}
    ours = (table.status == "dismissed", table.closed_by == "plugin")
    asked = sa.select(table).where(table.profile_id.in_([row["profile_id"] for row in rows]), *ours)
    opened = []
    for action in ctx.execute(asked).scalars().all():
        row = wanted.get((action.profile_id, action.occurrence_key))
        how: Any = {"by": "plugin", "now": ctx.now()}
        if row is not None and actions.reopen(ctx, action, **how, **row):
            opened.append(action.id)
    ctx.commit()
    return opened


def _without_deleted_assignees(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows, unassigned where the assignee was deleted since the backlog was read."""
    users, named = ctx.hosts.user, {row["assigned_to_user_id"] for row in rows} - {None}
    if not named:
        return rows
    found = set(execute(ctx.session, users.mapper, sa.select(users.key).where(users.key.in_(named))).scalars())
    gone = named - found
    return [{**row, "assigned_to_user_id": None} if row["assigned_to_user_id"] in gone else row for row in rows]


def _make(ctx: Context, rows: list[dict[str, Any]], today: date) -> list[UUID]:
    table = ctx.models.Profile
    profiles = [row["profile_id"] for row in rows]
    # A batch that is begun again leaves out the contacts who were deleted meanwhile.
    found = set(ctx.execute(sa.select(table.id).where(table.id.in_(profiles))).scalars())
    rows = _without_deleted_assignees(ctx, [row for row in rows if row["profile_id"] in found])
    made = many.add_absent(ctx, rows, now=ctx.now()) if rows else []
    reminded = sa.update(table).where(table.id.in_(profiles), table.in_touch_remind_day <= today.toordinal())
    ctx.update_where(reminded.values(in_touch_remind_day=cadence.next_reminder(table, today)))
    ctx.commit()
    return made
