"""Pages of a list by keyset: a row comparison from where the last page ended, never an offset."""

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
    """What was asked for: at most ``limit`` rows (None: all), from after ``cursor`` on.

    ``whole``: the request has no limit, and ``limit`` is the most rows that one answer may hold.
    """

    limit: int | None = None
    cursor: str | None = None
    whole: bool = False


WHOLE_LIST: Final = Page()


class Order(NamedTuple):
    """The order of a list: columns that are never NULL, the id last, all of them in one direction.

    The statement has to select each of them under the name given here.
    """

    columns: dict[str, Any]
    descending: bool = False

    def by(self, columns: Iterable[Any]) -> list[sa.UnaryExpression[Any]]:
        """For ORDER BY, these columns, which are those of the order or stand for them."""
        return [sa.desc(column) if self.descending else sa.asc(column) for column in columns]

    def columns_beside(self, selected: Sequence[str]) -> list[sa.ColumnElement[Any]]:
        """The order's columns that the answer itself does not show."""
        return [column.label(name) for name, column in self.columns.items() if name not in selected]


def ordered(statement: sa.Select[Any], order: Order, page: Page) -> sa.Select[Any]:
    """The statement in order, narrowed to the page and one row more, which tells whether there is a next."""
    statement = statement.where(*beyond(order, page)).order_by(*order.by(order.columns.values()))
    return statement if page.limit is None else statement.limit(one_more(page.limit))


def beyond(order: Order, page: Page) -> list[sa.ColumnElement[bool]]:
    """The condition that a row comes after the last page. Raises `ValidationFailed` for a cursor of no list of ours."""
    if page.cursor is None:
        return []
    columns, comes = list(order.columns.values()), _Before if order.descending else _After
    values = zip(values_after(order, page).items(), columns, strict=True)
    return [comes(*columns, *(sa.bindparam(name, value, column.type) for (name, value), column in values))]


def values_after(order: Order, page: Page) -> dict[str, Any]:
    """The values that a page comes after, by their names in a statement. Raises `ValidationFailed`."""
    if page.cursor is None:
        return {}
    values = _decode(page.cursor, list(order.columns.values()))
    return {f"after_{place}": value for place, value in enumerate(values)}


def within_rank(order: Order, page: Page) -> tuple[Any, Page]:
    """Of a page with a cursor, the order's first value there, and the page by the columns after that one."""
    rank, *others = values_after(order, page).values()
    return rank, Page(page.limit, _encode(others))


def one_more(limit: int) -> sa.BindParameter[int]:
    """As text of the statement: PostgreSQL makes no plan to keep of a limit that it does not know."""
    return sa.bindparam(None, limit + 1, sa.Integer, literal_execute=True)


class _After(FunctionElement[Any]):
    """That columns come after values, both of them in their order: a comparison of rows.

    It has no type: of a boolean, databases without such a type are asked whether it is 1, and look at no index then.
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
    """These find no range of an index in a comparison of rows, but two in this; others find none in this."""
    parts = [compiler.process(part, **how) for part in element.clauses]
    half, told = len(parts) // 2, ""
    for column, value in reversed(list(zip(parts[:half], parts[half:], strict=True))):
        here = f"{column} {element.operator} {value}"
        told = f"({here} OR ({column} = {value} AND {told}))" if told else here
    return told


def cut(rows: Rows, order: Order, page: Page) -> tuple[Rows, str | None]:
    """The page's rows, and the cursor of the next page or None."""
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
    """Of a size that every database's integers have: more is no value of ours, and an error of theirs."""
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
