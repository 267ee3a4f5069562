"""Bringing the action centre and the actions in line, where that was not done at once: a centre that had failed, tasks
that were changed past the session, actions from before there was a centre.

Idempotent, committed in small steps, and safe in any number of processes: each step is claimed by a conditional update.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.statements import retried
from ..action_centre import service as action_centre
from ..action_centre.host_task import HostTaskActionCentre
from ..action_centre.table import TableActionCentre
from . import service
from .host_tasks import host_tasks, take

logger = logging.getLogger(__name__)

BATCH = 500

ATTEMPTS = 6
"""How often one step is begun before it is left to the next sweep."""

PATIENCE = 20
"""After so many failures in a row the centre is left in peace until the next sweep."""

LOOKED_BACK = timedelta(days=30)
"""How long after an action was closed its task is looked at, for one that was opened again."""


def sweep(ctx: Context) -> int:
    """Do what the centre missed, and take from the host's tasks what was done to them. Returns how many were behind.

    Needs an application context; commits.
    """
    if isinstance(ctx.action_centre, TableActionCentre):
        return 0
    tasks = isinstance(ctx.action_centre, HostTaskActionCentre)
    if tasks:
        _owe_what_was_never_told(ctx)
    told = _make_up(ctx)
    return told + (_look(ctx) if tasks else 0)


def _owe_what_was_never_told(ctx: Context) -> None:
    """Open actions without a task: those that were there before the centre was."""
    table, actions = ctx.models.ActionCentreItem, ctx.models.Action
    owing = sa.update(table).where(table.task_key.is_(None), table.status == "open", table.behind.is_(None))
    _committed(ctx, lambda: ctx.update_where(owing.values(behind="mirror")))
    untold = (
        sa.select(actions.id)
        .outerjoin(table, table.action_id == actions.id)
        .where(actions.status == "pending", table.id.is_(None))
        .limit(BATCH)
    )

    def owe() -> int:
        ids = ctx.execute(untold).scalars().all()
        for action_id in ids:
            action_centre.owe(ctx, action_id, "mirror")
        return len(ids)

    while _committed(ctx, owe):
        pass


def _make_up(ctx: Context) -> int:
    """Tell the centre what it is owed, what has waited longest first."""
    table, began, told, failed = ctx.models.ActionCentreItem, ctx.now(), 0, 0
    owed = sa.select(table.id, table.action_id, table.behind).where(
        table.behind.is_not(None), table.updated_at <= began
    )
    tried: set[Any] = set()
    while failed < PATIENCE:
        rows = ctx.execute(owed.order_by(table.updated_at, table.id).limit(BATCH)).all()
        ctx.session.commit()
        rows = [row for row in rows if row.id not in tried]
        if not rows:
            break
        for row in rows:
            tried.add(row.id)
            done = _committed(ctx, lambda: _tell(ctx, row, began))  # noqa: B023
            told, failed = told + (done is True), failed + 1 if done is False else 0
            if failed == PATIENCE:
                logger.error("the action centre fails again and again, and is left until the next sweep")
                break
    return told


def _tell(ctx: Context, row: Any, now: datetime) -> bool | None:
    """True or False as the centre was told or failed; None where another process is telling it."""
    table = ctx.models.ActionCentreItem
    claiming = sa.update(table).where(table.id == row.id, table.behind == row.behind)
    if not ctx.update_where(claiming.values(behind=None)):
        return None
    action = service.find(ctx, row.action_id)
    if action is None:
        return None
    done = action_centre.tell(ctx, action, row.behind)
    if not done:  # behind those that have waited longer
        ctx.update_where(sa.update(table).where(table.id == row.id).values(updated_at=now))
    return done


def _look(ctx: Context) -> int:
    """Look at the tasks of what is open, or was lately closed, in the order of their ids: a flat memory."""
    table, host, found = ctx.models.ActionCentreItem, host_tasks(ctx).tasks.host, 0
    looked = sa.or_(table.status == "open", table.updated_at >= ctx.now() - LOOKED_BACK)
    pages = sa.select(table.id, table.task_key).where(table.task_key.is_not(None), looked).order_by(table.id)
    last = None
    while True:
        page = pages if last is None else pages.where(table.id > last)
        rows = ctx.execute(page.limit(BATCH)).all()
        ctx.session.commit()
        if not rows:
            return found
        last = rows[-1].id
        keys = [host.parse(ctx.session, row.task_key) for row in rows]
        found += _committed(ctx, lambda: take(ctx, keys))  # noqa: B023


def _committed(ctx: Context, work: Callable[[], Any]) -> Any:
    """One step, committed by itself, and begun again where another process was in its way."""

    def step() -> Any:
        done = work()
        ctx.session.commit()
        return done

    return retried(ctx.session, step, ATTEMPTS, unless=lambda: False)
