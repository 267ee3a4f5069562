"""Describe how each field of a mapping is read, for the output of `check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ColumnProperty, QueryableAttribute, RelationshipProperty

from ..hosts.bound import Host, Hosts
from ..hosts.fields import LINKS
from ..hosts.mapping import LEFT_OUT

NAME_PARTS = {"first_name": "the first word", "last_name": "the rest"}
"""The fields that `name` is split into where they are left out."""


def describe(host: Host, hosts: Hosts) -> Iterator[tuple[str, str]]:
    """Yield every field of a bound mapping with how it is read.

    ``name`` of a contact is described at the two fields that it is split into.
    """
    sources = host.mapping.sources()
    whole = sources.pop("name") if sources.keys() >= NAME_PARTS.keys() else None
    for name, source in sources.items():
        if name not in host.fields and name not in host.links:
            yield name, "absent" if source is None or source is LEFT_OUT else "not readable"
        elif name in LINKS:
            yield name, _link(host, hosts, name)
        elif source is LEFT_OUT and _is_part_of_name(host, name, whole):
            yield name, f"{_source(host.model, 'name' if whole is LEFT_OUT else whole)}, {NAME_PARTS[name]} of it"
        else:
            yield name, _source(host.model, name if source is LEFT_OUT else source)


def _is_part_of_name(host: Host, name: str, whole: Any) -> bool:
    """Return whether a field that was left out is read from the whole name."""
    return name in NAME_PARTS and (whole is not LEFT_OUT or name not in dir(host.model))


def relationships_of(model: type[Any], source: Any) -> list[RelationshipProperty[Any]]:
    """Return the relationships along a source's path, including those of a list's members."""
    if isinstance(source, (list, tuple)):
        return [one for part in source for one in relationships_of(model, part)]
    name = source if isinstance(source, str) else getattr(source, "key", None)
    found: list[RelationshipProperty[Any]] = []
    for part in name.split(".") if isinstance(name, str) else ():
        declared = getattr(getattr(model, part, None), "property", None)
        if not isinstance(declared, RelationshipProperty):
            break
        found.append(declared)
        model = declared.mapper.class_
    return found


def linked_by(host: Host, hosts: Hosts, name: str) -> Any:
    """Return the source of a bound link. If it was left out, return the attribute that binding found."""
    source = host.mapping.sources()[name]
    if source is not LEFT_OUT:
        return source
    target = _target(hosts, name)
    declared = getattr(getattr(host.model, name, None), "property", None)
    if isinstance(declared, RelationshipProperty):
        return name
    tables = {key.column.table for column in getattr(declared, "columns", ()) for key in column.foreign_keys}
    return name if target is not None and target.mapper.local_table in tables else f"{name}_id"


def _target(hosts: Hosts, link: str) -> Host | None:
    return hosts.company if LINKS[link] == "company" else hosts.user


def _source(model: type[Any], source: Any) -> str:
    """Return how a source that is not left out is read."""
    if isinstance(source, (list, tuple)):
        return f"first not empty of: {', '.join(_source(model, part) for part in source)}"
    if isinstance(source, str) and "." in source:
        many = any(relationship.uselist for relationship in relationships_of(model, source))
        return f"path {source}{', first not empty' if many else ''}"
    # The key of a hybrid attribute is not text.
    name = source.key if isinstance(source, QueryableAttribute) else source
    if isinstance(name, str) and (isinstance(source, str) or name in dir(model)):
        return _attribute(model, name)
    if _is_expression(source):
        return "SQL expression"
    function = getattr(source, "__qualname__", type(source).__name__)
    called = "(lambda)" if function.endswith("<lambda>") else function.rpartition("<locals>.")[2]
    return f"function {called} of the row"


def _attribute(model: type[Any], name: str) -> str:
    whole = f"{model.__name__}.{name}"
    attribute = getattr(model, name, None)
    declared = getattr(attribute, "property", None)
    if isinstance(declared, ColumnProperty) and all(isinstance(column, sa.Column) for column in declared.columns):
        return f"column {whole}"
    if _is_expression(attribute):
        return f"SQL expression {whole}"
    return f"method {whole}() of the row" if callable(attribute) else f"property {whole} of the row"


def _is_expression(source: Any) -> bool:
    return isinstance(source, sa.ClauseElement) or hasattr(source, "__clause_element__")


def _link(host: Host, hosts: Hosts, name: str) -> str:
    """Return how a link to a company or a user is read."""
    target, source = _target(hosts, name), linked_by(host, hosts, name)
    to = target.model.__name__ if target is not None else LINKS[name]
    attribute = source if isinstance(source, str) else source.key
    if isinstance(source, str) and "." in source:
        return f"path {source} to {to}"
    relationships = relationships_of(host.model, source)
    if not relationships:
        return f"column {host.model.__name__}.{attribute} to {to}"
    many = "many " if relationships[-1].uselist else ""
    return f"relationship {host.model.__name__}.{attribute} to {many}{to}"
