"""Update actions from the host's tasks: a task that is completed, reopened or deleted.

Rows that pass through the host's session are handled in its transaction. The sweep finds bulk updates and plain SQL.
The host never waits for a row of ours: the sweep also handles actions that another transaction is changing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from blinker import NamedSignal

from ... import signals
from ...context import Context, CurrentUser
from ...db.statements import execute
from ...hosts.bound import SYSTEM
from ...hosts.tasks import Status
from ..action_centre.host_task import HostTaskActionCentre, is_writing
from ..savepoints import savepoint
from . import service
from .models import ActionTable

ACTION_STATUS: dict[Status, str] = {"open": "pending", "done": "done", "dismissed": "dismissed"}


def take(ctx: Context, keys: Sequence[Any], *, user: CurrentUser | None = None) -> int:
    """Update the actions of these tasks, and return how many differed. Neither flushes nor commits.

    The action of a deleted task is dismissed. Actions that another transaction is changing are skipped.
    """
    table = ctx.models.ActionCentreItem
    columns = (table.action_id, table.status, table.task_key)
    items = ctx.execute(sa.select(*columns).where(table.task_key.in_([str(key) for key in keys]))).all()
    if not items:
        return 0
    centre = host_tasks(ctx)
    statuses = _read_statuses(ctx, centre, keys)
    gone = {item.action_id for item in items if item.task_key not in statuses}
    wanted = {item.action_id: _wanted_status(centre, statuses, item) for item in items}
    differing = [item.action_id for item in items if item.action_id in gone or wanted[item.action_id] != item.status]
    free = _lock_free(ctx, differing)
    for status in ACTION_STATUS:
        _update(ctx, [action for action in free if wanted[action.id] == status], status, gone, user)
    return len(free)


def host_tasks(ctx: Context) -> HostTaskActionCentre:
    """Return the action centre of an application whose tasks are the action centre."""
    return cast(HostTaskActionCentre, ctx.action_centre)


def _read_statuses(ctx: Context, centre: HostTaskActionCentre, keys: Sequence[Any]) -> dict[str, Any]:
    """Return what the status column of each existing task holds, by its key as text."""
    host = centre.tasks.host
    statement = host.rows(SYSTEM).with_only_columns(host.key, centre.tasks.status_column()).where(host.key.in_(keys))
    found: Any = execute(ctx.session, host.mapper, statement)
    return {str(row[0]): row[1] for row in found}


def _wanted_status(centre: HostTaskActionCentre, statuses: dict[str, Any], item: Any) -> Status:
    if item.task_key in statuses:
        return centre.tasks.status.read(statuses[item.task_key], item.status)
    status: Status = item.status
    return "dismissed" if status == "open" else status


def _lock_free(ctx: Context, ids: Sequence[UUID]) -> list[ActionTable]:
    """Lock and return the actions that no other transaction has locked: it may wait for the host's transaction."""
    if not ids:
        return []
    table = ctx.models.Action
    free = sa.select(table).where(table.id.in_(ids)).order_by(table.id).with_for_update(skip_locked=True)
    return list(ctx.execute(free.execution_options(populate_existing=True)).scalars())


def _update(
    ctx: Context, actions: list[ActionTable], status: Status, gone: set[UUID], user: CurrentUser | None
) -> None:
    """Set actions and their items to the status of their tasks.

    :param gone: the ids of the actions whose task was deleted.
    """
    how: Any = {"user": user.key if user else None, "now": ctx.now(), "mirrored": False}
    if status == "open":  # the task of an action whose life event was deleted is the host's alone
        outlived = [action for action in actions if service.outlives_its_event(action)]
        _update_items(ctx, outlived, task_key=None)
        actions = [action for action in actions if action not in outlived]
    _update_items(ctx, [one for one in actions if one.id not in gone], status=status, updated_at=how["now"])
    values = {"status": status, "updated_at": how["now"], "task_key": None}
    _update_items(ctx, [one for one in actions if one.id in gone], **values)
    if status != "open":
        closed = service.close_many(ctx, actions, ACTION_STATUS[status], closed_by="task", **how)
        _send(ctx, signals.action_closed, closed, user)
        return
    reopened = [action for action in actions if service.reopen(ctx, action, by="task", **how)]
    _send(ctx, signals.action_reopened, reopened, user)


def _update_items(ctx: Context, actions: Sequence[ActionTable], **values: Any) -> None:
    table, ids = ctx.models.ActionCentreItem, [action.id for action in actions]
    if ids:
        ctx.update_where(sa.update(table).where(table.action_id.in_(ids)).values(values))


def _send(ctx: Context, signal: NamedSignal, actions: Iterable[ActionTable], user: CurrentUser | None) -> None:
    for action in actions:
        ctx.after_commit(signal, action, user)


def take_changed(ctx: Context, user: Callable[[], CurrentUser | None]) -> None:
    """Update actions from the tasks that the session has saved or deleted. Call after a flush.

    :param user: returns the user who made the change; only called where a task was changed.
    """
    centre = ctx.action_centre
    if is_writing() or not isinstance(centre, HostTaskActionCentre):
        return
    if not centre.is_bound:
        centre.bind(ctx.hosts)
    changed = (*ctx.session.dirty, *ctx.session.deleted)
    keys = [centre.tasks.host.key_of(row) for row in changed if isinstance(row, centre.model)]
    if keys:
        with savepoint(ctx, "an action was not updated from its task; the next sweep retries it"):
            take(ctx, keys, user=user())
