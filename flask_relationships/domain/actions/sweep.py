"""Sync the action centre and the actions, where that was not done at once.

Causes: a centre that failed, tasks that were changed past the session, and actions that are older than the centre.
Idempotent, committed in small steps, and safe in several processes: a conditional UPDATE claims each step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import BATCH
from ..action_centre import service as action_centre
from ..action_centre.host_task import HostTaskActionCentre
from ..action_centre.table import TableActionCentre
from ..batches import read_pages, retry
from . import service
from .host_tasks import host_tasks, take

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

MAX_FAILURES = 20
"""Consecutive failures of the action centre after which a sweep stops."""

REOPENED_WITHIN = timedelta(days=30)
"""How long after an action was closed its task is still read, because somebody may reopen it."""


def sweep(ctx: Context) -> int:
    """Sync what the action centre missed, and update actions from the host's tasks. Commits.

    Needs an application context.

    :returns: how many actions were out of sync.
    """
    if isinstance(ctx.action_centre, TableActionCentre):
        return 0
    if not isinstance(ctx.action_centre, HostTaskActionCentre):
        return _sync_pending(ctx)
    _note_missing(ctx)
    return _sync_pending(ctx) + _take_all(ctx)


def _note_missing(ctx: Context) -> None:
    """Note a pending sync for open actions without a task: they are older than the centre."""
    table, actions = ctx.models.ActionCentreItem, ctx.models.Action
    without_task = sa.update(table).where(table.task_key.is_(None), table.status == "open", table.behind.is_(None))
    _committed(ctx, ctx.update_where, without_task.values(behind="mirror"))
    without_item = (
        sa.select(actions.id)
        .outerjoin(table, table.action_id == actions.id)
        .where(actions.status == "pending", table.id.is_(None))
        .limit(BATCH)
    )
    while _committed(ctx, _note_batch, ctx, without_item):
        pass


def _note_batch(ctx: Context, without_item: Any) -> int:
    ids = ctx.execute(without_item).scalars().all()
    for action_id in ids:
        action_centre.note_pending_sync(ctx, action_id, "mirror")
    return len(ids)


def _sync_pending(ctx: Context) -> int:
    """Repeat the calls of the centre that failed, the oldest first. Returns how many succeeded."""
    began, synced, failures = ctx.now(), 0, 0
    for row in _read_pending(ctx, began):
        done = _committed(ctx, _sync, ctx, row, began)
        synced += done is True
        failures = failures + 1 if done is False else 0
        if failures == MAX_FAILURES:
            logger.error("the action centre failed %s times in a row; the next sweep continues", MAX_FAILURES)
            break
    return synced


def _read_pending(ctx: Context, began: datetime) -> Iterator[Any]:
    """Yield the items with a pending sync, each once, in batches."""
    table, seen = ctx.models.ActionCentreItem, set[Any]()
    pending = sa.select(table.id, table.action_id, table.behind)
    pending = pending.where(table.behind.is_not(None), table.updated_at <= began)
    while True:
        rows = ctx.execute(pending.order_by(table.updated_at, table.id).limit(BATCH)).all()
        ctx.commit()
        new = [row for row in rows if row.id not in seen]
        if not new:
            return
        seen.update(row.id for row in new)
        yield from new


def _sync(ctx: Context, row: Any, now: datetime) -> bool | None:
    """Return whether the centre took an action; None where another process has claimed it, or it was deleted."""
    table = ctx.models.ActionCentreItem
    claiming = sa.update(table).where(table.id == row.id, table.behind == row.behind)
    if not ctx.update_where(claiming.values(behind=None)):
        return None
    action = service.find(ctx, row.action_id)
    if action is None:
        return None
    done = action_centre.sync_pending(ctx, action, row.behind)
    if not done:  # so that older ones come first next time
        ctx.update_where(sa.update(table).where(table.id == row.id).values(updated_at=now))
    return done


def _take_all(ctx: Context) -> int:
    """Update the actions that are open, or were closed lately, from their tasks."""
    table, host = ctx.models.ActionCentreItem, host_tasks(ctx).tasks.host
    recent = sa.or_(table.status == "open", table.updated_at >= ctx.now() - REOPENED_WITHIN)
    items = sa.select(table.id, table.task_key).where(table.task_key.is_not(None), recent)
    differed = 0
    for rows in read_pages(ctx, items, table.id):
        differed += _committed(ctx, take, ctx, [host.parse(ctx.session, row.task_key) for row in rows])
    return differed


def _committed(ctx: Context, work: Callable[..., _T], *args: Any) -> _T:
    """Return the result of a step that is committed by itself; retry it after a conflict with another process."""

    def step() -> _T:
        done = work(*args)
        ctx.commit()
        return done

    return retry(ctx, step)
