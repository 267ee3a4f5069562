"""What people do to the host's tasks comes back to the actions: a task that is completed, opened again or deleted.

Within the host's own transaction, for what passes through its session row by row; what does not, such as a bulk update
or plain SQL, is found by the sweep. The host never waits for a row of ours: an action that somebody is changing at that
moment is left to the sweep too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ... import signals
from ...context import Context, CurrentUser
from ...db.statements import collided, execute
from ...errors import place_of
from ...hosts.bound import SYSTEM
from ...hosts.tasks import Status
from ..action_centre.host_task import HostTaskActionCentre, is_writing
from . import service
from .models import ActionTable

logger = logging.getLogger(__name__)

ACTION_STATUS: dict[Status, str] = {"open": "pending", "done": "done", "dismissed": "dismissed"}


def take(ctx: Context, keys: Sequence[Any], *, user: CurrentUser | None = None) -> int:
    """Bring the actions of these tasks in line with them, and say how many were not. Neither flushes nor commits.

    A task that is gone has its action dismissed. Actions that somebody else is changing are left out.
    """
    table = ctx.models.ActionCentreItem
    columns = (table.action_id, table.status, table.task_key)
    named = sa.select(*columns).where(table.task_key.in_([str(key) for key in keys]))
    items = ctx.execute(named).all()
    if not items:
        return 0
    centre = host_tasks(ctx)
    said, gone = _said(ctx, centre, keys), set()
    wanted: dict[UUID, Status] = {}
    for item in items:
        status: Status = "dismissed" if item.status == "open" else item.status
        if item.task_key in said:
            status = centre.tasks.status.read(said[item.task_key], item.status)
        else:
            gone.add(item.action_id)
        if status != item.status or item.action_id in gone:
            wanted[item.action_id] = status
    free = _unlocked(ctx, wanted)
    for status in ACTION_STATUS:
        _bring_in_line(ctx, [one for one in free if wanted[one.id] == status], status, gone, user)
    return len(free)


def host_tasks(ctx: Context) -> HostTaskActionCentre:
    return cast(HostTaskActionCentre, ctx.action_centre)


def _said(ctx: Context, centre: HostTaskActionCentre, keys: Sequence[Any]) -> dict[str, Any]:
    """What the status of each task that is there holds now, by its key as text."""
    host = centre.tasks.host
    statement = host.rows(SYSTEM).with_only_columns(host.key, centre.tasks.status_column()).where(host.key.in_(keys))
    found: Any = execute(ctx.session, host.mapper, statement)
    return {str(row[0]): row[1] for row in found}


def _unlocked(ctx: Context, ids: Iterable[UUID]) -> list[ActionTable]:
    """The actions that nobody is changing. The host's transaction may hold what they wait for: it must not wait too."""
    wanted = list(ids)
    if not wanted:
        return []
    table = ctx.models.Action
    free = sa.select(table).where(table.id.in_(wanted)).order_by(table.id).with_for_update(skip_locked=True)
    return list(ctx.execute(free.execution_options(populate_existing=True)).scalars())


def _bring_in_line(
    ctx: Context, actions: list[ActionTable], status: Status, gone: set[UUID], user: CurrentUser | None
) -> None:
    table, key, now = ctx.models.ActionCentreItem, user.key if user else None, ctx.now()
    if status == "open":
        actions = _release_outlived(ctx, actions)
    for there in (True, False):
        ids = [action.id for action in actions if (action.id not in gone) == there]
        if ids:
            values = {"status": status, "updated_at": now} | ({} if there else {"task_key": None})
            ctx.update_where(sa.update(table).where(table.action_id.in_(ids)).values(values))
    how: Any = {"user": key, "now": now, "mirrored": False}
    if status == "open":
        for action in actions:
            if service.reopen(ctx, action, by="task", **how):
                ctx.after_commit(signals.action_reopened, action, user)
        return
    for action in service.close_many(ctx, actions, ACTION_STATUS[status], closed_by="task", **how):
        ctx.after_commit(signals.action_closed, action, user)


def _release_outlived(ctx: Context, actions: list[ActionTable]) -> list[ActionTable]:
    """Leave the tasks of actions whose life event was deleted to the host, and return the other actions."""
    outlived = [action.id for action in actions if service.outlives_its_event(action)]
    if outlived:
        table = ctx.models.ActionCentreItem
        ctx.update_where(sa.update(table).where(table.action_id.in_(outlived)).values(task_key=None))
    return [action for action in actions if action.id not in outlived]


def take_changed(ctx: Context, user: Callable[[], CurrentUser | None]) -> None:
    """Take from the tasks that the session has saved or deleted what became of them. Call after a flush.

    :param user: returns who made the change; only called where a task was changed.
    """
    centre = ctx.action_centre
    if is_writing() or not isinstance(centre, HostTaskActionCentre):
        return
    if not centre.is_bound:
        centre.bind(ctx.hosts)
    changed = (*ctx.session.dirty, *ctx.session.deleted)
    keys = [centre.tasks.host.key_of(row) for row in changed if isinstance(row, centre.model)]
    if not keys:
        return
    try:
        with ctx.session.connection(bind_arguments={"mapper": ctx.models.mapper}).begin_nested():
            take(ctx, keys, user=user())
    except Exception as error:  # the host's tasks are saved whatever becomes of ours
        if isinstance(error, DBAPIError) and collided(error):
            raise  # the database has ended the transaction, the host's changes with it
        logger.error("a task of the host did not come back to its action, the sweep sees to it: %s", place_of(error))
