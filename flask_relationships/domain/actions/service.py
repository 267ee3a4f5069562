"""Create, change, close and reopen actions.

Each change is one conditional UPDATE, which decides between two requests; a line of the history; and a call of the
action centre.
"""

from __future__ import annotations

from collections import defaultdict
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

EVENT_COLUMNS = ("title", "action_type", "message_body", "due_date", "company_id", "assigned_to_user_id")
"""The columns of an auto-action that follow its event, until somebody sets them by hand."""

CLOSED_STATUSES = ("done", "dismissed")

CLOSED_BY_PLUGIN_KEY = "relationships_closed_on_the_way"
"""The key in `Session.info` of the actions that editing or deleting an event has closed."""


def add(ctx: Context, values: dict[str, Any], *, now: datetime) -> ActionTable:
    """Create an action from these columns, and mirror it in the action centre. Flushes."""
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
    """Change an open action by hand. Columns of an auto-action that are set by hand do not follow its event any more.

    :param kind: of the line in the history; None derives it from the columns.
    :param revisions: the revisions that the client expects.
    :returns: False if the action has these values already.
    :raises ActionClosed: if the action is not open.
    :raises ChangedMeanwhile: if the action was changed since it was read.
    """
    altered = _altered(action, values)
    if not altered:
        return False
    if action.status != "pending":
        raise ActionClosed
    if action.source == "auto":
        held = _set_by_hand(action).union(altered).intersection(EVENT_COLUMNS)
        altered["set_by_hand"] = " ".join(sorted(held)) or None
    kind = kind or ("reassigned" if history.shown(altered) == ["assigned_to_user_id"] else "edited")
    how: Any = {"kind": kind, "by": "user", "user": user, "now": now, "revisions": revisions}
    return _change(ctx, action, altered, unread=True, **how)


def move(ctx: Context, action: ActionTable, *, now: datetime, **values: Any) -> bool:
    """Update an open action from its event, except columns that were set by hand.

    A due date that was set by hand holds for its occurrence; another occurrence has the due date of the event.

    :returns: False if the action has these values already.
    :raises ChangedMeanwhile: if the action was changed since it was read.
    """
    altered = _altered(action, _without_set_by_hand(action, values))
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
    """Set an action to done or dismissed. Each may replace the other.

    :returns: False if it has this status already, was deleted, or has another revision.
    """
    values = {"status": status, "closed_by": closed_by, "completed_by_user_id": user, "completed_at": now}
    how: Any = {"kind": status, "by": closed_by, "user": user, "now": now, "revisions": revisions}
    closed = any(_change(ctx, action, values, was=was, **how) for was in _others(status, action.status))
    if closed and closed_by == "plugin":
        ctx.session.info.setdefault(CLOSED_BY_PLUGIN_KEY, []).append(action)
    return closed


def pop_closed_on_the_way(session: Session) -> list[ActionTable]:
    """Return the actions that the plugin has closed in this session since the last call."""
    closed: list[ActionTable] = session.info.pop(CLOSED_BY_PLUGIN_KEY, [])
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
    """Set actions to done or dismissed, in a constant number of statements. Returns those that changed.

    :param mirrored: False where the action centre has the change already.
    """
    done_at = {action.id: _done_by_a_person_at(action) for action in actions}
    if not done_at:
        return []
    table = ctx.models.Action
    marks: dict[UUID | None, str] = {uuid7(): was for was in _others(status, "pending")}
    values = {"status": status, "closed_by": closed_by, "completed_by_user_id": user, "completed_at": now}
    for mark, was in marks.items():
        closing = sa.update(table).where(table.id.in_(done_at), table.status == was)
        ctx.update_where(closing.values(**values, updated_at=now, change_id=mark))
    mine = sa.select(table).where(table.id.in_(done_at), table.change_id.in_(marks))
    closed = list(ctx.execute(_fresh(mine)).scalars())
    after = {"status": status}
    changes = [Entry(one.id, status, closed_by, user, {"status": marks[one.change_id]}, after) for one in closed]
    history.record(ctx, changes, now=now)
    if status != "done":
        _withdraw(ctx, [(action.contact_id, done_at[action.id]) for action in closed])
    elif closed_by not in NOT_BY_A_PERSON:
        last_contact.note_done(ctx, list(marks), {action.contact_id for action in closed}, now, user)
    if mirrored:
        action_centre.sync_many(ctx, closed)
    return closed


def _withdraw(ctx: Context, done: Iterable[tuple[Any, datetime | None]]) -> None:
    """Correct the last contact of contacts whose action turned out not to be done: contact, and when it was done."""
    undone = defaultdict[Any, set[datetime]](set)
    for contact, done_at in done:
        if done_at is not None:
            undone[contact].add(done_at)
    if undone:
        last_contact.withdraw(ctx, undone)


