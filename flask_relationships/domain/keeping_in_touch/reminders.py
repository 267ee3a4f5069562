"""Create the actions that remind of keeping in touch: a limited number a day for each assignee.

`backlog` chooses the contacts, the most overdue of each assignee first. Concurrent processes choose in the same order:
together they create no more than one of them would. The unique key (profile, due date) decides which process creates an
action; all other changes are conditional.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.base import MAX_NAME_LENGTH
from ...db.statements import execute
from ...hosts.bound import SYSTEM
from ...translations import marked, text
from ..actions import many
from ..actions import service as actions
from ..batches import retry
from ..life_events.templates import KEEP_IN_TOUCH, fill, template_of
from . import backlog, cadence
from .early import is_early

BATCH_ROWS = 100
"""Actions that one transaction creates or dismisses."""

DEFAULT_TITLE = marked("Get in touch")
"""The title where no wording of the template fits."""


class Reminded(NamedTuple):
    """The ids of actions: created; dismissed, because of contact meanwhile; and reopened, because there was none."""

    made: list[UUID]
    dismissed: list[UUID]
    reopened: Sequence[UUID] = ()


class Open(NamedTuple):
    """An open reminder. It is dismissed if it is outlived, else its profile is postponed."""

    id: UUID
    profile_id: UUID
    is_outlived: bool


def remind(ctx: Context, today: date) -> Reminded:
    """Create the actions for contacts that are due; commits in small batches.

    Idempotent, in any number of processes. A contact has at most one of these actions open. After a dismissal the next
    one comes a whole cadence later. After an outage there is one action, not one for each missed day.
    """
    opened = _read_open(ctx, today)
    dismissed = _in_batches(ctx, [one.id for one in opened if one.is_outlived], _dismiss)
    _in_batches(ctx, [one.profile_id for one in opened if not one.is_outlived], _postpone, today)
    due = _find_due(ctx, today)
    ctx.commit()
    reopened = _in_batches(ctx, due, _reopen)
    return Reminded(_in_batches(ctx, due, _create, today), dismissed, reopened)


def count(ctx: Context, today: date) -> int:
    """Return how many actions `remind` would create, as far as a read can tell."""
    return len(_find_due(ctx, today))


def _in_batches(ctx: Context, rows: Sequence[Any], work: Callable[..., list[UUID]], *args: Any) -> list[UUID]:
    """Call a unit of work with the context, each batch of rows, and these arguments."""
    done: list[UUID] = []
    for start in range(0, len(rows), BATCH_ROWS):
        done += retry(ctx, work, ctx, rows[start : start + BATCH_ROWS], *args)
    return done


def _read_open(ctx: Context, today: date) -> list[Open]:
    """Return the open reminders to dismiss or to postpone.

    Dismissed: there was contact since, the cadence was removed, or the reminder is too early. Postponed: the next
    reminder is due.
    """
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
    closed = actions.dismiss_pending(ctx, ctx.models.Action.id.in_(ids))
    ctx.commit()
    return [one.id for one in closed]


def _postpone(ctx: Context, profiles: list[UUID], today: date) -> list[UUID]:
    """Move the next reminder of profiles with an open one by whole cadences, beyond today."""
    table = ctx.models.Profile
    is_due = table.in_touch_remind_day <= today.toordinal()
    postponing = sa.update(table).where(table.id.in_(profiles), is_due, backlog.is_open(ctx.models))
    ctx.update_where(postponing.values(in_touch_remind_day=cadence.next_reminder(table, today)))
    ctx.commit()
    return []


def _find_due(ctx: Context, today: date) -> list[dict[str, Any]]:
    """Return the columns of the actions to create."""
    found = backlog.find_due(ctx, today, ctx.settings.in_touch_per_day)
    rows, users = [_columns(ctx, due, today) for due in found], ctx.hosts.user
    if users.joinable or not users.hooked:
        return rows
    return _with_present(rows, users.seen(ctx.session, (row["assigned_to_user_id"] for row in rows), SYSTEM))


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
        "title": words["title"] or text(DEFAULT_TITLE),
        "occurrence_date": wanted,
        "occurrence_key": wanted.isoformat(),
        "due_date": today,
    }


def _with_present(rows: list[dict[str, Any]], users: Collection[Any]) -> list[dict[str, Any]]:
    """Return the rows, unassigned where the assignee is none of these users."""
    return [row if row["assigned_to_user_id"] in users else {**row, "assigned_to_user_id": None} for row in rows]


def _reopen(ctx: Context, rows: list[dict[str, Any]]) -> list[UUID]:
    """Reopen actions that the plugin dismissed for the same day as one of these rows."""
    table, wanted = ctx.models.Action, {(row["profile_id"], row["occurrence_key"]): row for row in rows}
    by_plugin = (table.status == "dismissed", table.closed_by == "plugin")
    dismissed = sa.select(table).where(table.profile_id.in_([row["profile_id"] for row in rows]), *by_plugin)
    opened = []
    for action in ctx.execute(dismissed).scalars().all():
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
    existing = sa.select(users.key).where(users.key.in_(named))
    return _with_present(rows, set(execute(ctx.session, users.mapper, existing).scalars()))


def _create(ctx: Context, rows: list[dict[str, Any]], today: date) -> list[UUID]:
    table = ctx.models.Profile
    profiles = [row["profile_id"] for row in rows]
    # A retried batch leaves out the contacts that were deleted meanwhile.
    found = set(ctx.execute(sa.select(table.id).where(table.id.in_(profiles))).scalars())
    rows = _without_deleted_assignees(ctx, [row for row in rows if row["profile_id"] in found])
    created = many.add_absent(ctx, rows, now=ctx.now())
    reminded = sa.update(table).where(table.id.in_(profiles), table.in_touch_remind_day <= today.toordinal())
    ctx.update_where(reminded.values(in_touch_remind_day=cadence.next_reminder(table, today)))
    ctx.commit()
    return created
