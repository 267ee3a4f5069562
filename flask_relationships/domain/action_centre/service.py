"""Keep the action centre in sync. A centre that fails never loses an action."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.statements import collided
from ...errors import place_of
from ...hosts.bound import BATCH
from .table import TableActionCentre, copy_actions

if TYPE_CHECKING:
    from ..actions.models import ActionTable

logger = logging.getLogger(__name__)


Operation = Literal["mirror", "sync"]
"""The method of the centre to call."""


def mirror(ctx: Context, action: ActionTable) -> None:
    """Mirror a new action in the centre."""
    _safely(ctx, [action], "mirror", lambda: ctx.action_centre.mirror(ctx.session, action))


def sync(ctx: Context, action: ActionTable) -> None:
    """Update a changed action in the centre."""
    _safely(ctx, [action], "sync", lambda: ctx.action_centre.sync(ctx.session, action))


def mirror_new(ctx: Context, ids: Sequence[UUID]) -> None:
    """Mirror the actions that this transaction has inserted."""
    table = ctx.models.Action
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        if isinstance(ctx.action_centre, TableActionCentre):
            copy_actions(ctx.session, ctx.models, some)
            continue
        for action in ctx.execute(sa.select(table).where(table.id.in_(some))).scalars().all():
            mirror(ctx, action)


def sync_many(ctx: Context, actions: Sequence[ActionTable]) -> None:
    """Update many actions in the centre: in one call, if it has a method ``sync_many``."""
    sync_all = getattr(ctx.action_centre, "sync_many", None)
    if sync_all is None:
        for action in actions:
            sync(ctx, action)
    elif actions:
        _safely(ctx, actions, "sync", lambda: sync_all(ctx.session, actions))


def sync_pending(ctx: Context, action: ActionTable, operation: Operation) -> bool:
    """Repeat a call of the centre that has failed. Returns False if it fails again; then it stays pending."""

    def call() -> None:
        if operation == "mirror":
            ctx.action_centre.mirror(ctx.session, action)
        if operation == "sync" or action.status != "pending":  # a centre may mirror closed actions as open
            ctx.action_centre.sync(ctx.session, action)

    return _safely(ctx, [action], operation, call)


def _safely(ctx: Context, actions: Sequence[ActionTable], operation: Operation, call: Callable[[], None]) -> bool:
    """Call the centre, and note a pending sync for the sweep if it fails. Returns False if it failed."""
    if isinstance(ctx.action_centre, TableActionCentre):
        call()  # our own table in our own transaction
        return True
    ids = [action.id for action in actions]
    try:
        with ctx.session.begin_nested():
            call()
    except Exception as error:  # a host's centre may raise anything; the action stays
        if collided(error):
            raise  # the database has ended the transaction, which is retried as a whole
        logger.error("the action centre failed; the action is kept, and the next sweep retries it: %s", place_of(error))
        for action_id in ids:
            note_pending_sync(ctx, action_id, operation)
        return False
    return True


def note_pending_sync(ctx: Context, action_id: UUID, operation: Operation) -> None:
    """Note that the centre has not taken an action. A pending ``mirror`` stays when a later change fails too.

    Does nothing if the action was deleted. Otherwise the UPDATE locks the action until the commit, so that this works
    without foreign keys too.
    """
    table, actions = ctx.models.ActionCentreItem, ctx.models.Action
    pending = sa.update(table).where(table.action_id == action_id)
    if ctx.update_where(pending.values(behind=sa.func.coalesce(table.behind, operation))):
        return
    if not ctx.update_where(sa.update(actions).where(actions.id == action_id).values(due=actions.due)):
        return
    copied = (actions.title, actions.due_date, actions.due, actions.assigned_to_user_id, actions.created_at)
    row = ctx.execute(sa.select(*copied).where(actions.id == action_id)).one()._asdict()
    ctx.insert_if_absent(
        table,
        {**row, "action_id": action_id, "status": "open", "behind": operation, "updated_at": row["created_at"]},
    )
