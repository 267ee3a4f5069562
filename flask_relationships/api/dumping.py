"""Rows of a query to what JSON is encoded from, by a function compiled once from the marshmallow schema.

One comprehension of dict literals over tuples is many times faster than ``Schema.dump``; marshmallow keeps
validation and the OpenAPI document. Only the fields of `fields` are known: another one is an error when compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ..db.rows import Rows
from . import fields

_AS_IT_IS = (
    fields.Timestamp,
    fields.CivilDate,
    fields.Text,
    fields.Choice,
    fields.StrictBool,
    fields.JSONNumber,
    fields.TextList,
    fields.Birthday,
    fields.Part,
)

_TEXT = frozenset((str, type(None)))
"""The types of ids that are text already, or nothing."""


def _number(value: float | None) -> float | int | None:
    """A whole number as it was most likely sent: without a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _days(value: Sequence[int | None] | None) -> list[int]:
    """Without the gaps that keep each in its place."""
    return sorted((days for days in value if days is not None), reverse=True) if value else []


def _expression(field: Any, value: str) -> str:
    if isinstance(field, fields.Id):
        return f"({value} if {value}.__class__ in text else str({value}))"
    if isinstance(field, fields.JSONNumber) and not isinstance(field, fields.JSONInt):
        return f"number({value})"
    if isinstance(field, fields.Parts):
        return f"({value} or [])"
    if isinstance(field, fields.DayList):
        return f"days({value})"
    if isinstance(field, _AS_IT_IS):
        return value
    raise TypeError(f"no field to be dumped: {type(field).__name__}")


@cache
def members_of(schema: type[fields.Schema]) -> tuple[str, ...]:
    """The names of a schema's members. Making an instance takes longer than reading a row: it is made once."""
    return tuple(schema().fields)


@cache
def _compiled(schema: type[fields.Schema], names: tuple[str, ...]) -> Callable[[Any], list[dict[str, Any]]]:
    places = {name: place for place, name in enumerate(names)}
    members = ", ".join(
        f"{name!r}: {_expression(field, f'row[{places[name]}]')}" for name, field in schema().fields.items()
    )
    scope: dict[str, Any] = {"text": _TEXT, "number": _number, "days": _days}
    exec(f"def dump(rows): return [{{{members}}} for row in rows]", scope)  # noqa: S102 (names of our own schemas)
    return scope["dump"]  # type: ignore[no-any-return]


def dump_rows(schema: type[fields.Schema], rows: Rows) -> list[dict[str, Any]]:
    return _compiled(schema, rows.names)(rows.rows)


def dump_row(schema: type[fields.Schema], row: Any, **computed: Any) -> dict[str, Any]:
    """One object of ours, read by attribute; ``computed`` are the members it has no attribute for."""
    names = members_of(schema)
    values = [computed[name] if name in computed else getattr(row, name) for name in names]
    return _compiled(schema, names)([values])[0]
