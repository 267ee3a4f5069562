"""Turning one mapping field into something that can be read: SQL wherever it can be said, a function of the row if not.

A field in SQL is a function of the viewer, because a path may lead through a mapped model, whose hidden rows must not
be read through it either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import isclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from ..errors import place_of
from .hooks import takes
from .keys import KeyType
from .paths import (
    BadSourceError,
    Condition,
    Expression,
    HostOf,
    Viewer,
    follow,
    get_attribute,
    held_key,
    is_proxy,
    is_relationship,
    is_sql,
    leads_to,
    proxied,
    reaching,
)
from .texts import is_empty, is_plain, null_if_empty

if TYPE_CHECKING:
    from .bound import Host

logger = logging.getLogger(__name__)


class Field(NamedTuple):
    """One readable field: ``expression`` in SQL, else ``value`` of a loaded row and of what is selected ``beside`` it.

    `type` is that of the expression, where it is known; `text` whether the field is shown as text.
    """

    expression: Expression | None = None
    value: Callable[..., Any] | None = None
    beside: tuple[Expression, ...] = ()
    type: sa.types.TypeEngine[Any] | None = None
    text: bool = False

    @property
    def columns(self) -> tuple[Expression, ...]:
        """What a select must hold for `read`."""
        return self.beside if self.expression is None else (self.expression,)

    def read(self, row: Any, told: Iterator[Any]) -> Any:
        """The value, from a loaded row and what the columns told of it, which are taken off ``told``."""
        mine = tuple(islice(told, len(self.columns)))
        return mine[0] if self.value is None else self.value(row, *mine)

    def on_rows(self) -> Field:
        """The same field as one that only a loaded row can tell."""
        if self.expression is None:
            return self
        return Field(value=lambda _row, told: told, beside=(self.expression,))


def read_field(model: type[Any], source: Any, host_of: HostOf) -> Field:
    """The field of a source that is a value. Raises `BadSource`."""
    if isinstance(source, (list, tuple)):
        if not source:
            raise BadSourceError("source_unknown", "an empty list names nothing; None says that there is no such thing")
        return _first_of([read_field(model, part, host_of) for part in source])
    if isinstance(source, str):
        return _path(model, source.split("."), host_of)
    if is_relationship(source):
        raise BadSourceError("relationship_needs_column", f"{source} is a relationship, not a value")
    if is_proxy(source):
        return _path(model, proxied(source), host_of)
    if is_sql(source):
        check_tables(model, source)
        return _in_sql(source)
    if callable(source) and not isclass(source):
        return Field(value=_careful(source, model))
    raise BadSourceError("source_unknown", f"{type(source).__name__} is no way to name a field")


def _in_sql(attribute: Any) -> Field:
    return Field(expression=lambda _viewer: attribute, type=getattr(attribute, "type", None))


def check_tables(model: type[Any], source: Any) -> None:
    """A column of another model would multiply every row with every row of that one."""
    mapper = sa.inspect(model)
    own = {*mapper.tables, mapper.selectable, mapper.persist_selectable}
    other = [found for found in sa.select(source).get_final_froms() if found not in own]
    if other:
        raise BadSourceError(
            "attribute_of_other_model",
            f"{source} reads {other[0]}, which is not the table of {model.__name__}; a dotted path leads there",
        )


_odd: ContextVar[list[Exception] | None] = ContextVar("odd", default=None)


@contextmanager
def odd_rows() -> Iterator[list[Exception]]:
    """What mapped callables raise meanwhile, for somebody who looks, instead of the log."""
    found: list[Exception] = []
    token = _odd.set(found)
    try:
        yield found
    finally:
        _odd.reset(token)


def _careful(source: Callable[[Any], Any], model: type[Any]) -> Callable[[Any], Any]:
    """A callable of the host's that fails on one odd row leaves that row's value out, not the whole list.

    Each place is logged once. What the database itself raises is no oddness of a row.
    """
    logged: set[str] = set()

    def read(row: Any) -> Any:
        try:
            return source(row)
        except (DBAPIError, PendingRollbackError):
            raise
        except Exception as error:
            place, watched = place_of(error), _odd.get()
            if watched is not None:
                watched.append(error)
            elif place not in logged:
                logged.add(place)
                logger.error("a mapped callable of %s failed on a row, whose value is null: %s", model.__name__, place)
            return None

    return read


class Link(NamedTuple):
    """A field that leads to a mapped model: the key that it holds, and the condition that it holds a given one."""

    key: Expression
    holds: Condition
    attribute: str | None = None
    """The attribute of the model itself that holds the key, where there is one."""


def read_link(model: type[Any], source: Any, target: Host, host_of: HostOf) -> Link:
    """The link of a source that is a foreign key, a relationship or a path ending in one. Raises `BadSource`."""
    of = getattr(source, "class_", None)
    if isinstance(of, type) and not issubclass(model, of):
        raise BadSourceError("attribute_of_other_model", f"{source} is an attribute of {of.__name__}")
    name = source if isinstance(source, str) else getattr(source, "key", None)
    if not isinstance(name, str):
        raise BadSourceError("link_not_in_sql", "a link must be a foreign key or a relationship, by its name")
    parts = name.split(".")
    owner = follow(model, parts[:-1])
    last = get_attribute(owner, parts[-1])
    hops, column, held = parts[:-1], parts[-1], cast("str | None", parts[-1])
    if not is_relationship(last):
        _check_column(last, name, target)
    elif issubclass(last.property.mapper.class_, target.model):
        hops, column, held = parts, target.key.key, held_key(last.property, target)
    else:
        raise BadSourceError("link_elsewhere", f"{name} does not lead to {target.model.__name__}")

    def holds(key: Any, viewer: Viewer) -> sa.ColumnElement[bool]:
        return leads_to(model, hops, column, key, host_of, viewer)

    if held is None:
        return Link(reaching(model, hops, column, host_of), holds)
    # What a column holds is still to be looked at; rows that are hidden on the way to it are left out.
    *before, _ = parts
    if not before:
        return Link(lambda viewer: target.shown_key(get_attribute(owner, held), viewer), holds, held)
    return Link(reaching(model, before, held, host_of, target), holds)


def _check_column(column: Any, name: str, target: Host) -> None:
    """A column leads to a model if it holds its keys: by a foreign key, or at least by its type."""
    if not is_sql(column):
        raise BadSourceError("link_not_in_sql", f"{name} is neither a column nor a relationship")
    columns = getattr(getattr(column, "property", None), "columns", [])
    tables = {key.column.table for one in columns for key in one.foreign_keys}
    if tables and tables.isdisjoint(target.mapper.tables):
        raise BadSourceError("link_elsewhere", f"{name} does not lead to {target.model.__name__}")
    if not tables and KeyType(column.type).python_type is not target.key_type.python_type:
        raise BadSourceError("link_type_differs", f"{name} cannot hold a key of {target.model.__name__}")


def _attribute(model: type[Any], name: str) -> Field:
    attribute = get_attribute(model, name)
    if is_relationship(attribute):
        raise BadSourceError(
            "relationship_needs_column", f"{model.__name__}.{name} is a relationship; name a column of it"
        )
    if is_sql(attribute):
        return _in_sql(attribute)
    if not callable(attribute) or isclass(attribute):
        return Field(value=_careful(lambda row: getattr(row, name), model))
    is_bound = hasattr(attribute, "__self__")
    if not takes(attribute, ()) and (is_bound or not takes(attribute, ("self",))):
        raise BadSourceError("method_needs_arguments", f"{model.__name__}.{name} cannot be called without arguments")
    return Field(value=_careful(lambda row: getattr(row, name)(), model))


def _path(model: type[Any], parts: list[str], host_of: HostOf) -> Field:
    """An attribute, or what a dotted path or an association proxy leads to."""
    *hops, column = parts
    owner = follow(model, hops)
    attribute = get_attribute(owner, column)
    if is_proxy(attribute):
        return _path(model, [*hops, *proxied(attribute)], host_of)
    end = _attribute(owner, column)
    if not hops:
        return end
    if end.expression is None:
        raise BadSourceError("path_not_in_sql", f"{'.'.join(parts)} does not end in a column")
    return Field(expression=reaching(model, hops, column, host_of), type=end.type)


def _first_of(fields: Sequence[Field]) -> Field:
    """In SQL where all of it is text there: other types cannot share one expression on every database."""
    expressions = [field.expression for field in fields if field.expression is not None and is_plain(field.type)]
    if len(expressions) == len(fields):

        def coalesced(viewer: Viewer) -> sa.ColumnElement[Any]:
            parts = [null_if_empty(expression(viewer)) for expression in expressions]
            return sa.func.coalesce(*parts, sa.null())

        return Field(expression=coalesced, type=fields[0].type)
    late = [field.on_rows() for field in fields]

    def first(row: Any, *told: Any) -> Any:
        rest = iter(told)
        values = (field.read(row, rest) for field in late)
        return next((value for value in values if not is_empty(value)), None)

    return Field(value=first, beside=tuple(column for field in late for column in field.beside))
