"""Paginate lists by keyset: each page starts after the last row of the previous one, without an offset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from ..errors import InvalidMember, ValidationFailed
from .rows import Rows

LARGEST_PAGE = 500

PAGE_PARAMETERS = ("limit", "cursor")


class Page(NamedTuple):
    """The requested page: at most ``limit`` rows (None: all) after ``cursor``.

    ``whole``: the request has no limit, and ``limit`` is the maximum number of rows of one response.
    """

    limit: int | None = None
    cursor: str | None = None
    whole: bool = False


WHOLE_LIST: Final = Page()


class Order(NamedTuple):
    """The order of a list: columns that are never NULL, the id last, all in one direction.

    The statement must select each column under its name here.
    """

    columns: dict[str, Any]
    descending: bool = False

    def by(self, columns: Iterable[Any]) -> list[sa.UnaryExpression[Any]]:
        """Return these columns, or stand-ins of them, in the direction of the order, for ORDER BY."""
        return [sa.desc(column) if self.descending else sa.asc(column) for column in columns]

    def columns_beside(self, selected: Sequence[str]) -> list[sa.ColumnElement[Any]]:
        """Return the order's columns that are not selected yet."""
        return [column.label(name) for name, column in self.columns.items() if name not in selected]


def ordered(statement: sa.Select[Any], order: Order, page: Page) -> sa.Select[Any]:
    """Return the statement in order, limited to the page and one more row, which shows whether a next page exists."""
    statement = statement.where(*beyond(order, page)).order_by(*order.by(order.columns.values()))
    return statement if page.limit is None else statement.limit(one_more(page.limit))


def beyond(order: Order, page: Page) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a row comes after the previous page.

    :raises ValidationFailed: if the cursor is invalid.
    """
    if page.cursor is None:
        return []
    columns, comes = list(order.columns.values()), _Before if order.descending else _After
    values = zip(values_after(order, page).items(), columns, strict=True)
    return [comes(*columns, *(sa.bindparam(name, value, column.type) for (name, value), column in values))]


def values_after(order: Order, page: Page) -> dict[str, Any]:
    """Return the values of the cursor by their names in a statement.

    :raises ValidationFailed: if the cursor is invalid.
    """
    if page.cursor is None:
        return {}
    values = _decode(page.cursor, list(order.columns.values()))
    return {f"after_{place}": value for place, value in enumerate(values)}


def within_rank(order: Order, page: Page) -> tuple[Any, Page]:
    """Return the first value of a page's cursor, and the same page by the remaining columns."""
    rank, *others = values_after(order, page).values()
    return rank, Page(page.limit, _encode(others))


def one_more(limit: int) -> sa.BindParameter[int]:
    """Return the limit plus one, written into the statement: PostgreSQL reuses no plan whose limit is a parameter."""
    return sa.bindparam(None, limit + 1, sa.Integer, literal_execute=True)


class _After(FunctionElement[Any]):
    """A row comparison: the columns come after the values.

    It has no type: a boolean would be compared with 1 on databases without booleans, which then use no index.
    """

    inherit_cache = True
    operator = ">"


class _Before(_After):
    inherit_cache = True
    operator = "<"


@compiles(_After)
def _compare_rows(element: _After, compiler: Any, **how: Any) -> str:
    parts = [compiler.process(part, **how) for part in element.clauses]
    half = len(parts) // 2
    return f"({', '.join(parts[:half])}) {element.operator} ({', '.join(parts[half:])})"


@compiles(_After, "mysql", "mariadb")
def _compare_one_by_one(element: _After, compiler: Any, **how: Any) -> str:
    """Compare column by column. MariaDB and MySQL use an index only for this form, other databases only for rows."""
    parts = [compiler.process(part, **how) for part in element.clauses]
    half, condition = len(parts) // 2, ""
    for column, value in reversed(list(zip(parts[:half], parts[half:], strict=True))):
        here = f"{column} {element.operator} {value}"
        condition = f"({here} OR ({column} = {value} AND {condition}))" if condition else here
    return condition


def cut(rows: Rows, order: Order, page: Page) -> tuple[Rows, str | None]:
    """Return the page's rows, and the cursor of the next page or None."""
    if page.limit is None or len(rows.rows) <= page.limit:
        return rows, None
    kept = Rows(rows.names, rows.rows[: page.limit])
    return kept, cursor_after(kept, order)


def cursor_after(rows: Rows, order: Order) -> str:
    """Return the cursor of the page that follows the last of these rows."""
    return _encode([rows.rows[-1][rows.names.index(name)] for name in order.columns])


def _encode(values: Sequence[Any]) -> str:
    text = json.dumps([value.isoformat() if isinstance(value, date) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _integer(text: str) -> int:
    """Return an integer of 32 bits. Databases raise errors for larger ones, and no cursor of ours has any."""
    number = int(text) if len(text) < 12 else 2**31
    if not -(2**31) <= number < 2**31:
        raise ValueError
    return number


def _decode(cursor: str, columns: Sequence[sa.ColumnElement[Any]]) -> list[sa.BindParameter[Any]]:
    readers: dict[Any, Callable[[str], Any]] = {
        UUID: UUID,
        date: date.fromisoformat,
        datetime: datetime.fromisoformat,
        str: str,
        int: _integer,
    }
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [readers[column.type.python_type](text) for column, text in zip(columns, texts, strict=True)]
        if not all(isinstance(text, str) and "\x00" not in text for text in texts):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError):
        words = "This cursor did not come from this list."
        raise ValidationFailed(errors=[InvalidMember("?cursor", "invalid_cursor", words)]) from None
    return values
