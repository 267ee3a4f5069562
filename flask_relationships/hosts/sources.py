"""Read one field of a mapping: as an SQL expression if possible, else as a function of the loaded row.

The SQL expression depends on the viewer, because a path may lead through a mapped model with hidden rows.
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
    """A field: ``expression`` in SQL, or ``value`` of a loaded row and of the columns selected ``beside`` it.

    `type` is the type of the expression, if it is known. `text`: whether the field is shown as text.
    """

    expression: Expression | None = None
    value: Callable[..., Any] | None = None
    beside: tuple[Expression, ...] = ()
    type: sa.types.TypeEngine[Any] | None = None
    text: bool = False

    @property
    def columns(self) -> tuple[Expression, ...]:
        """Return the columns that `read` needs."""
        return self.beside if self.expression is None else (self.expression,)

    def read(self, row: Any, selected: Iterator[Any]) -> Any:
        """Return the value from a loaded row and the next selected columns, which are consumed."""
        mine = tuple(islice(selected, len(self.columns)))
        return mine[0] if self.value is None else self.value(row, *mine)

    def on_rows(self) -> Field:
        """Return the same field as one that needs a loaded row."""
        if self.expression is None:
            return self
        return Field(value=lambda _row, selected: selected, beside=(self.expression,))


def read_field(model: type[Any], source: Any, host_of: HostOf) -> Field:
    """Return the field of a source that is a value.

    :raises BadSourceError: if the source cannot be read.
    """
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
    """Refuse columns of other models, which would cause a cartesian product.

    :raises BadSourceError: for such a column.
    """
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
    """Collect the errors of mapped callables instead of logging them."""
    found: list[Exception] = []
    token = _odd.set(found)
    try:
        yield found
    finally:
        _odd.reset(token)


def _careful(source: Callable[[Any], Any], model: type[Any]) -> Callable[[Any], Any]:
    """Return a function that calls a mapped callable, and returns None if it raises.

    Each place in the code is logged once. Errors of the database are raised.
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
    """A field that refers to a mapped model: its key, and the condition that it has a certain key."""

    key: Expression
    holds: Condition
    attribute: str | None = None
    """The attribute of the model itself that holds the key, if there is one."""


def read_link(model: type[Any], source: Any, target: Host, host_of: HostOf) -> Link:
    """Return the link of a source: a foreign key, a relationship, or a path that ends in one.

    :raises BadSourceError: if the source does not lead to the target.
    """
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
    # The row of the key may be hidden too, not only rows on the path.
    *before, _ = parts
    if not before:
        return Link(lambda viewer: target.shown_key(get_attribute(owner, held), viewer), holds, held)
    return Link(reaching(model, before, held, host_of, target), holds)


def _check_column(column: Any, name: str, target: Host) -> None:
    """Refuse a column that does not hold keys of the target, by its foreign keys or its type.

    :raises BadSourceError: for such a column.
    """
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
    """Return the field of an attribute, a dotted path or an association proxy."""
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
    """Return the first non-empty field: in SQL if all are text, because not all databases can mix types."""
    expressions = [field.expression for field in fields if field.expression is not None and is_plain(field.type)]
    if len(expressions) == len(fields):

        def coalesced(viewer: Viewer) -> sa.ColumnElement[Any]:
            parts = [null_if_empty(expression(viewer)) for expression in expressions]
            return sa.func.coalesce(*parts, sa.null())

        return Field(expression=coalesced, type=fields[0].type)
    late = [field.on_rows() for field in fields]

    def first(row: Any, *selected: Any) -> Any:
        rest = iter(selected)
        values = (field.read(row, rest) for field in late)
        return next((value for value in values if not is_empty(value)), None)

    return Field(value=first, beside=tuple(column for field in late for column in field.beside))
