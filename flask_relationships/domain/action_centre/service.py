"""Keeping the action centre in step. A centre that fails never loses the action."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.pagination import Order, Page, cut
from ...db.rows import Rows
from ...db.scoped_pages import Scope, paged
from ...db.statements import collided, dialect_of
from ...errors import place_of
from ...hosts.bound import BATCH
from ...hosts.joins import ShownKeys, read_rows
from ..contacts import activity
from ..pages import may_lack_contact
from .models import ITEM_COLUMNS, STATUSES
from .table import TableActionCentre, copy_actions

if TYPE_CHECKING:
    from ..actions.models import ActionTable

logger = logging.getLogger(__name__)


Owed = Literal["mirror", "sync"]


def mirror(ctx: Context, action: ActionTable) -> None:
    """Tell the centre of an action that was added."""
    _safely(ctx, [action], "mirror", lambda: ctx.action_centre.mirror(ctx.session, action))


def sync(ctx: Context, action: ActionTable) -> None:
    """Tell the centre of an action that was changed."""
    _safely(ctx, [action], "sync", lambda: ctx.action_centre.sync(ctx.session, action))


def mirror_new(ctx: Context, ids: Sequence[UUID]) -> None:
    """Tell the centre of actions that this transaction has inserted."""
    table = ctx.models.Action
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        if isinstance(ctx.action_centre, TableActionCentre):
            copy_actions(ctx.session, ctx.models, some)
            continue
        for action in ctx.execute(sa.select(table).where(table.id.in_(some))).scalars().all():
            mirror(ctx, action)


def sync_many(ctx: Context, actions: Sequence[ActionTable]) -> None:
    """Tell the centre of many: at once, where it can be told so."""
    at_once = getattr(ctx.action_centre, "sync_many", None)
    if at_once is None:
        for action in actions:
            sync(ctx, action)
    elif actions:
        _safely(ctx, actions, "sync", lambda: at_once(ctx.session, actions))


def tell(ctx: Context, action: ActionTable, owed: Owed) -> bool:
    """Tell the centre what it is owed of an action. True if it did not fail; else it is still owed."""
    if owed == "sync":
        return _safely(ctx, [action], owed, lambda: ctx.action_centre.sync(ctx.session, action))

    def whole() -> None:
        ctx.action_centre.mirror(ctx.session, action)
        if action.status != "pending":  # one that was closed meanwhile: a centre may mirror all as open
            ctx.action_centre.sync(ctx.session, action)

    return _safely(ctx, [action], owed, whole)


def _safely(ctx: Context, actions: Sequence[ActionTable], owed: Owed, tell: Callable[[], None]) -> bool:
    """Tell the centre; where it fails, note what it is owed, which the sweep makes up for. True if it did not fail."""
    if isinstance(ctx.action_centre, TableActionCentre):
        tell()  # our own table in our own transaction: either all of it is there or nothing
        return True
    ids = [action.id for action in actions]
    try:
        with ctx.session.begin_nested():
            tell()
    except Exception as error:  # a host's centre may raise anything; the action stands
        if collided(error):
            raise  # the transaction is over, and is begun again as a whole
        logger.error("the action centre failed, the action is kept and told again later: %s", place_of(error))
        for action_id in ids:
            owe(ctx, action_id, owed)
        return False
    return True


def owe(ctx: Context, action_id: UUID, owed: Owed) -> None:
    """Note that the centre was never told of an action. A later change does not make less of it.

    Does nothing where the action was deleted. Else it stays until the commit: no foreign key need see to that.
    """
    table, actions = ctx.models.ActionCentreItem, ctx.models.Action
    owing = sa.update(table).where(table.action_id == action_id)
    if ctx.update_where(owing.values(behind=sa.func.coalesce(table.behind, owed))):
        return
    if not ctx.update_where(sa.update(actions).where(actions.id == action_id).values(due=actions.due)):
        return
    about = (actions.title, actions.due_date, actions.due, actions.assigned_to_user_id, actions.created_at)
    row = ctx.execute(sa.select(*about).where(actions.id == action_id)).one()._asdict()
    ctx.insert_if_absent(
        table,
        {**row, "action_id": action_id, "status": "open", "behind": owed, "updated_at": row["created_at"]},
    )


def read(ctx: Context, users: Sequence[Any] | None, page: Page, filters: dict[str, Any]) -> tuple[Rows, str | None]:
    """The items of these users, None being all there are: open ones first, soonest due first, and the next cursor.

    An item whose contact the viewer may not see is not there: its title may name them.
    """
    table, actions = ctx.models.ActionCentreItem, ctx.models.Action
    rank = sa.case((table.status == "open", "0"), else_="1")
    order = Order({"rank": rank, "due": table.due, "id": table.id})
    keys = ShownKeys(ctx.hosts, ctx.viewer, table)
    statement = sa.select(*keys.columns(ITEM_COLUMNS), *order.columns_beside(ITEM_COLUMNS))
    conditions = _conditions(ctx, filters)
    if users is not None and filters.get("assigned_to_user_id") is not None:
        conditions, users = [*conditions, table.assigned_to_user_id.in_(users)], None
    dialect = dialect_of(ctx.session, ctx.models.mapper)
    if may_lack_contact(ctx, dialect):
        seen = ctx.hosts.contact.is_seen(actions.contact_id, ctx.viewer)
        conditions.append(sa.exists().where(actions.id == table.action_id, seen))
    if shown := activity.is_shown(ctx.hosts, actions):
        conditions.append(sa.exists().where(actions.id == table.action_id, *shown))
    statuses = STATUSES if filters.get("status") is None else (filters["status"],)
    ranks = [("0" if status == "open" else "1", table.status == status) for status in statuses]
    scope = Scope(table.assigned_to_user_id, users)
    statement = paged(statement, table, order, page, scope, conditions, dialect=dialect, ranks=ranks)
    return cut(read_rows(ctx.session, ctx.models, statement, keys=keys), order, page)


def _conditions(ctx: Context, filters: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """What the filters of the list ask for. They only ever narrow."""
    table = ctx.models.ActionCentreItem
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.get("status") is not None:
        conditions.append(table.status == filters["status"])
    if filters.get("assigned_to_user_id") is not None:
        text = filters["assigned_to_user_id"]
        conditions.append(ctx.hosts.user.shown_as(ctx.session, table.assigned_to_user_id, text, ctx.viewer))
    if filters.get("due_before") is not None:
        conditions.append(table.due < filters["due_before"])
    if filters.get("due_after") is not None:
        conditions += [table.due > filters["due_after"], table.due_date.is_not(None)]
    return conditions
