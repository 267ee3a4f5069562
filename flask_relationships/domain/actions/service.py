"""Relationship actions: adding them, changing them, closing them and opening them again.

Every change is one conditional update, which decides between two who change an action at once; a line of its history;
and its mirror in the action centre.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.base import LATEST
from ...db.revisions import of_revision
from ...errors import ActionClosed, ActionNotPending, ChangedMeanwhile, unknown_reference
from ..action_centre import service as action_centre
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import NOT_BY_A_PERSON, LastContact
from ..models import Models
from . import history
from .history import By, Entry
from .models import ActionTable

NO_DATE = date.fromisoformat(LATEST)

OF_THE_EVENT = ("title", "action_type", "message_body", "due_date", "company_id", "assigned_to_user_id")
"""The columns of an auto-action that its event writes, until somebody has written them by hand."""

CLOSED = ("done", "dismissed")

CLOSED_ON_THE_WAY = "relationships_closed_on_the_way"
"""The key in `Session.info` of the actions that editing or deleting an event has closed: a request asks for each."""


def add(ctx: Context, values: dict[str, Any], *, now: datetime) -> ActionTable:
    """Add an action and mirror it in the action centre. ``values`` are columns; flushes."""
    action = ctx.models.Action(
        **{"occurrence_key": "manual", **values},
        due=values.get("due_date") or NO_DATE,
        created_at=now,
        updated_at=now,
    )
    ctx.session.add(action)
    ctx.session.flush()
    action_centre.mirror(ctx, action)
    return action


def edit(
    ctx: Context,
    action: ActionTable,
    values: dict[str, Any],
    *,
    user: Any,
    now: datetime,
    kind: str | None = None,
    revisions: Collection[int] | None = None,
) -> bool:
    """Change an open action by hand: True unless it says just that already.

    What is set by hand is not moved back when the event of an auto-action is saved again. Raises `ActionClosed`, and
    `ChangedMeanwhile` where it was changed since it was read.
    """
    altered = _altered(action, values)
    if not altered:
        return False
    if action.status != "pending":
        raise ActionClosed
    if action.source == "auto":
        held = _set_by_hand(action).union(altered).intersection(OF_THE_EVENT)
        altered["set_by_hand"] = " ".join(sorted(held)) or None
    named = kind or ("reassigned" if history.shown(altered) == ["assigned_to_user_id"] else "edited")
    how: Any = {"kind": named, "by": "user", "user": user, "now": now, "revisions": revisions}
    return _change(ctx, action, altered, unread=True, **how)


def move(ctx: Context, action: ActionTable, *, now: datetime, **values: Any) -> bool:
    """Let an open action say what its event says now, but for what was set by hand; True unless it does already.

    A due date that was set by hand holds for its occurrence: another occurrence has that of the event. Raises
    `ChangedMeanwhile` where the action was changed since it was read.
    """
    altered = _altered(action, _left_to_the_event(action, values))
    if not altered:
        return False
    return _change(ctx, action, altered, kind="moved", by="plugin", user=None, now=now, unread=True)


def close(
    ctx: Context,
    action: ActionTable,
    status: str,
    *,
    user: Any,
    closed_by: By,
    now: datetime,
    revisions: Collection[int] | None = None,
) -> bool:
    """Make an action done or dismissed; True unless it already was just that, or is gone or has another revision.

    ``done`` and ``dismissed`` may correct each other.
    """
    values = {"status": status, "closed_by": closed_by, "completed_by_user_id": user, "completed_at": now}
    how: Any = {"kind": status, "by": closed_by, "user": user, "now": now, "revisions": revisions}
    closed = any(_change(ctx, action, values, was=was, **how) for was in _others(status, action.status))
    if closed and closed_by == "plugin":
        ctx.session.info.setdefault(CLOSED_ON_THE_WAY, []).append(action)
    return closed


def pop_closed_on_the_way(session: Session) -> list[ActionTable]:
    """Return the actions that the plugin closed in this session since the last call, as a part of other work."""
    closed: list[ActionTable] = session.info.pop(CLOSED_ON_THE_WAY, [])
    return closed


def close_many(
    ctx: Context,
    actions: Iterable[ActionTable],
    status: str,
    *,
    user: Any,
    closed_by: By,
    now: datetime,
    mirrored: bool = True,
) -> list[ActionTable]:
    """Make actions done or dismissed, in a constant number of statements. Returns those that were not so before.

    Not ``mirrored``: the action centre knows already.
    """
    given = {action.id: action for action in actions}
    if not given:
        return []
    table, marks = ctx.models.Action, {was: uuid7() for was in _others(status, "pending")}
    done_at = {action.id: _done_by_somebody_at(action) for action in given.values()}
    values = {"status": status, "closed_by": closed_by, "completed_by_user_id": user, "completed_at": now}
    for was, mark in marks.items():
        closing = sa.update(table).where(table.id.in_(given), table.status == was)
        ctx.update_where(closing.values(**values, updated_at=now, change_id=mark))
    mine = sa.select(table).where(table.id.in_(given), table.change_id.in_(marks.values()))
    fresh = mine.execution_options(populate_existing=True)
    closed = list(ctx.execute(fresh).scalars())
    states = {mark: was for was, mark in marks.items()}
    entries = [
        Entry(action.id, status, closed_by, user, {"status": states[action.change_id]}, {"status": status})
        for action in closed
        if action.change_id is not None
    ]
    history.record(ctx, entries, now=now)
    if status == "done" and closed_by not in NOT_BY_A_PERSON:
        last_contact.note_done(ctx, list(marks.values()), {action.contact_id for action in closed}, now, user)
    elif status != "done":
        undone: dict[Any, set[datetime]] = {}
        for action in closed:
            if (undone_at := done_at[action.id]) is not None:
                undone.setdefault(action.contact_id, set()).add(undone_at)
        if undone:
            last_contact.withdraw(ctx, undone)
    if mirrored:
        action_centre.sync_many(ctx, closed)
    return closed


def reopen(
    ctx: Context,
    action: ActionTable,
    *,
    now: datetime,
    by: By,
    user: Any = None,
    mirrored: bool = True,
    revisions: Collection[int] | None = None,
    **values: Any,
) -> bool:
    """Open a closed action again, changed as its event says in ``values``.

    :param mirrored: False where the action centre knows already.
    :returns: False where nothing was changed: the action is open already, its event was deleted, or it was changed
        since it was read.
    """
    if action.status not in CLOSED:
        return False
    opened = {"status": "pending", "closed_by": None, "completed_by_user_id": None, "completed_at": None}
    altered = opened | _altered(action, _left_to_the_event(action, values))
    how: Any = {"kind": "reopened", "by": by, "user": user, "now": now, "mirrored": mirrored, "revisions": revisions}
    return _change(ctx, action, altered, was=action.status, only=[has_origin(ctx.models)], **how)


def has_origin(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that what an action was created from still exists; manual actions need nothing.

    Deleting a life event takes it out of all its actions, in the transaction that deletes it.
    """
    table = models.Action
    return sa.or_(table.source != "auto", table.life_event_id.is_not(None), table.profile_id.is_not(None))


