"""Read lists of actions, with names from the host's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...db.filters import ListFilter
from ...db.pagination import WHOLE_LIST, Order, Page, cut, values_after
from ...db.rows import Rows
from ...db.scoped_pages import Scope, paged
from ...db.statements import dialect_of
from ...hosts.joins import HostValues, ShownKeys, read_rows
from ...hosts.keys import is_uuid
from ...hosts.paths import Viewer
from ..contacts import activity
from ..pages import may_lack_contact
from .models import ACTION_COLUMNS
from .service import NO_DATE

ORDERS = {
    "due_date": lambda table: Order({"due": table.due, "id": table.id}),
    "-created_at": lambda table: Order({"created_at": table.created_at, "id": table.id}, descending=True),
}

SELECTIVE_FILTERS = ("assigned_to_user_id", "assignee", "contact_id", "life_event_id")
"""The filters that leave so few rows that the lists of several assignees need no merging."""

HOST_MEMBERS: dict[str, Any] = {
    "contact": {"first_name": "first_name", "last_name": "last_name", "contact_email": "email"},
    "company": {"company_name": "name"},
    "user": {"assigned_to_name": "name"},
}
"""The five members of an action that come from the host's rows, and the mapping fields they show."""


class _Statement(NamedTuple):
    """The statement of a list, and what its rows are completed with."""

    statement: sa.Select[Any]
    beside: Sequence[HostValues]
    keys: ShownKeys


def read(
    ctx: Context,
    list_filter: ListFilter,
    *,
    users: Sequence[Any] | None = None,
    sort: str = "due_date",
    page: Page = WHOLE_LIST,
    outlived: bool = False,
    most: int | None = None,
) -> tuple[Rows, str | None]:
    """Return actions with names from the host's rows, and the cursor of the next page.

    Actions of contacts that the viewer may not see are left out. A hidden company or user is null, name and id.

    :param users: keys of assignees; None for the actions of all users, and unassigned ones.
    :param outlived: whether to include open auto-actions of inactive contacts.
    :param most: the number of rows of a list without pages.
    """
    order, scope = ORDERS[sort](ctx.models.Action), Scope(ctx.models.Action.assigned_to_user_id, users)
    dialect = dialect_of(ctx.session, ctx.models.mapper)
    values = {**list_filter.values, **values_after(order, page), **scope.values}
    form = None
    if list_filter.form is not None:
        many = None if users is None else len(users)
        form = ("actions", dialect, list_filter.form, many, sort, page.limit, page.cursor is None, outlived, most)

    def make(viewer: Viewer) -> _Statement:
        conditions = [*list_filter.conditions, *([] if outlived else activity.is_shown(ctx.hosts, ctx.models.Action))]
        found = _statement(ctx.seen_by(viewer), conditions, scope, order, page, dialect)
        return found if most is None else found._replace(statement=found.statement.limit(most))

    made = ctx.hosts.once(form, make, ctx.viewer)
    rows = read_rows(ctx.session, ctx.models, made.statement, made.beside, made.keys, values)
    kept, cursor = cut(rows, order, page)
    return kept if outlived else activity.without_outlived(ctx, kept), cursor


def count(
    ctx: Context, conditions: Sequence[sa.ColumnElement[bool]], parts: Mapping[str, sa.ColumnElement[bool]]
) -> dict[str, int]:
    """Return how many actions of a list meet each of these ``parts``, in one statement.

    The list holds what `read` shows of these conditions, as far as SQL can say which contacts are active.
    """
    table, seen = ctx.models.Action, list[sa.ColumnElement[bool]]()
    if may_lack_contact(ctx, dialect_of(ctx.session, ctx.models.mapper)):
        seen = [ctx.hosts.contact.is_seen(table.contact_id, ctx.viewer)]
    columns = [sa.func.sum(sa.case((part, 1), else_=0)).label(name) for name, part in parts.items()]
    statement = sa.select(*columns).where(*conditions, *seen, *activity.is_shown(ctx.hosts, table))
    found = ctx.execute(statement).one()
    return {name: int(getattr(found, name) or 0) for name in parts}


