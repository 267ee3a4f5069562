"""Turning one mapping field into something that can be read: SQL wherever it can be said, a function of the row if not.

A field in SQL is a function of the viewer, because a path may lead through a mapped model, whose hidden rows must not
be read through it either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isfunction, signature
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import RelationshipProperty, aliased
from sqlalchemy.sql.functions import FunctionElement

from .keys import KeyType

if TYPE_CHECKING:
    from .hosts import Host

Viewer = Any
Expression = Callable[[Viewer], sa.ColumnElement[Any]]
Condition = Callable[[Any, Viewer], sa.ColumnElement[bool]]
HostOf = Callable[[type[Any]], "Host | None"]


class BadSourceError(Exception):
    """A source that cannot be read. ``code`` and ``detail`` go into the `Mistake`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Field:
    """One readable field: ``expression`` in SQL, else ``value`` of a loaded row."""

    expression: Expression | None = None
    value: Callable[[Any], Any] | None = None


def read_field(model: type[Any], source: Any, host_of: HostOf) -> Field:
    """The field of a source that is a value. Raises `BadSource`."""
    if isinstance(source, (list, tuple)):
        return _first_of([read_field(model, part, host_of) for part in source], source, model)
    if isinstance(source, str):
        return _path(model, source.split("."), host_of) if "." in source else _attribute(model, source)
    if _is_relationship(source):
        raise BadSourceError("relationship_needs_column", f"{source} is a relationship, not a value")
    if _is_sql(source):
        return Field(expression=lambda _viewer: source)
    if callable(source):
        return Field(value=source)
    raise BadSourceError("source_unknown", f"{type(source).__name__} is no way to name a field")


@dataclass(frozen=True, slots=True)
class Link:
    """A field that leads to a mapped model: the key it holds, and the condition that it holds a given one."""

    key: Expression
    holds: Condition


def read_link(model: type[Any], source: Any, target: Host, host_of: HostOf) -> Link:
    """The link of a source that is a foreign key, a relationship or a path ending in one. Raises `BadSource`."""
    name = source.key if hasattr(source, "key") and not isinstance(source, str) else source
    if not isinstance(name, str):
        raise BadSourceError("link_not_in_sql", "a link must be a foreign key or a relationship, by its name")
    parts = name.split(".")
    owner = _follow(model, parts[:-1])
    last = _get(owner, parts[-1])
    leads_on = _is_relationship(last)
    if leads_on and not issubclass(last.property.mapper.class_, target.model):
        raise BadSourceError("link_elsewhere", f"{name} does not lead to {target.model.__name__}")
    if not leads_on:
        _check_column(last, name, target)

    hops, column = (parts, target.key.key) if leads_on else (parts[:-1], parts[-1])

    def holds(key: Any, viewer: Viewer) -> sa.ColumnElement[bool]:
        return _holds(model, hops, column, key, host_of, viewer)

    if len(parts) == 1 and not leads_on:
        return Link(key=lambda viewer: target.shown_key(last, viewer), holds=holds)

    def key(viewer: Viewer) -> sa.ColumnElement[Any]:
        # A relationship's hidden rows are left out on the way; what a column holds is still to be looked at.
        return _reached(model, hops, column, host_of, viewer, None if leads_on else target)

    return Link(key=key, holds=holds)


def _holds(
    current: Any, hops: Sequence[str], column: str, key: Any, host_of: HostOf, viewer: Viewer
) -> sa.ColumnElement[bool]:
    """That a path leads to a key, and through no row that the viewer may not see."""
    if not hops:
        return cast("sa.ColumnElement[bool]", getattr(current, column) == key)
    attribute = getattr(current, hops[0])
    target = attribute.property.mapper.class_
    reached = aliased(target)
    condition = _holds(reached, hops[1:], column, key, host_of, viewer)
    host = host_of(target)
    if host is not None and host.hooked:
        condition = sa.and_(condition, getattr(reached, host.key.key).in_(host.keys(viewer)))
    leads = attribute.of_type(reached)
    return cast("sa.ColumnElement[bool]", leads.any(condition) if attribute.property.uselist else leads.has(condition))


def _check_column(column: Any, name: str, target: Host) -> None:
    """A column leads to a model if it holds its keys: by a foreign key, or at least by its type."""
    if not _is_sql(column):
        raise BadSourceError("link_not_in_sql", f"{name} is neither a column nor a relationship")
    columns = getattr(getattr(column, "property", None), "columns", [])
    tables = {key.column.table for one in columns for key in one.foreign_keys}
    if tables and target.mapper.local_table not in tables:
        raise BadSourceError("link_elsewhere", f"{name} does not lead to {target.model.__name__}")
    if not tables and KeyType(column.type).python_type is not target.key_type.python_type:
        raise BadSourceError("link_type_differs", f"{name} cannot hold a key of {target.model.__name__}")


