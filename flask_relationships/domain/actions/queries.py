"""Lists of actions, with the names of the host's rows beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...db.filters import Narrowing
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

SHORT = ("assigned_to_user_id", "assignee", "contact_id", "life_event_id")
"""The filters that leave so little of a list that whose it is needs no merging."""

JOINED: dict[str, Any] = {
    "contact": {"first_name": "first_name", "last_name": "last_name", "contact_email": "email"},
    "company": {"company_name": "name"},
    "user": {"assigned_to_name": "name"},
}
"""The five members of an action that come from the host's rows, and the mapping fields they show."""


class _Statement(NamedTuple):
    """What a list is read with."""

    statement: sa.Select[Any]
    beside: Sequence[HostValues]
    keys: ShownKeys


def read(
    ctx: Context,
    narrowing: Narrowing,
    *,
    users: Sequence[Any] | None = None,
    sort: str = "due_date",
    page: Page = WHOLE_LIST,
    outlived: bool = False,
    most: int | None = None,
) -> tuple[Rows, str | None]:
    """Return actions with the names beside them, and the cursor of the next page.

    They are those of these ``users``, None being everybody's and nobody's too, that meet all conditions. A contact the
    viewer may not see takes its rows out of the list; a hidden company or user is null, name and id.

    :param outlived: whether open auto-actions of inactive contacts are among them.
    :param most: how many there are at most, of a list without pages.
    """
    order, scope = ORDERS[sort](ctx.models.Action), Scope(ctx.models.Action.assigned_to_user_id, users)
    dialect = dialect_of(ctx.session, ctx.models.mapper)
    values = {**narrowing.values, **values_after(order, page), **scope.values}
    form = None
    if narrowing.form is not None:
        many = None if users is None else len(users)
        form = ("actions", dialect, narrowing.form, many, sort, page.limit, page.cursor is None, outlived, most)

    def make(viewer: Viewer) -> _Statement:
        conditions = [*narrowing.conditions, *([] if outlived else activity.is_shown(ctx.hosts, ctx.models.Action))]
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
    asked = sa.select(*columns).where(*conditions, *seen, *activity.is_shown(ctx.hosts, table))
    found = ctx.execute(asked).one()
    return {name: int(getattr(found, name) or 0) for name in parts}


def _statement(
    ctx: Context, conditions: Sequence[sa.ColumnElement[bool]], scope: Scope, order: Order, page: Page, dialect: str
) -> _Statement:
    table = ctx.models.Action
    of_contact, of_company = dict(JOINED["contact"]), JOINED["company"]
    if ctx.hosts.company is None:
        of_contact, of_company = of_contact | {"company_name": "company_name"}, {}
    contacts = HostValues(ctx.hosts.contact, ctx.viewer, of_contact, "company")
    companies = HostValues(ctx.hosts.company, ctx.viewer, of_company)
    assignees = HostValues(ctx.hosts.user, ctx.viewer, JOINED["user"])
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


def narrowed(ctx: Context, filters: dict[str, Any], *, user: Any) -> Narrowing:
    """What the filters of a list ask for: an id of no row the viewer may see matches nothing.

    ``user`` is the key of whoever asks.
    """
    table, found = ctx.models.Action, Narrowing([], form=())
    for name in ("status", "action_type", "source"):
        if filters.get(name) is not None:
            found.equal(name, getattr(table, name), filters[name])
    if filters.get("life_event_id") is not None:
        event = is_uuid(filters["life_event_id"])
        if event is None:
            found.add("none", sa.false())
        else:
            found.equal("life_event_id", table.life_event_id, event)
    if filters.get("assignee") == "me":
        found.equal("me", table.assigned_to_user_id, user)
    elif filters.get("assignee") is not None:
        _narrow_to_nobody(ctx, found)
    for name, host in (("assigned_to_user_id", ctx.hosts.user), ("contact_id", ctx.hosts.contact)):
        if filters.get(name) is not None:
            key, column = host.shown(ctx.session, filters[name], ctx.viewer), getattr(table, name)
            if key is None:
                found.add("none", sa.false())
            else:
                found.equal(name, column, key)
                if host.hooked:
                    found.add(f"{name} shown", host.shown_key(column, ctx.viewer).is_not(None))
    due: Any = table.due
    if filters.get("sort") == "-created_at" and dialect_of(ctx.session, ctx.models.mapper) == "sqlite":
        # Not by an index: SQLite would sort all that is due then, where it finds the newest sooner one by one. Others
        # know from their statistics which of the two is less.
        due = sa.func.coalesce(table.due, table.due)
    if filters.get("due_before") is not None:
        found.add("due_before", due < found.named("due_before", table.due, filters["due_before"]))
    if filters.get("due_after") is not None:
        found.add("due_after", due > found.named("due_after", table.due, filters["due_after"]))
        found.add("dated", table.due_date.is_not(None))
    if filters.get("due") is not None:
        found.add("undated", sa.and_(due == NO_DATE, table.due_date.is_(None)))
    return found


def _narrow_to_nobody(ctx: Context, found: Narrowing) -> None:
    """Narrow a list to what is shown as nobody's: also the work of users who left or whom the viewer may not see."""
    column, users = ctx.models.Action.assigned_to_user_id, ctx.hosts.user
    if not users.hooked:
        found.add("nobody", column.is_(None))
    elif users.joinable:
        found.add("nobody", sa.or_(column.is_(None), column.not_in(users.keys(ctx.viewer))))
    else:
        mentioned = ctx.execute(sa.select(column).distinct().where(column.is_not(None))).scalars()
        keys = set(mentioned)
        found.values["users_gone"] = list(keys - users.seen(ctx.session, keys, ctx.viewer))
        gone = sa.bindparam("users_gone", [], column.type, expanding=True)
        found.add("nobody", sa.or_(column.is_(None), column.in_(gone)))