def _statement(
    ctx: Context, conditions: Sequence[sa.ColumnElement[bool]], scope: Scope, order: Order, page: Page, dialect: str
) -> _Statement:
    table = ctx.models.Action
    of_contact, of_company = dict(HOST_MEMBERS["contact"]), HOST_MEMBERS["company"]
    if ctx.hosts.company is None:
        of_contact, of_company = of_contact | {"company_name": "company_name"}, {}
    contacts = HostValues(ctx.hosts.contact, ctx.viewer, of_contact, "company")
    companies = HostValues(ctx.hosts.company, ctx.viewer, of_company)
    assignees = HostValues(ctx.hosts.user, ctx.viewer, HOST_MEMBERS["user"])
    keys = ShownKeys(ctx.hosts, ctx.viewer, table)
    own: list[Any] = keys.columns(ACTION_COLUMNS)
    statement = sa.select(
        *own,
        *order.columns_beside([column.key for column in own]),
        *contacts.columns,
        *companies.columns,
        *assignees.columns,
    )
    if may_lack_contact(ctx, dialect):
        conditions = [*conditions, ctx.hosts.contact.is_seen(table.contact_id, ctx.viewer)]
    statement = paged(statement, table, order, page, scope, conditions, dialect=dialect)
    statement = contacts.join(statement, table.contact_id, inner=True)
    if ctx.hosts.company is not None:
        linked = [contacts.column("company")] if "company" in ctx.hosts.contact.links else []
        statement = companies.join(statement, sa.func.coalesce(table.company_id, *linked, sa.null()))
    statement = assignees.join(statement, table.assigned_to_user_id)
    return _Statement(statement, [contacts, companies, assignees], keys)


def filtered(ctx: Context, filters: dict[str, Any], *, user: Any) -> ListFilter:
    """Return the conditions of a list. An id of no row that the viewer may see matches nothing.

    :param filters: the query parameters; None counts as missing.
    :param user: the key of the current user.
    """
    table, found = ctx.models.Action, ListFilter([], form=())
    given = {name: value for name, value in filters.items() if value is not None}
    for name in ("status", "action_type", "source"):
        if name in given:
            found.equal(name, getattr(table, name), given[name])
    if "life_event_id" in given:
        _add_equal(found, "life_event_id", table.life_event_id, is_uuid(given["life_event_id"]))
    if given.get("assignee") == "me":
        found.equal("me", table.assigned_to_user_id, user)
    elif "assignee" in given:
        _add_unassigned(ctx, found)
    for name, host in (("assigned_to_user_id", ctx.hosts.user), ("contact_id", ctx.hosts.contact)):
        if name in given:
            key, column = host.shown(ctx.session, given[name], ctx.viewer), getattr(table, name)
            _add_equal(found, name, column, key)
            if key is not None and host.hooked:
                found.add(f"{name} shown", host.shown_key(column, ctx.viewer).is_not(None))
    _add_dates(ctx, found, given)
    return found


def _add_equal(found: ListFilter, name: str, column: Any, key: Any) -> None:
    """Add the condition that a column has a key; None, which no row has, matches nothing."""
    if key is None:
        found.add("none", sa.false())
    else:
        found.equal(name, column, key)


def _add_dates(ctx: Context, found: ListFilter, given: dict[str, Any]) -> None:
    table = ctx.models.Action
    due: Any = table.due
    if given.get("sort") == "-created_at" and dialect_of(ctx.session, ctx.models.mapper) == "sqlite":
        # SQLite would sort all that the index of dates finds. Without that index it reads the newest rows in order.
        due = sa.func.coalesce(table.due, table.due)
    if "due_before" in given:
        found.add("due_before", due < found.named("due_before", table.due, given["due_before"]))
    if "due_after" in given:
        found.add("due_after", due > found.named("due_after", table.due, given["due_after"]))
        found.add("dated", table.due_date.is_not(None))
    if "due" in given:
        found.add("undated", sa.and_(due == NO_DATE, table.due_date.is_(None)))


def _add_unassigned(ctx: Context, found: ListFilter) -> None:
    """Add the condition that no assignee is shown: also where the user was deleted, or is hidden from the viewer."""
    column, users = ctx.models.Action.assigned_to_user_id, ctx.hosts.user
    if not users.hooked:
        found.add("nobody", column.is_(None))
    elif users.joinable:
        found.add("nobody", sa.or_(column.is_(None), column.not_in(users.keys(ctx.viewer))))
    else:
        keys = set(ctx.execute(sa.select(column).distinct().where(column.is_not(None))).scalars())
        found.values["users_gone"] = list(keys - users.seen(ctx.session, keys, ctx.viewer))
        gone = sa.bindparam("users_gone", [], column.type, expanding=True)
        found.add("nobody", sa.or_(column.is_(None), column.in_(gone)))
