"""Select the keys of one page of a list across contacts, without reading all rows of its scope.

For the first fifty actions of twenty users, a database sorts all of their actions, or scans the actions of all users
until it has found fifty. The actions of each user are in order in an index, so they are merged instead. The statement
differs by database; its result does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from .pagination import Order, Page, beyond, one_more, ordered, within_rank

MAX_UNION_TERMS = 500
"""Terms of a UNION in SQLite."""


class Scope(NamedTuple):
    """The rows that a list shows: ``column`` is one of these users, or one of the keys that ``among`` selects.

    Without both, all rows are shown, unassigned ones included. ``also`` adds a filter to a select and returns further
    rows; none of them belongs to the users by ``column``.
    """

    column: Any
    users: Sequence[Any] | None = None
    among: sa.Select[Any] | None = None
    also: Callable[[sa.Select[Any]], sa.Select[Any]] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """Return the users by the names of their parameters, for every form of the statement."""
        users = self.users or ()
        return {"users": list(users)} | {f"user_{place}": user for place, user in enumerate(users)}

    @property
    def all(self) -> list[sa.ColumnElement[bool]]:
        """Return the condition that a row belongs to any of the users."""
        if self.among is not None:
            return [self.column.in_(self.among)]
        if self.users is None:
            return []
        return [self.column.in_(sa.bindparam("users", self.users, self.column.type, expanding=True))]

    @property
    def each(self) -> list[sa.ColumnElement[bool]]:
        """Return one condition for each user."""
        users = enumerate(self.users or ())
        return [self.column == sa.bindparam(f"user_{place}", user, self.column.type) for place, user in users]


def paged(
    statement: sa.Select[Any],
    table: Any,
    order: Order,
    page: Page,
    scope: Scope,
    conditions: Sequence[sa.ColumnElement[bool]],
    *,
    dialect: str,
    ranks: Sequence[tuple[str, sa.ColumnElement[bool]]] = (),
) -> sa.Select[Any]:
    """Return a statement over one of our tables, in order and limited to the page and one more row.

    The keys of the page are selected first, and other tables are joined to these few rows. ``conditions`` must
    therefore exclude every row that is not shown: a join that excludes one makes the page too short.

    :param ranks: values of the order's first column, where no index has that column, and the condition of each
        value. For each of these conditions an index has the rest of the order.
    """
    if page.limit is None and scope.also is None:
        return ordered(statement.select_from(table).where(*conditions, *scope.all), order, page)
    keys = _ranked(dialect, order, page, scope, conditions, ranks) if ranks else None
    found = (_keys(dialect, order, page, scope, conditions) if keys is None else keys).subquery("page")
    columns = [found.c[name] for name in order.columns]
    return statement.select_from(sa.join(found, table, table.id == columns[-1])).order_by(*order.by(columns))


def _keys(dialect: str, order: Order, page: Page, scope: Scope, conditions: Sequence[sa.ColumnElement[bool]]) -> Any:
    """Return a select of the order's columns, limited to the page and one more row."""
    keys = _selected(order).where(*conditions)
    whole = _whole_condition(dialect, scope)
    if whole is not None:
        return ordered(keys.where(*whole), order, page)
    if scope.among is not None:
        return _first(_of_each(keys, scope.among.subquery("members"), order, page, scope), order, page)
    if dialect == "postgresql":
        theirs = _of_each(keys, _named(scope), order, page, scope)
        if scope.also is not None:
            others = ordered(scope.also(keys), order, page)
            theirs = sa.select(sa.union_all(theirs, others).subquery("found"))
        return _first(theirs, order, page)
    each = [keys.where(theirs) for theirs in scope.each] + ([] if scope.also is None else [scope.also(keys)])
    if dialect == "sqlite":
        return _merged([one.where(*beyond(order, page)) for one in each], order, page)
    return _first(sa.union_all(*(ordered(one, order, page) for one in each)), order, page)


def _whole_condition(dialect: str, scope: Scope) -> list[sa.ColumnElement[bool]] | None:
    """Return the condition of a scope that one select reads; None where the rows of each user are merged."""
    if scope.among is not None:
        return None if dialect == "postgresql" else scope.all
    if scope.users is None:
        return []
    if not scope.users:
        return [sa.false()]
    return scope.each if len(scope.users) == 1 and scope.also is None else None


def _selected(order: Order) -> sa.Select[Any]:
    """Return a select of the order's columns by their names."""
    return sa.select(*(column.label(name) for name, column in order.columns.items()))


def _ranked(
    dialect: str,
    order: Order,
    page: Page,
    scope: Scope,
    conditions: Sequence[sa.ColumnElement[bool]],
    ranks: Sequence[tuple[str, sa.ColumnElement[bool]]],
) -> Any:
    """Return the keys of the page, read rank by rank from the rank at which the previous page ended."""
    rank, rest = next(iter(order.columns)), Order(dict(list(order.columns.items())[1:]), order.descending)
    reached, within = (None, page) if page.cursor is None else within_rank(order, page)
    parts = []
    for value, condition in ranks:
        if reached is None or value >= reached:
            here = within if value == reached else Page(page.limit)
            keys = _keys(dialect, rest, here, scope, [*conditions, condition]).subquery()
            parts.append(sa.select(sa.literal(value).label(rank), *keys.c))
    if not parts:
        return _selected(order).where(sa.false())
    return _first(sa.union_all(*parts), order, page)


def _first(rows: Any, order: Order, page: Page) -> Any:
    """Return the first rows of a select that names its columns like the order."""
    rows = rows.order_by(*order.by(order.columns))
    return rows if page.limit is None else rows.limit(one_more(page.limit))


def _named(scope: Scope) -> Any:
    """Return the users of a scope as a table of one column."""
    key = scope.column.type
    each = sa.func.unnest(sa.bindparam("users", list(scope.users or ()), sa.ARRAY(key)))
    return each.table_valued(sa.column("key", key)).render_derived(name="members")


def _of_each(keys: sa.Select[Any], members: Any, order: Order, page: Page, scope: Scope) -> sa.Select[Any]:
    """Return a lateral join with one page of each user. PostgreSQL sorts a UNION, and plans long ones slowly."""
    theirs = ordered(keys.where(scope.column == members.c[0]), order, page).lateral("theirs")
    return sa.select(*theirs.c).select_from(sa.join(members, theirs, sa.true()))


def _merged(each: Sequence[Any], order: Order, page: Page) -> Any:
    """Return a UNION ALL, which SQLite merges in the order of the indexes without reading more than the page."""
    if len(each) > MAX_UNION_TERMS:
        parts = [each[start : start + MAX_UNION_TERMS] for start in range(0, len(each), MAX_UNION_TERMS)]
        each = [sa.select(_merged(part, order, page).subquery()) for part in parts]
    return _first(sa.union_all(*each), order, page)
