"""Bind the mappings of an application to its models, and report all configuration errors at once.

Models and their keys are resolved at construction. Attributes are read once the host's mappers can be configured:
accessing a relationship before every model is imported would break those mappers permanently.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapper
from sqlalchemy.orm.exc import UnmappedClassError

from ..db.base import HostTable, HostTables
from ..db.private_names import find_declared_relationship
from ..errors import ConfigurationError, Mistake, configuration_error, described
from .bound import Host, Hosts
from .fields import FieldReader
from .keys import SUPPORTED, KeyType
from .mapping import ContactMapping, ModelMapping, UserMapping


def resolve_model(mapping: ModelMapping) -> type[Any]:
    """Return the mapped class of a mapping.

    :raises ConfigurationError: with one error.
    """
    model = mapping.model
    name = type(mapping).__name__
    if isinstance(model, str):
        module, _, attribute = model.partition(":")
        try:
            model = getattr(import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            why = f"cannot be imported ({type(error).__name__})" if attribute else "has no colon before the class"
            raise configuration_error(
                "model_not_found",
                f"{name} names {mapping.model!r}, which {why}.",
                'Give the class itself, or "package.module:Class" of a module that can be imported.',
            ) from error
    if not isinstance(model, type) or not _is_mapped(model):
        raise configuration_error(
            "model_not_mapped",
            f"{name} names {described(model)}, which is not mapped.",
            "Give a class that SQLAlchemy maps to a table; an abstract class has none. One of DeferredReflection is "
            'mapped by its prepare(): name it as "package.module:Class", and call prepare() before init_app.',
        )
    return model


def _is_mapped(model: type[Any]) -> bool:
    try:
        return isinstance(sa.inspect(model, raiseerr=False), Mapper)
    except UnmappedClassError:  # raised for a class that is not mapped yet
        return False


def read_key(model: type[Any]) -> sa.Column[Any]:
    """Return the primary key column of a model.

    :raises ConfigurationError: with one error.
    """
    mapper: Mapper[Any] = sa.inspect(model)
    name = model.__name__
    if not isinstance(mapper.local_table, sa.Table):
        raise configuration_error(
            "model_without_table",
            f"{name} is mapped to a {type(mapper.local_table).__name__.lower()}, and no foreign key can refer to that.",
            "Map the class of the table that holds the key, and name the rest by dotted paths or column_property.",
        )
    if len(mapper.primary_key) != 1:
        columns = ", ".join(str(column.key) for column in mapper.primary_key)
        raise configuration_error(
            "composite_primary_key",
            f"{name} has a primary key of {len(mapper.primary_key)} columns ({columns}).",
            "Map a model with one primary key column; a row of ours refers to it by that one.",
        )
    # With joined-table inheritance both tables have a key. Only that of the class excludes rows of other classes.
    (key,) = mapper.local_table.primary_key or mapper.primary_key
    if not KeyType(key.type).supported:
        raise configuration_error(
            "unsupported_key_type",
            f"The primary key {name}.{key.key} is of type {key.type!r}; {SUPPORTED} are supported.",
            "Map a model with a key of one of these types.",
        )
    return cast("sa.Column[Any]", key)


def bind_tables(mappings: dict[str, ModelMapping]) -> HostTables:
    """Return the host tables that ours refer to, from primary keys and MetaData alone.

    :raises ConfigurationError: with every error.
    """
    mistakes: list[Mistake] = []
    tables: dict[str, HostTable] = {}
    for kind, mapping in mappings.items():
        try:
            model = resolve_model(mapping)
            tables[kind] = HostTable(kind, model, read_key(model), mapping.foreign_key)
        except ConfigurationError as error:
            mistakes += error.mistakes
    for kind, cls in (("contact", ContactMapping), ("user", UserMapping)):
        if kind not in mappings:
            mistakes.append(
                Mistake(
                    "mapping_missing",
                    f"The {kind} mapping is missing.",
                    f"Pass {kind}={cls.__name__}({kind.capitalize()}, ...) to Relationships or to init_app.",
                )
            )
    for table in tables.values() if "contact" in tables else ():
        if table.foreign_key and table.key.table.metadata is not tables["contact"].key.table.metadata:
            words = f"{table.model.__name__} is in another MetaData than the contacts, perhaps in another database."
            fix = "Pass foreign_key=False to its mapping: then no foreign key refers to it and it is read by itself."
            mistakes.append(Mistake("foreign_metadata", words, fix))
    if mistakes:
        raise ConfigurationError(mistakes)
    return HostTables(tables["contact"], tables["user"], tables.get("company"), "client_profile" not in mappings)


def bind_hosts(mappings: dict[str, ModelMapping], tables: HostTables) -> Hosts:
    """Return the hosts of one application. `bind_fields` reads their fields."""
    bound: dict[str, Host] = {}
    for kind, mapping in mappings.items():
        model = resolve_model(mapping)
        column = read_key(model)
        key = cast("InstrumentedAttribute[Any]", getattr(model, sa.inspect(model).get_property_by_column(column).key))
        same = column.table.metadata is tables.contact.key.table.metadata
        bound[kind] = Host(mapping, model, key, KeyType(column.type), mapping.foreign_key and same)
    return Hosts(bound["contact"], bound["user"], bound.get("company"), bound.get("client_profile"))


def can_configure(model: type[Any]) -> bool:
    """Return whether every model of the host is mapped, and the target of every relationship is imported."""
    try:
        mappers = list(sa.inspect(model).registry.mappers)
    except UnmappedClassError:
        return False
    known = {mapper.class_.__name__ for mapper in mappers}
    return all(
        isinstance(argument, str) is False or argument.rsplit(".", 1)[-1] in known
        for mapper in mappers
        for argument in _relationship_arguments(mapper.class_)
    )


def _relationship_arguments(model: type[Any]) -> Iterable[Any]:
    """Yield the declared targets of a class's relationships without configuring mappers."""
    for attribute in vars(model).values():
        declared = find_declared_relationship(attribute) if isinstance(attribute, InstrumentedAttribute) else None
        if declared is not None:
            yield declared.argument


def bind_fields(hosts: Hosts) -> tuple[list[Mistake], list[str]]:
    """Read the fields of every mapping. Return the configuration errors, and notes about absent fields."""
    mistakes: list[Mistake] = []
    absent: list[str] = []
    readers = [FieldReader(host, hosts) for host in hosts.all()]
    for reader in readers:
        reader.host.fields.clear()
        reader.host.links.clear()
        reader.read_filters()
    for reader in readers:
        reader.read()
        mistakes += reader.mistakes
        absent += reader.absent
    return mistakes, absent