def _get(owner: type[Any], name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError:
        if name in dir(owner):  # a hybrid whose class-level expression cannot be built
            return None
        raise BadSourceError("attribute_missing", f"{owner.__name__} has no attribute {name}") from None


def _is_sql(attribute: Any) -> bool:
    return isinstance(attribute, sa.ClauseElement) or hasattr(attribute, "__clause_element__")


def _is_relationship(attribute: Any) -> bool:
    return isinstance(getattr(attribute, "property", None), RelationshipProperty)


def _attribute(model: type[Any], name: str) -> Field:
    attribute = _get(model, name)
    if _is_relationship(attribute):
        raise BadSourceError(
            "relationship_needs_column", f"{model.__name__}.{name} is a relationship; name a column of it"
        )
    if _is_sql(attribute):
        return Field(expression=lambda _viewer: attribute)
    if isfunction(attribute):
        required = [
            p for p in signature(attribute).parameters.values() if p.default is p.empty and p.kind < p.VAR_POSITIONAL
        ]
        if len(required) != 1:
            raise BadSourceError(
                "method_needs_arguments", f"{model.__name__}.{name} cannot be called without arguments"
            )
        return Field(value=attribute)
    return Field(value=lambda row: getattr(row, name))


def _follow(model: type[Any], names: Sequence[str]) -> type[Any]:
    for name in names:
        attribute = _get(model, name)
        if not _is_relationship(attribute):
            raise BadSourceError("path_not_relationship", f"{model.__name__}.{name} is not a relationship")
        model = attribute.property.mapper.class_
    return model


def _path(model: type[Any], parts: list[str], host_of: HostOf) -> Field:
    *hops, column = parts
    end = _attribute(_follow(model, hops), column)
    if end.expression is None:
        raise BadSourceError("path_not_in_sql", f"{'.'.join(parts)} does not end in a column")
    return Field(expression=lambda viewer: _reached(model, hops, column, host_of, viewer))


def _reached(
    model: type[Any],
    hops: Sequence[str],
    column: str,
    host_of: HostOf,
    viewer: Viewer,
    holds_key_of: Host | None = None,
) -> sa.ColumnElement[Any]:
    """What is at the end of a path: the first that is not empty, by key, where the path leads to many."""
    start = aliased(model)
    current: Any = start
    joins: list[Any] = []
    conditions: list[sa.ColumnElement[bool]] = []
    for name in hops:
        target = getattr(current, name).property.mapper.class_
        reached = aliased(target)
        joins.append(getattr(current, name).of_type(reached))
        host = host_of(target)
        if host is not None:
            conditions.append(getattr(reached, host.key.key).in_(host.keys(viewer)))
        current = reached
    value = getattr(current, column)
    if holds_key_of is not None:
        value = holds_key_of.shown_key(value, viewer)
    statement = sa.select(value).select_from(start)
    for join in joins:
        statement = statement.join(join)
    keys = zip(sa.inspect(model).primary_key, sa.inspect(start).selectable.primary_key, strict=True)
    same = [theirs == ours for ours, theirs in keys]
    ends = sa.inspect(current).selectable.primary_key
    return (
        statement.where(*same, *conditions, not_empty(value))
        .order_by(*ends)
        .limit(1)
        .correlate(model)
        .scalar_subquery()
    )


def not_empty(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(value.is_not(None), value != "") if isinstance(value.type, sa.String) else value.is_not(None)


def _first_of(fields: Sequence[Field], sources: Sequence[Any], model: type[Any]) -> Field:
    expressions = [field.expression for field in fields if field.expression is not None]
    if len(expressions) == len(fields):
        return Field(expression=lambda viewer: sa.func.coalesce(*(_null_if_empty(e(viewer)) for e in expressions)))
    readers = [field.value or _on_row(source, model) for field, source in zip(fields, sources, strict=True)]

    def first(row: Any) -> Any:
        return next((value for value in (read(row) for read in readers) if value not in (None, "")), None)

    return Field(value=first)


def _null_if_empty(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.nullif(value, "") if isinstance(value.type, sa.String) else value


def _on_row(source: Any, model: type[Any]) -> Callable[[Any], Any]:
    """A source that stands in SQL, read from a loaded row because its neighbours in a list can only be read there."""
    name = source if isinstance(source, str) else getattr(source, "key", None)
    if not isinstance(name, str) or not hasattr(model, name.split(".")[0]):
        raise BadSourceError("expression_beside_callable", "an SQL expression and a callable cannot share a list")

    def read(row: Any) -> Any:
        rows = [row]
        for part in name.split("."):
            reached = [getattr(one, part) for one in rows if one is not None]
            rows = [one for found in reached for one in (found if isinstance(found, (list, set)) else [found])]
        return next((value for value in rows if value not in (None, "")), None)

    return read


class _place_of_space(FunctionElement[int]):  # noqa: N801 (an SQL function)
    """The place of the first space in a text, from 1; 0 where there is none."""

    type = sa.Integer()
    inherit_cache = True


@compiles(_place_of_space)
def _instr(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}, ' ')"


@compiles(_place_of_space, "postgresql")
def _strpos(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}, ' ')"


def split_name(name: Field) -> tuple[Field, Field]:
    """One column for the whole name: the first word, and the rest."""
    whole, value = name.expression, name.value
    if value is not None:

        def words(row: Any) -> list[str]:
            return str(value(row) or "").split()

        return (
            Field(value=lambda row: next(iter(words(row)), None)),
            Field(value=lambda row: " ".join(words(row)[1:]) or None),
        )
    assert whole is not None  # noqa: S101 (a field is the one or the other)

    def first(viewer: Viewer) -> sa.ColumnElement[Any]:
        text = sa.func.trim(whole(viewer))
        place = _place_of_space(text)
        return sa.case((place > 0, sa.func.substr(text, 1, place - 1)), else_=text)

    def rest(viewer: Viewer) -> sa.ColumnElement[Any]:
        text = sa.func.trim(whole(viewer))
        place = _place_of_space(text)
        return sa.case((place > 0, sa.func.trim(sa.func.substr(text, place + 1))), else_=sa.null())

    return Field(expression=first), Field(expression=rest)
