"""Keeping the action centre in step. A centre that fails never loses the action."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.host_values import ShownKeys, read_rows
from ..binding.hosts import BATCH, Hosts
from ..binding.paths import Viewer
from ..dumper import Rows, members_of
from ..errors import place_of
from ..paging import Order, Page, cut, ordered
from ..state import state
from ..tables.build import Models
from ..tables.execute import execute
from .schemas import Item
from .table import TableActionCentre

if TYPE_CHECKING:
    from ..actions.tables import ActionTable

logger = logging.getLogger(__name__)


def mirror(session: Session, action: ActionTable) -> None:
    _safely(session, action, state.action_centre.mirror)


def sync(session: Session, action: ActionTable) -> None:
    _safely(session, action, state.action_centre.sync)


def mirror_new(session: Session, models: Models, rows: Sequence[Mapping[str, Any]]) -> None:
    """Tell the centre of actions that were just inserted, given by their columns."""
    if isinstance(state.action_centre, TableActionCentre):
        state.action_centre.mirror_rows(session, rows)
        return
    table = models.Action
    for start in range(0, len(rows), BATCH):
        ids = [row["id"] for row in rows[start : start + BATCH]]
        for action in execute(session, models.mapper, sa.select(table).where(table.id.in_(ids))).scalars().all():
            mirror(session, action)


def _safely(session: Session, action: ActionTable, tell: Callable[[Session, Any], None]) -> None:
    if isinstance(state.action_centre, TableActionCentre):
        tell(session, action)  # our own table in our own transaction: either all of it is there or nothing
        return
    try:
        with session.begin_nested():
            tell(session, action)
    except Exception as error:  # a host's centre may raise anything; the action stands
        logger.error("the action centre failed, the action is kept: %s", place_of(error))


def read(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    in_scope: sa.ColumnElement[bool],
    page: Page,
) -> tuple[Rows, str | None]:
    """The items in a scope, open ones first, soonest due first, and the cursor of the next page.

    An item whose contact the viewer may not see is not there: its title may name them.
    """
    table, actions = models.ActionCentreItem, models.Action
    rank = sa.case((table.status == "open", "0"), else_="1")
    order = Order({"rank": rank, "due": table.due, "id": table.id})
    keys = ShownKeys(hosts, viewer, table)
    own = [keys.column(name) for name in members_of(Item)]
    contacts = hosts.contact.table(viewer, ())
    statement = (
        sa.select(*own, *order.columns_beside(members_of(Item)))
        .join(actions, actions.id == table.action_id)
        .join(contacts, contacts.c.key == actions.contact_id)
        .where(in_scope)
    )
    return cut(read_rows(session, models, ordered(statement, order, page), keys=keys), order, page)