def dismiss_pending(ctx: Context, *conditions: sa.ColumnElement[bool]) -> list[ActionTable]:
    """Dismiss the open actions that meet these conditions, as the plugin. Returns those that were dismissed."""
    pending = sa.select(ctx.models.Action).where(*conditions, ctx.models.Action.status == "pending")
    found = ctx.execute(pending).scalars().all()
    return close_many(ctx, found, "dismissed", user=None, closed_by="plugin", now=ctx.now())


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
    """Reopen a closed action, and update it from its event.

    :param mirrored: False where the action centre has the change already.
    :param values: columns that follow the event.
    :returns: False if the action is open already, its event was deleted, or it was changed since it was read.
    """
    if action.status not in CLOSED_STATUSES:
        return False
    opened = {"status": "pending", "closed_by": None, "completed_by_user_id": None, "completed_at": None}
    altered = opened | _altered(action, _without_set_by_hand(action, values))
    how: Any = {"kind": "reopened", "by": by, "user": user, "now": now, "mirrored": mirrored, "revisions": revisions}
    return _change(ctx, action, altered, was=action.status, only=[has_origin(ctx.models)], **how)


def has_origin(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that the event or profile of an auto-action exists; true for manual actions.

    Deleting a life event removes it from its actions in the same transaction.
    """
    table = models.Action
    return sa.or_(table.source != "auto", table.life_event_id.is_not(None), table.profile_id.is_not(None))


def outlives_its_event(action: ActionTable) -> bool:
    """Return whether the life event of an auto-action was deleted. Such an action stays closed."""
    return action.source == "auto" and action.life_event_id is None and action.profile_id is None


def _others(status: str, first: str) -> list[str]:
    """Return the other statuses, the likeliest first."""
    others = [other for other in ("pending", *CLOSED_STATUSES) if other != status]
    return sorted(others, key=lambda other: other != first)


def _altered(action: ActionTable, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(action, name) != value}


def _set_by_hand(action: ActionTable) -> set[str]:
    return set((action.set_by_hand or "").split())


def _without_set_by_hand(action: ActionTable, values: dict[str, Any]) -> dict[str, Any]:
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
    """Change an action whose status is ``was``, with a line of its history, and call the action centre.

    :param unread: whether the values depend on what was read.
    :param only: further conditions of the UPDATE.
    :raises ChangedMeanwhile: if the values depend on what was read, and the action was changed since.
    """
    table, done_at = ctx.models.Action, _done_by_a_person_at(action)
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
    now_done_at = _done_by_a_person_at(action)
    if now_done_at is None:
        _withdraw(ctx, [(action.contact_id, done_at)])
    elif now_done_at != done_at:
        last_contact.note(ctx, action.contact_id, LastContact(now, action.action_type, user))
    if mirrored:
        action_centre.sync(ctx, action)
    return True


def _done_by_a_person_at(action: ActionTable) -> datetime | None:
    """Return the moment at which a person did an action, which counts as contact; None where nobody did."""
    return action.completed_at if action.status == "done" and action.closed_by not in NOT_BY_A_PERSON else None


def claim(ctx: Context, action_id: UUID, contact: Any, message_id: UUID) -> None:
    """Claim an open action of a contact for a message that fulfils it.

    :raises ActionNotPending: if the action is closed or claimed.
    """
    table = ctx.models.Action
    mine = (table.id == action_id, table.contact_id == contact)
    claiming = sa.update(table).where(*mine, table.status == "pending", table.claimed_by_message_id.is_(None))
    if not ctx.update_where(claiming.values(claimed_by_message_id=message_id)):
        raise ActionNotPending


def find_linked(ctx: Context, action_id: UUID, contact: Any) -> ActionTable:
    """Return the action that a message links.

    :raises ValidationFailed: if the contact has no such action.
    """
    table = ctx.models.Action
    mine = sa.select(table).where(table.id == action_id, table.contact_id == contact)
    found: ActionTable | None = ctx.execute(mine).scalar_one_or_none()
    if found is None:
        raise unknown_reference("auto_action_id")
    return found


def release(ctx: Context, message_id: UUID) -> None:
    """Release the action that a message has claimed and will not fulfil."""
    table = ctx.models.Action
    claimed = sa.update(table).where(table.claimed_by_message_id == message_id)
    ctx.update_where(claimed.values(claimed_by_message_id=None))


def fulfil(ctx: Context, message_id: UUID, *, user: Any, now: datetime) -> ActionTable | None:
    """Set the action that a message has claimed to done. Returns it if it changed."""
    table = ctx.models.Action
    action = ctx.execute(sa.select(table).where(table.claimed_by_message_id == message_id)).scalar_one_or_none()
    if action is None:
        return None
    closed = close(ctx, action, "done", user=user, closed_by="message", now=now)
    release(ctx, message_id)
    return action if closed else None


def find(ctx: Context, action_id: UUID) -> ActionTable | None:
    """Return the action of an id as it is now, or None."""
    table = ctx.models.Action
    found = ctx.execute(_fresh(sa.select(table).where(table.id == action_id)))
    return found.scalar_one_or_none()


def find_many(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, ActionTable]:
    """Return the actions of these ids as they are now, by id."""
    table = ctx.models.Action
    found = ctx.execute(_fresh(sa.select(table).where(table.id.in_(list(ids))))).scalars()
    return {action.id: action for action in found}


def _fresh(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Return the statement so that it overwrites the session's objects, which an UPDATE has left outdated."""
    return statement.execution_options(populate_existing=True)
