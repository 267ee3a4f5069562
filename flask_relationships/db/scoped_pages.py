"""The keys of one page of a list that crosses contacts, without reading all that its scope holds.

Asked for the first fifty of what twenty people have to do, a database sorts all of it, or walks through everybody's
until it has found fifty, which of people with nothing to do it never does. But each one's own is in order in an index:
so it is merged. How a database is brought to do so differs; what it finds does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from .pagination import Order, Page, beyond, one_more, ordered, within_rank

MOST_TERMS = 500
"""How many terms SQLite's UNION has at most."""


class Scope(NamedTuple):
    """Whose rows a list shows: ``column`` is one of these users, or one of the keys that ``among`` selects.

    Neither: everybody's, and nobody's too. ``also`` narrows a select to further rows, none of which is theirs by
    the column.
    """

    column: Any
    users: Sequence[Any] | None = None
    among: sa.Select[Any] | None = None
    also: Callable[[sa.Select[Any]], sa.Select[Any]] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The users by their names in a statement, of whichever form."""
        users = self.users or ()
        return {"users": list(users)} | {f"user_{place}": user for place, user in enumerate(users)}

    @property
    def all(self) -> list[sa.ColumnElement[bool]]:
        """The condition of all of them together."""
        if self.among is not None:
            return [self.column.in_(self.among)]
        if self.users is None:
            return []
        return [self.column.in_(sa.bindparam("users", self.users, self.column.type, expanding=True))]

    @property
    def each(self) -> list[sa.ColumnElement[bool]]:
        """The condition of each user."""
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
    """A statement of columns of a table of ours, in order and narrowed to the page and one row more.

    The rows are found first, by their keys alone, and whatever is joined afterwards is joined to these few. So the
    conditions must say all that leaves a row out: a join that left out another would make the page too short.

    ``ranks`` are the values of the order's first column, where no index has that, and the conditions of each value:
    under each of these conditions an index has the rest of the order.
    """
    if page.limit is None and scope.also is None:
        return ordered(statement.select_from(table).where(*conditions, *scope.all), order, page)
    keys = _ranked(dialect, order, page, scope, conditions, ranks) if ranks else None
    found = (_keys(dialect, order, page, scope, conditions) if keys is None else keys).subquery("page")
    columns = [found.c[name] for name in order.columns]
    return statement.select_from(sa.join(found, table, table.id == columns[-1])).order_by(*order.by(columns))


def _keys(dialect: str, order: Order, page: Page, scope: Scope, conditions: Sequence[sa.ColumnElement[bool]]) -> Any:
    """The order's columns of the page's rows and of one more."""
    keys = sa.select(*(column.label(name) for name, column in order.columns.items())).where(*conditions)
    if scope.among is not None:
        if dialect != "postgresql":
            return ordered(keys.where(*scope.all), order, page)
        return _first(_of_each(keys, scope.among.subquery("whose"), order, page, scope), order, page)
    if scope.users is None:
        return ordered(keys, order, page)
    if not scope.users:
        return ordered(keys.where(sa.false()), order, page)
    if len(scope.users) < 2 and scope.also is None:
        return ordered(keys.where(*scope.each), order, page)
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


def _ranked(
    dialect: str,
    order: Order,
    page: Page,
    scope: Scope,
    conditions: Sequence[sa.ColumnElement[bool]],
    ranks: Sequence[tuple[str, sa.ColumnElement[bool]]],
) -> Any:
    """So many of each rank as the page could take, from the rank on at which the last page ended."""
    rank, rest = next(iter(order.columns)), Order(dict(list(order.columns.items())[1:]), order.descending)
    reached, within = (None, page) if page.cursor is None else within_rank(order, page)
    parts = []
    for value, condition in ranks:
        if reached is None or value >= reached:
            here = within if value == reached else Page(page.limit)
            keys = _keys(dialect, rest, here, scope, [*conditions, condition]).subquery()
            parts.append(sa.select(sa.literal(value).label(rank), *keys.c))
    if not parts:
        return sa.select(*(column.label(name) for name, column in order.columns.items())).where(sa.false())
    return _first(sa.union_all(*parts), order, page)


def _first(rows: Any, order: Order, page: Page) -> Any:
    """The first of rows that were selected by the order's names."""
    rows = rows.order_by(*order.by(order.columns))
    return rows if page.limit is None else rows.limit(one_more(page.limit))


def _named(scope: Scope) -> Any:
    """The users of a scope as a table of one column."""
    key = scope.column.type
    each = sa.func.unnest(sa.bindparam("users", list(scope.users or ()), sa.ARRAY(key)))
    return each.table_valued(sa.column("key", key)).render_derived(name="whose")


def _of_each(keys: sa.Select[Any], whose: Any, order: Order, page: Page, scope: Scope) -> sa.Select[Any]:
    """PostgreSQL sorts a UNION, and plans long ones slowly. So much of each as the page could take is little."""
    theirs = ordered(keys.where(scope.column == whose.c[0]), order, page).lateral("theirs")
    return sa.select(*theirs.c).select_from(sa.join(whose, theirs, sa.true()))


def _merged(each: Sequence[Any], order: Order, page: Page) -> Any:
    """SQLite merges a UNION ALL of what indexes have in order, and reads no more than the page takes."""
    if len(each) > MOST_TERMS:
        parts = [each[start : start + MOST_TERMS] for start in range(0, len(each), MOST_TERMS)]
        each = [sa.select(_merged(part, order, page).subquery()) for part in parts]
    return _first(sa.union_all(*each), order, page)