def outlives_its_event(action: ActionTable) -> bool:
    """Return whether the life event of an auto-action was deleted. Such an action stays closed."""
    return action.source == "auto" and action.life_event_id is None and action.profile_id is None


def _others(status: str, first: str) -> list[str]:
    """The statuses that an action can have instead, the likeliest first."""
    others = [other for other in ("pending", *CLOSED) if other != status]
    return sorted(others, key=lambda other: other != first)


def _altered(action: ActionTable, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(action, name) != value}


def _set_by_hand(action: ActionTable) -> set[str]:
    return set((action.set_by_hand or "").split())


def _left_to_the_event(action: ActionTable, values: dict[str, Any]) -> dict[str, Any]:
    held = _set_by_hand(action)
    if "due_date" in held and values.get("occurrence_key", action.occurrence_key) != action.occurrence_key:
        held.discard("due_date")
        values = {**values, "set_by_hand": " ".join(sorted(held)) or None}
    return {name: value for name, value in values.items() if name not in held}


def _change(
    ctx: Context,
    action: ActionTable,
    values: dict[str, Any],
    *,
    kind: str,
    by: By,
    user: Any,
    now: datetime,
    was: str = "pending",
    unread: bool = False,
    mirrored: bool = True,
    revisions: Collection[int] | None = None,
    only: Sequence[sa.ColumnElement[bool]] = (),
) -> bool:
    """Change an action whose status ``was`` this, with a line of its history and its mirror.

    ``unread``: what is written depends on what was read. Raises `ChangedMeanwhile` then, where that is not so any more.
    ``only``: further conditions of the UPDATE.
    """
    table, done_at = ctx.models.Action, _done_by_somebody_at(action)
    conditions = [table.id == action.id, table.status == was, *of_revision(table, revisions), *only]
    if unread:
        conditions.append(table.change_id.is_not_distinct_from(action.change_id))
    before = {name: getattr(action, name) for name in values} | {"status": was}
    if "due_date" in values:
        values = {**values, "due": values["due_date"] or NO_DATE}
    changing = sa.update(table).where(*conditions).values(**values, updated_at=now, change_id=uuid7())
    if not ctx.update_where(changing):
        if unread:
            raise ChangedMeanwhile
        return False
    history.record(ctx, [Entry(action.id, kind, by, user, before, values)], now=now)
    ctx.session.refresh(action)
    now_done_at = _done_by_somebody_at(action)
    if now_done_at is not None and now_done_at != done_at:
        last_contact.note(ctx, action.contact_id, LastContact(now, action.action_type, user))
    elif now_done_at is None and done_at is not None:
        last_contact.withdraw(ctx, {action.contact_id: [done_at]})
    if mirrored:
        action_centre.sync(ctx, action)
    return True


