"""Pages of a list by keyset: a row comparison from where the last page ended, never an offset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from .dumper import Rows
from .errors import InvalidMember, ValidationFailed

LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """What was asked for: at most ``limit`` rows (None: all), from after ``cursor`` on."""

    limit: int | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: columns that are never NULL, the id last, all of them in one direction.

    The statement has to select each of them under the name given here.
    """

    columns: dict[str, Any]
    descending: bool = False

    def columns_beside(self, selected: Sequence[str]) -> list[sa.ColumnElement[Any]]:
        """The order's columns that the answer itself does not show."""
        return [column.label(name) for name, column in self.columns.items() if name not in selected]


def ordered(statement: sa.Select[Any], order: Order, page: Page) -> sa.Select[Any]:
    """The statement in order, narrowed to the page and one row more, which tells whether there is a next."""
    columns = list(order.columns.values())
    if page.cursor is not None:
        values = _decode(page.cursor, columns)
        here, there = sa.tuple_(*columns), sa.tuple_(*values)
        statement = statement.where(here < there if order.descending else here > there)
    statement = statement.order_by(*(column.desc() if order.descending else column.asc() for column in columns))
    return statement if page.limit is None else statement.limit(page.limit + 1)


def cut(rows: Rows, order: Order, page: Page) -> tuple[Rows, str | None]:
    """The page's rows, and the cursor of the next page or None."""
    if page.limit is None or len(rows.rows) <= page.limit:
        return rows, None
    kept = rows.rows[: page.limit]
    values = [kept[-1][rows.names.index(name)] for name in order.columns]
    return Rows(rows.names, kept), _encode(values)


def _encode(values: Sequence[Any]) -> str:
    text = json.dumps([value.isoformat() if isinstance(value, date) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _integer(text: str) -> int:
    """Of a size that every database's integers have: more is no value of ours, and an error of theirs."""
    number = int(text) if len(text) < 12 else 2**31
    if not -(2**31) <= number < 2**31:
        raise ValueError
    return number


def _decode(cursor: str, columns: Sequence[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
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
    return [sa.literal(value, column.type) for value, column in zip(values, columns, strict=True)]
