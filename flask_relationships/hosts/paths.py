"""Follow relationships from a model of the host, by name and in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.associationproxy import AssociationProxyInstance
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty, aliased

from ..db.private_names import replace_table
from .texts import not_empty

if TYPE_CHECKING:
    from .bound import Host

Viewer = Any
Expression = Callable[[Viewer], sa.ColumnElement[Any]]
Condition = Callable[[Any, Viewer], sa.ColumnElement[bool]]
HostOf = Callable[[type[Any]], "Host | None"]


class BadSourceError(Exception):
    """A source that cannot be read. ``code`` and ``detail`` become a `Mistake`.

    ``owner`` is the model whose attributes are suggested, if it is not the mapped one.
    """

    def __init__(self, code: str, detail: str, owner: type[Any] | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.owner = code, detail, owner


def get_attribute(owner: type[Any], name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError:
        if name in dir(owner):  # a hybrid whose class-level expression cannot be built
            return None
        raise BadSourceError("attribute_missing", f"{owner.__name__} has no attribute {name}", owner) from None


def is_sql(attribute: Any) -> bool:
    return isinstance(attribute, sa.ClauseElement) or hasattr(attribute, "__clause_element__")


def is_relationship(attribute: Any) -> bool:
    return isinstance(getattr(attribute, "property", None), RelationshipProperty)


def is_proxy(attribute: Any) -> bool:
    return isinstance(attribute, AssociationProxyInstance)


def proxied(attribute: Any) -> list[str]:
    """Return the path of an association proxy."""
    return [attribute.target_collection, attribute.value_attr]


def follow(model: type[Any], names: Sequence[str]) -> type[Any]:
    for name in names:
        attribute = get_attribute(model, name)
        if not is_relationship(attribute):
            raise BadSourceError("path_not_relationship", f"{model.__name__}.{name} is not a relationship")
        model = attribute.property.mapper.class_
    return model


def held_key(relationship: RelationshipProperty[Any], target: Host) -> str | None:
    """Return the attribute with the foreign key of a relationship to ``target``; None if the join has other parts."""
    if relationship.mapper is not target.mapper or relationship.secondary is not None:
        return None
    if relationship.direction is not RelationshipDirection.MANYTOONE or len(relationship.local_remote_pairs) != 1:
        return None
    ((ours, theirs),) = relationship.local_remote_pairs
    has_other_parts = theirs not in target.key.property.columns or not relationship.primaryjoin.compare(ours == theirs)
    if has_other_parts or not relationship.parent.columns.contains_column(ours):
        return None
    return relationship.parent.get_property_by_column(ours).key


def leads_to(
    current: Any, hops: Sequence[str], column: str, key: Any, host_of: HostOf, viewer: Viewer
) -> sa.ColumnElement[bool]:
    """Return the condition that a path leads to a key, through rows that the viewer may see."""
    if not hops:
        return cast("sa.ColumnElement[bool]", getattr(current, column) == key)
    attribute = getattr(current, hops[0])
    target = attribute.property.mapper.class_
    end = aliased(target)
    condition = leads_to(end, hops[1:], column, key, host_of, viewer)
    host = host_of(target)
    if host is not None and host.hooked:
        condition = sa.and_(condition, getattr(end, host.key.key).in_(host.keys(viewer)))
    leads = attribute.of_type(end)
    return cast("sa.ColumnElement[bool]", leads.any(condition) if attribute.property.uselist else leads.has(condition))


def reaching(
    model: type[Any], hops: Sequence[str], column: str, host_of: HostOf, holds_key_of: Host | None = None
) -> Expression:
    """Return the value at the end of a path in SQL; the first that is not empty if the path leads to many rows.

    The order is the ``order_by`` of the relationships, then the key. The expression is built once if no mapping on the
    path has a hook: building it takes longer than running it.

    :param holds_key_of: the value is a key of this host, and NULL if the viewer may not see its row.
    """
    built: list[sa.ColumnElement[Any]] = []

    def expression(viewer: Viewer) -> sa.ColumnElement[Any]:
        if built:
            return built[0]
        reached, hooked = _reached(model, hops, column, host_of, viewer, holds_key_of)
        if not hooked:
            built.append(reached)
        return reached

    return expression


def _reached(
    model: type[Any], hops: Sequence[str], column: str, host_of: HostOf, viewer: Viewer, holds_key_of: Host | None
) -> tuple[sa.ColumnElement[Any], bool]:
    """Return the expression of `reaching` for a viewer, and whether a hook changed it."""
    start = aliased(model)
    current: Any = start
    statement = sa.select(sa.literal(1)).select_from(start)
    conditions: list[sa.ColumnElement[bool]] = []
    order: list[sa.ColumnElement[Any]] = []
    for name in hops:
        relationship = getattr(current, name).property
        end: Any = aliased(relationship.mapper.class_)
        statement, in_order = _joined(statement, current, name, end)
        host = host_of(relationship.mapper.class_)
        if host is not None and host.hooked:
            conditions.append(getattr(end, host.key.key).in_(host.keys(viewer)))
        if relationship.uselist:
            order += [*in_order, *_keys(end)]
        current = end
    value = getattr(current, column)
    if holds_key_of is not None:
        value = holds_key_of.shown_key(value, viewer)
    same = [theirs == ours for ours, theirs in zip(_keys(model), _keys(start), strict=True)]
    found = (
        statement.with_only_columns(value)
        .where(*same, *conditions, not_empty(value))
        .order_by(*order)
        .limit(1)
        .correlate(*sa.inspect(model).tables)
        .scalar_subquery()
    )
    return found, bool(conditions) or (holds_key_of is not None and holds_key_of.hooked)


def _keys(entity: Any) -> list[Any]:
    """Return the primary key of a model or an alias by its attributes, because joined tables have several keys."""
    mapper = sa.inspect(entity).mapper
    return [getattr(entity, mapper.get_property_by_column(column).key) for column in mapper.primary_key]


def _joined(
    statement: sa.Select[Any], current: Any, name: str, end: Any
) -> tuple[sa.Select[Any], list[sa.ColumnElement[Any]]]:
    """Return the statement with one more join, and the order that its relationship declares."""
    relationship = getattr(current, name).property
    at_end = sa.inspect(end).selectable
    order = list(relationship.order_by or ())
    between = relationship.secondary
    if between is None or not any(between in sa.select(part).get_final_froms() for part in order):
        return statement.join(getattr(current, name).of_type(end)), [replace_table(part, at_end) for part in order]
    # The join of SQLAlchemy would give the secondary table an alias that the order cannot use.
    alias = between.alias()
    here = replace_table(replace_table(relationship.primaryjoin, sa.inspect(current).selectable), alias)
    there = replace_table(replace_table(relationship.secondaryjoin, at_end), alias)
    joined = statement.join(alias, here).join(end, there)
    return joined, [replace_table(replace_table(part, at_end), alias) for part in order]