def _done_by_somebody_at(action: ActionTable) -> datetime | None:
    """When a person did an action, which is to have been in touch."""
    return action.completed_at if action.status == "done" and action.closed_by not in NOT_BY_A_PERSON else None


def claim(ctx: Context, action_id: UUID, contact: Any, message_id: UUID) -> None:
    """Claim a pending action of this contact for a message that fulfils it.

    Raises `ActionNotPending` where it is closed or claimed.
    """
    table = ctx.models.Action
    mine = (table.id == action_id, table.contact_id == contact)
    claiming = sa.update(table).where(*mine, table.status == "pending", table.claimed_by_message_id.is_(None))
    if ctx.update_where(claiming.values(claimed_by_message_id=message_id)):
        return
    raise ActionNotPending


def find_linked(ctx: Context, action_id: UUID, contact: Any) -> ActionTable:
    """Return the action that a message links. Raises `ValidationFailed` unless it is one of this contact."""
    table = ctx.models.Action
    mine = sa.select(table).where(table.id == action_id, table.contact_id == contact)
    found: ActionTable | None = ctx.execute(mine).scalar_one_or_none()
    if found is None:
        raise unknown_reference("auto_action_id")
    return found


def release(ctx: Context, message_id: UUID) -> None:
    """Give back what a message claimed and will not fulfil."""
    table = ctx.models.Action
    claimed = sa.update(table).where(table.claimed_by_message_id == message_id)
    ctx.update_where(claimed.values(claimed_by_message_id=None))


def fulfil(ctx: Context, message_id: UUID, *, user: Any, now: datetime) -> ActionTable | None:
    """The action a message claimed is done, now that the message was accepted."""
    table = ctx.models.Action
    action = ctx.execute(sa.select(table).where(table.claimed_by_message_id == message_id)).scalar_one_or_none()
    if action is None:
        return None
    closed = close(ctx, action, "done", user=user, closed_by="message", now=now)
    release(ctx, message_id)
    return action if closed else None


def find(ctx: Context, action_id: UUID) -> ActionTable | None:
    """The action of this id, as it is now."""
    table = ctx.models.Action
    found = ctx.execute(_fresh(sa.select(table).where(table.id == action_id)))
    return found.scalar_one_or_none()


def find_many(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, ActionTable]:
    """The actions of these ids, as they are now, by id."""
    table = ctx.models.Action
    found = ctx.execute(_fresh(sa.select(table).where(table.id.in_(list(ids))))).scalars()
    return {action.id: action for action in found}


def _fresh(statement: sa.Select[Any]) -> sa.Select[Any]:
    """What an update has written past the session is not in the session's objects."""
    return statement.execution_options(populate_existing=True)
