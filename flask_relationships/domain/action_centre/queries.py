"""Read the items of the action centre's own table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.pagination import Order, Page, cut
from ...db.rows import Rows
from ...db.scoped_pages import Scope, paged
from ...db.statements import dialect_of
from ...hosts.joins import ShownKeys, read_rows
from ..contacts import activity
from ..pages import may_lack_contact
from .models import ITEM_COLUMNS, STATUSES

RANKS = {"open": "0"}
"""The first sort key of an item by status; "1" for the others."""


def read(ctx: Context, users: Sequence[Any] | None, page: Page, filters: dict[str, Any]) -> tuple[Rows, str | None]:
    """Return items, open ones first and the soonest due first, and the cursor of the next page.

    An item is left out if the viewer may not see its contact, because its title may name the contact.

    :param users: keys of assignees; None for all items.
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
    statuses = [filters["status"]] if filters.get("status") else STATUSES
    ranks = [(RANKS.get(status, "1"), table.status == status) for status in statuses]
    scope = Scope(table.assigned_to_user_id, users)
    statement = paged(statement, table, order, page, scope, conditions, dialect=dialect, ranks=ranks)
    return cut(read_rows(ctx.session, ctx.models, statement, keys=keys), order, page)


def _conditions(ctx: Context, filters: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the filters. Missing ones are None."""
    table = ctx.models.ActionCentreItem
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.get("status"):
        conditions.append(table.status == filters["status"])
    if filters.get("assigned_to_user_id") is not None:
        text = filters["assigned_to_user_id"]
        conditions.append(ctx.hosts.user.shown_as(ctx.session, table.assigned_to_user_id, text, ctx.viewer))
    if filters.get("due_before"):
        conditions.append(table.due < filters["due_before"])
    if filters.get("due_after"):
        conditions += [table.due > filters["due_after"], table.due_date.is_not(None)]
    return conditions
