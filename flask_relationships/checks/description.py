"""How a field of a mapping is read, in the words of whoever wrote the mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ColumnProperty, QueryableAttribute, RelationshipProperty

from ..hosts.bound import Host, Hosts
from ..hosts.fields import LINKS
from ..hosts.mapping import LEFT_OUT

NAMES = ("first_name", "last_name")


def describe(host: Host, hosts: Hosts) -> Iterator[tuple[str, str]]:
    """Every field of a bound mapping with how it is read. ``name`` of a contact is told at the two it is split into."""
    sources = host.mapping.sources()
    whole = sources.pop("name") if all(name in sources for name in NAMES) else None
    for name, source in sources.items():
        if name not in host.fields and name not in host.links:
            yield name, "absent" if source is None or source is LEFT_OUT else "not readable"
        elif name in LINKS:
            yield name, _link(host, hosts, name, source)
        elif name in NAMES and source is LEFT_OUT and (whole is not LEFT_OUT or name not in dir(host.model)):
            part = "first word" if name == "first_name" else "rest"
            yield name, f"{_source(host.model, 'name' if whole is LEFT_OUT else whole)}, the {part} of it"
        else:
            yield name, _source(host.model, name if source is LEFT_OUT else source)


def followed(model: type[Any], source: Any) -> list[RelationshipProperty[Any]]:
    """The relationships that a source leads through, those of a list's members included."""
    if isinstance(source, (list, tuple)):
        return [one for part in source for one in followed(model, part)]
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
    """The source of a bound link; where it was left out, the attribute that was found for it."""
    source = host.mapping.sources()[name]
    if source is not LEFT_OUT:
        return source
    target = hosts.company if LINKS[name] == "company" else hosts.user
    declared = getattr(getattr(host.model, name, None), "property", None)
    tables = {key.column.table for one in getattr(declared, "columns", ()) for key in one.foreign_keys}
    found = isinstance(declared, RelationshipProperty) or (target is not None and target.mapper.local_table in tables)
    return name if found else f"{name}_id"


def _source(model: type[Any], source: Any) -> str:
    if isinstance(source, (list, tuple)):
        return f"first not empty of: {', '.join(_source(model, part) for part in source)}"
    if isinstance(source, str):
        return _path(model, source) if "." in source else _attribute(model, source)
    if isinstance(source, QueryableAttribute) and isinstance(source.key, str) and source.key in dir(model):
        return _attribute(model, source.key)  # the key of a hybrid is no text
    if isinstance(source, sa.ClauseElement) or hasattr(source, "__clause_element__"):
        return "SQL expression"
    return f"function {_called(source)} of the row"


def _called(function: Callable[..., Any]) -> str:
    name = getattr(function, "__qualname__", type(function).__name__)
    return "(lambda)" if name.endswith("<lambda>") else name.rpartition("<locals>.")[2]


def _attribute(model: type[Any], name: str) -> str:
    whole = f"{model.__name__}.{name}"
    attribute = getattr(model, name, None)
    declared = getattr(attribute, "property", None)
    if isinstance(declared, ColumnProperty) and all(isinstance(column, sa.Column) for column in declared.columns):
        return f"column {whole}"
    if isinstance(attribute, sa.ClauseElement) or hasattr(attribute, "__clause_element__"):
        return f"SQL expression {whole}"
    return f"method {whole}() of the row" if callable(attribute) else f"property {whole} of the row"


def _path(model: type[Any], path: str) -> str:
    many = any(hop.uselist for hop in followed(model, path))
    return f"path {path}{', first not empty' if many else ''}"


def _link(host: Host, hosts: Hosts, name: str, source: Any) -> str:
    target = hosts.company if LINKS[name] == "company" else hosts.user
    found = linked_by(host, hosts, name)
    hops = followed(host.model, found)
    to = target.model.__name__ if target is not None else LINKS[name]
    if isinstance(found, str) and "." in found:
        return f"path {found} to {to}"
    attribute = found if isinstance(found, str) else source.key
    kind = "relationship" if hops else "column"
    return f"{kind} {host.model.__name__}.{attribute} to {'many ' if hops and hops[-1].uselist else ''}{to}"
