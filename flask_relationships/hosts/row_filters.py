"""Read `deleted=` and `tenant=` of a mapping: the rows that exist, and the tenant of each row."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import ColumnProperty, RelationshipDirection

from .keys import KeyType, is_uuid
from .paths import (
    BadSourceError,
    Condition,
    Expression,
    follow,
    get_attribute,
    is_proxy,
    is_relationship,
    is_sql,
    leads_to,
    proxied,
    reaching,
)
from .sources import check_tables


class Tenant(NamedTuple):
    """How the tenant of a row is read.

    ``expression`` is the tenant in SQL, ``holds`` the condition that it equals a value. ``attribute`` is the name of a
    column attribute of the model with the tenant, so that a loaded row needs no query; None for a path.
    """

    expression: Expression
    holds: Condition
    key_type: KeyType
    attribute: str | None

    def value_of(self, value: Any) -> Any | None:
        """Convert the tenant that a callback returned to the column's type; None if it has another type.

        A token may hold text where the column holds an integer or a UUID. True is not the tenant 1.
        """
        wanted = self.key_type.python_type
        if value is None or wanted is None or type(value) is wanted:
            return value
        if isinstance(value, bool):
            return None
        if wanted in (int, UUID, str) and isinstance(value, (str, int, UUID)):
            return self._parsed(str(value), wanted)
        return value if isinstance(value, wanted) else None

    def _parsed(self, text: str, wanted: type[Any]) -> Any | None:
        if wanted is str:
            return text if not isinstance(self.key_type.column_type, sa.Uuid) or is_uuid(text) else None
        if wanted is int:
            return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
        return is_uuid(text)


def read_tenant(model: type[Any], source: Any) -> Tenant:
    """Return how the tenant of a model's rows is read.

    :raises BadSourceError: if the source cannot be read in SQL.
    """
    parts = _parts(model, source, "tenant_not_in_sql")
    if parts is None:
        check_tables(model, source)
        return Tenant(lambda _viewer: source, lambda value, _viewer: source == value, KeyType(source.type), None)
    *hops, name = parts
    owner = _follow_one(model, hops)
    attribute = get_attribute(owner, name)
    if is_relationship(attribute):
        name = _key_behind(owner, attribute)
        attribute = get_attribute(owner, name)
    if not is_sql(attribute):
        raise BadSourceError("tenant_not_in_sql", f"{'.'.join(parts)} is neither a column nor an SQL expression")
    # Hooks of the models on the path do not change the tenant of a row.
    expression = reaching(model, hops, name, _unmapped) if hops else lambda _viewer: attribute
    plain = not hops and isinstance(getattr(attribute, "property", None), ColumnProperty)

    def holds(value: Any, viewer: Any) -> sa.ColumnElement[bool]:
        return leads_to(model, hops, name, value, _unmapped, viewer)

    return Tenant(expression, holds, KeyType(_type_of(attribute)), name if plain else None)


def read_deleted(model: type[Any], source: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a row of the model exists.

    :param source: a timestamp (not NULL: deleted), a boolean (true: deleted), or ``(name, value, ...)`` with the values
        of deleted rows.
    :raises BadSourceError: if the source cannot be read in SQL, or has the wrong type.
    """
    values: tuple[Any, ...] = ()
    if isinstance(source, (tuple, list)):
        if len(source) < 2 or any(value is None or isinstance(value, (tuple, list, set)) for value in source[1:]):
            raise BadSourceError("deleted_value", "a pair names the attribute and the value of a deleted row")
        source, values = source[0], tuple(source[1:])
    parts = _parts(model, source, "deleted_not_in_sql")
    if parts is None:
        check_tables(model, source)
        return _exists(source, source.type, values)
    *hops, name = parts
    attribute = get_attribute(_follow_one(model, hops), name)
    if is_relationship(attribute) or not is_sql(attribute):
        raise BadSourceError("deleted_not_in_sql", f"{'.'.join(parts)} is neither a column nor an SQL expression")
    expression = reaching(model, hops, name, _unmapped)(None) if hops else attribute
    return _exists(expression, _type_of(attribute), values)


def _exists(column: Any, type_: Any, values: tuple[Any, ...]) -> sa.ColumnElement[bool]:
    if values:
        for value in values:
            _check_value(type_, value)
        return sa.or_(column.is_(None), column.not_in(values))
    plain = _underlying(type_)
    if isinstance(plain, (sa.DateTime, sa.Date)):
        return cast("sa.ColumnElement[bool]", column.is_(None))
    if isinstance(plain, sa.Boolean):
        return sa.or_(column.is_(None), column.is_(sa.false()))
    words = f"it is of type {type_!r}, which is neither a timestamp nor a boolean"
    raise BadSourceError("deleted_needs_value", words)


def _check_value(type_: Any, value: Any) -> None:
    """Refuse a value that the type of the column does not allow.

    :raises BadSourceError: for such a value.
    """
    if isinstance(type_, sa.Enum):
        if not isinstance(value, type_.enum_class or ()) and value not in type_.enums:
            raise BadSourceError("deleted_value", f"{value!r} is none of {', '.join(map(str, type_.enums))}")
        return
    python_type = None if isinstance(type_, sa.TypeDecorator) else KeyType(type_).python_type
    if python_type not in (str, int, bool):
        return
    if not isinstance(value, python_type) or (isinstance(value, bool) and python_type is not bool):
        raise BadSourceError("deleted_value", f"{value!r} is no value of a column of type {type_!r}")


def _parts(model: type[Any], source: Any, code: str) -> list[str] | None:
    """Return the path that a source names; None for an SQL expression of the model."""
    if isinstance(source, str) and source:
        parts = source.split(".")
        *hops, name = parts
        attribute = get_attribute(follow(model, hops), name)
        return [*hops, *proxied(attribute)] if is_proxy(attribute) else parts
    if is_proxy(source):
        return proxied(source)
    key, owner = getattr(source, "key", None), getattr(source, "class_", None)
    if isinstance(key, str) and isinstance(owner, type) and key in dir(model):
        if not issubclass(model, owner):
            raise BadSourceError("attribute_of_other_model", f"{source} is an attribute of {owner.__name__}")
        return [key]
    if is_sql(source):
        return None
    raise BadSourceError(code, f"{type(source).__name__} is no name of an attribute")


def _follow_one(model: type[Any], hops: list[str]) -> type[Any]:
    """Return the model at the end of a path of to-one relationships."""
    for hop in hops:
        owner, attribute = model, get_attribute(model, hop)
        model = follow(model, [hop])
        if attribute.property.uselist:
            raise BadSourceError("path_to_many", f"{owner.__name__}.{hop} leads to many rows")
    return model


def _key_behind(owner: type[Any], attribute: Any) -> str:
    """Return the attribute with the foreign key of a to-one relationship."""
    relationship = attribute.property
    pairs = relationship.local_remote_pairs
    if relationship.direction is not RelationshipDirection.MANYTOONE or len(pairs) != 1:
        raise BadSourceError("path_to_many", f"{owner.__name__}.{relationship.key} does not lead to one row by one key")
    return str(relationship.parent.get_property_by_column(pairs[0][0]).key)


def _type_of(attribute: Any) -> Any:
    found = getattr(attribute, "type", None)
    return sa.types.NULLTYPE if found is None else found


def _underlying(type_: Any) -> Any:
    while isinstance(type_, sa.TypeDecorator):
        type_ = type_.impl_instance
    return type_


def _unmapped(_model: type[Any]) -> None:
    return None
