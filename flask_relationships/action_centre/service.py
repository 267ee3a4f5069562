"""Keeping the action centre in step. A centre that fails never loses the action."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.host_values import ShownKeys, read_rows
from ..binding.hosts import BATCH, Hosts
from ..binding.paths import Viewer
from ..contacts import activity
from ..dumper import Rows, members_of
from ..errors import place_of
from ..paging import Order, Page, cut
from ..scopes import Scope, may_lack_contact, paged
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, collided, dialect_of, execute, insert_if_absent
from .schemas import STATUSES, Item
from .table import TableActionCentre

if TYPE_CHECKING:
    from ..actions.tables import ActionTable

logger = logging.getLogger(__name__)


Owed = Literal["mirror", "sync"]


def mirror(session: Session, action: ActionTable) -> None:
    """Tell the centre of an action that was added."""
    _safely(session, [action], "mirror", lambda: state.action_centre.mirror(session, action))


def sync(session: Session, action: ActionTable) -> None:
    """Tell the centre of an action that was changed."""
    _safely(session, [action], "sync", lambda: state.action_centre.sync(session, action))


def mirror_new(session: Session, models: Models, ids: Sequence[UUID]) -> None:
    """Tell the centre of actions that this transaction has inserted."""
    table = models.Action
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        if isinstance(state.action_centre, TableActionCentre):
            state.action_centre.mirror_new(session, some)
            continue
        for action in execute(session, models.mapper, sa.select(table).where(table.id.in_(some))).scalars().all():
            mirror(session, action)


def sync_many(session: Session, actions: Sequence[ActionTable]) -> None:
    """Tell the centre of many: at once, where it can be told so."""
    at_once = getattr(state.action_centre, "sync_many", None)
    if at_once is None:
        for action in actions:
            sync(session, action)
    elif actions:
        _safely(session, actions, "sync", lambda: at_once(session, actions))


def tell(session: Session, action: ActionTable, owed: Owed) -> bool:
    """Tell the centre what it is owed of an action. True if it did not fail; else it is still owed."""
    if owed == "sync":
        return _safely(session, [action], owed, lambda: state.action_centre.sync(session, action))

    def whole() -> None:
        state.action_centre.mirror(session, action)
        if action.status != "pending":  # one that was closed meanwhile: a centre may mirror all as open
            state.action_centre.sync(session, action)

    return _safely(session, [action], owed, whole)


def _safely(session: Session, actions: Sequence[ActionTable], owed: Owed, tell: Callable[[], None]) -> bool:
    """Tell the centre; where it fails, note what it is owed, which the sweep makes up for. True if it did not fail."""
    if isinstance(state.action_centre, TableActionCentre):
        tell()  # our own table in our own transaction: either all of it is there or nothing
        return True
    ids = [action.id for action in actions]
    try:
        with session.begin_nested():
            tell()
    except Exception as error:  # a host's centre may raise anything; the action stands
        if collided(error):
            raise  # the transaction is over, and is begun again as a whole
        logger.error("the action centre failed, the action is kept and told again later: %s", place_of(error))
        for action_id in ids:
            owe(session, state.models, action_id, owed)
        return False
    return True


def owe(session: Session, models: Models, action_id: UUID, owed: Owed) -> None:
    """Note that the centre was never told of an action. A later change does not make less of it.

    Does nothing where the action was deleted. Else it stays until the commit: no foreign key need see to that.
    """
    table, actions = models.ActionCentreItem, models.Action
    owing = sa.update(table).where(table.action_id == action_id)
    if changed(session, models.mapper, owing.values(behind=sa.func.coalesce(table.behind, owed))):
        return
    if not changed(session, models.mapper, sa.update(actions).where(actions.id == action_id).values(due=actions.due)):
        return
    about = (actions.title, actions.due_date, actions.due, actions.assigned_to_user_id, actions.created_at)
    row = execute(session, models.mapper, sa.select(*about).where(actions.id == action_id)).one()._asdict()
    insert_if_absent(
        session,
        table,
        {**row, "action_id": action_id, "status": "open", "behind": owed, "updated_at": row["created_at"]},
    )


def read(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    users: Sequence[Any] | None,
    page: Page,
    filters: dict[str, Any],
) -> tuple[Rows, str | None]:
    """The items of these users, None being all there are: open ones first, soonest due first, and the next cursor.

    An item whose contact the viewer may not see is not there: its title may name them.
    """
    table, actions = models.ActionCentreItem, models.Action
    rank = sa.case((table.status == "open", "0"), else_="1")
    order = Order({"rank": rank, "due": table.due, "id": table.id})
    keys = ShownKeys(hosts, viewer, table)
    statement = sa.select(*keys.columns(members_of(Item)), *order.columns_beside(members_of(Item)))
    conditions = _conditions(session, models, hosts, viewer, filters)
    if users is not None and filters.get("assigned_to_user_id") is not None:
        conditions, users = [*conditions, table.assigned_to_user_id.in_(users)], None
    dialect = dialect_of(session, models.mapper)
    if may_lack_contact(models, hosts, dialect):
        seen = hosts.contact.is_seen(actions.contact_id, viewer)
        conditions.append(sa.exists().where(actions.id == table.action_id, seen))
    if shown := activity.is_shown(hosts, actions):
        conditions.append(sa.exists().where(actions.id == table.action_id, *shown))
    statuses = STATUSES if filters.get("status") is None else (filters["status"],)
    ranks = [("0" if status == "open" else "1", table.status == status) for status in statuses]
    scope = Scope(table.assigned_to_user_id, users)
    statement = paged(statement, table, order, page, scope, conditions, dialect=dialect, ranks=ranks)
    return cut(read_rows(session, models, statement, keys=keys), order, page)


def _conditions(
    session: Session, models: Models, hosts: Hosts, viewer: Viewer, filters: dict[str, Any]
) -> list[sa.ColumnElement[bool]]:
    """What the filters of the list ask for. They only ever narrow."""
    table = models.ActionCentreItem
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.get("status") is not None:
        conditions.append(table.status == filters["status"])
    if filters.get("assigned_to_user_id") is not None:
        text = filters["assigned_to_user_id"]
        conditions.append(hosts.user.shown_as(session, table.assigned_to_user_id, text, viewer))
    if filters.get("due_before") is not None:
        conditions.append(table.due < filters["due_before"])
    if filters.get("due_after") is not None:
        conditions += [table.due > filters["due_after"], table.due_date.is_not(None)]
    return conditions
