"""From the mappings an integrator wrote to hosts that can be read, with every mistake in them at once.

Models are resolved and their keys read at construction; attributes only when the host's mappers can be configured,
because touching a relationship before every model is imported would leave those mappers failed for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapper, RelationshipProperty
from sqlalchemy.orm.exc import UnmappedClassError

from .errors import ConfigurationError, Forbidden, Mistake, mistake
from .hosts import SYSTEM, Host, Hosts
from .keys import SUPPORTED, KeyType
from .mapping import LEFT_OUT, SYNONYMS, ClientProfileMapping, CompanyMapping, ContactMapping, ModelMapping, UserMapping
from .sources import BadSourceError, read_field, read_link, split_name
from .tables.base import HostTable, HostTables

LINKS = {"company": "company", "owner": "user"}
"""The fields that lead to another mapped model, and to which."""

NOTICED = ("first_name", "last_name", "email", "phone", "company")
"""The fields whose absence the start-up speaks of."""


def resolve_model(mapping: ModelMapping) -> type[Any]:
    """The mapped class of a mapping. Raises `ConfigurationError` with one mistake."""
    model = mapping.model
    name = type(mapping).__name__
    if isinstance(model, str):
        module, _, attribute = model.partition(":")
        try:
            model = getattr(import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            raise mistake(
                "model_not_found",
                f"{name} names {mapping.model!r}, which cannot be imported ({type(error).__name__}).",
                'Give the class itself, or "package.module:Class" of a module that can be imported.',
            ) from error
    if not isinstance(model, type) or not _is_mapped(model):
        raise mistake(
            "model_not_mapped",
            f"{name} was given {getattr(model, '__name__', type(model).__name__)}, which is not a mapped class.",
            "Give a class that SQLAlchemy maps to a table. One of DeferredReflection is mapped by its prepare(): "
            'name it as "package.module:Class", and call prepare() before init_app.',
        )
    return model


def _is_mapped(model: type[Any]) -> bool:
    try:
        return isinstance(sa.inspect(model, raiseerr=False), Mapper)
    except UnmappedClassError:  # told even so of a class that waits to be mapped
        return False


def read_key(model: type[Any]) -> sa.Column[Any]:
    """The one primary key column of a model. Raises `ConfigurationError` with one mistake."""
    mapper: Mapper[Any] = sa.inspect(model)
    name = model.__name__
    if not isinstance(mapper.local_table, sa.Table):
        raise mistake(
            "model_without_table",
            f"{name} is mapped to a {type(mapper.local_table).__name__.lower()}, and no foreign key can refer to that.",
            "Map the class of the table that holds the key, and name the rest by dotted paths or column_property.",
        )
    if len(mapper.primary_key) != 1:
        columns = ", ".join(str(column.key) for column in mapper.primary_key)
        raise mistake(
            "composite_primary_key",
            f"{name} has a primary key of {len(mapper.primary_key)} columns ({columns}).",
            "Map a model with one primary key column; a row of ours refers to it by that one.",
        )
    # A class whose table is joined to another's has a key in both. Its own leads to nobody who is no such thing.
    (key,) = mapper.local_table.primary_key or mapper.primary_key
    if not KeyType(key.type).supported:
        raise mistake(
            "unsupported_key_type",
            f"The primary key {name}.{key.key} is of type {key.type!r}; {SUPPORTED} are supported.",
            "Map a model whose key is one of those.",
        )
    return cast("sa.Column[Any]", key)


def bind_tables(mappings: dict[str, ModelMapping]) -> HostTables:
    """The host tables ours refer to. Reads nothing but primary keys and MetaData. Raises `ConfigurationError`."""
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
                    f"No {kind} mapping was given.",
                    f"Pass {kind}={cls.__name__}({kind.capitalize()}, ...) to Relationships or to init_app.",
                )
            )
    contact = tables.get("contact")
    if contact is not None:
        mistakes += [_foreign(table) for table in tables.values() if _is_foreign(table, contact)]
    if mistakes:
        raise ConfigurationError(mistakes)
    return HostTables(tables["contact"], tables["user"], tables.get("company"), "client_profile" not in mappings)


def _is_foreign(table: HostTable, contact: HostTable) -> bool:
    return table.foreign_key and table.key.table.metadata is not contact.key.table.metadata


def _foreign(table: HostTable) -> Mistake:
    return Mistake(
        "foreign_metadata",
        f"{table.model.__name__} is in another MetaData than the contacts, perhaps in another database.",
        "Pass foreign_key=False to its mapping: then no foreign key refers to it and it is read by itself.",
    )


def bind_hosts(mappings: dict[str, ModelMapping], tables: HostTables) -> Hosts:
    """The hosts of one application, whose fields are not read yet: see `bind_fields`."""
    bound: dict[str, Host] = {}
    for kind, mapping in mappings.items():
        model = resolve_model(mapping)
        column = read_key(model)
        key = cast("InstrumentedAttribute[Any]", getattr(model, sa.inspect(model).get_property_by_column(column).key))
        same = column.table.metadata is tables.contact.key.table.metadata
        bound[kind] = Host(mapping, model, key, KeyType(column.type), mapping.foreign_key and same)
    return Hosts(bound["contact"], bound["user"], bound.get("company"), bound.get("client_profile"))


def can_configure(model: type[Any]) -> bool:
    """Whether every model of the host's is mapped, and each relationship leads to a class that has been imported."""
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
    """What the relationships of a class were declared with, read without configuring anything."""
    for attribute in vars(model).values():
        declared = getattr(getattr(attribute, "comparator", None), "prop", None)
        if isinstance(attribute, InstrumentedAttribute) and isinstance(declared, RelationshipProperty):
            yield declared.argument


def bind_fields(hosts: Hosts) -> tuple[list[Mistake], list[str]]:
    """Read the fields of every mapping. Returns the mistakes, and the fields that are absent because left out."""
    mistakes: list[Mistake] = []
    absent: list[str] = []
    for host in hosts.all():
        host.fields.clear()
        host.links.clear()
        reader = _Reader(host, hosts)
        reader.read()
        mistakes += reader.mistakes
        absent += reader.absent
    return mistakes, absent


class _Reader:
    """Reads the fields of one mapping, and gathers what is wrong with them."""

    def __init__(self, host: Host, hosts: Hosts) -> None:
        self.host, self.hosts = host, hosts
        self.sources = host.mapping.sources()
        self.mistakes: list[Mistake] = []
        self.absent: list[str] = []

    def read(self) -> None:
        self._present()
        if isinstance(self.host.mapping, ContactMapping):
            self._names()
        for name, source in self.sources.items():
            if name in LINKS:
                self._link(name, source)
            else:
                self._field(name, source)

    def _present(self) -> None:
        """The one hook that needs no user is tried at once."""
        try:
            self.host.rows(SYSTEM)
        except Forbidden:
            kind = type(self.host.mapping).__name__
            words = f"{kind}.present raised or returned no select; the log says which."
            fix = f"{kind}(..., present=lambda select: select.where(...)) must return the select it narrowed."
            self.mistakes.append(Mistake("hook_failed", words, fix))

    def _names(self) -> None:
        """``name`` is one column for both names: asked for, or all there is."""
        first, last, whole = (self.sources[name] for name in ("first_name", "last_name", "name"))
        parts = first is not LEFT_OUT or last is not LEFT_OUT or self._has("first_name") or self._has("last_name")
        if whole is None or (whole is LEFT_OUT and (parts or not self._has("name"))):
            del self.sources["name"]
            return
        self._field("name", whole)
        split = self.host.fields.pop("name", None)
        del self.sources["name"]
        if split is None:
            return
        for name, field in zip(("first_name", "last_name"), split_name(split), strict=True):
            if self.sources[name] is LEFT_OUT:
                self.host.fields[name] = field
                del self.sources[name]

    def _has(self, name: str) -> bool:
        return name in dir(self.host.model)

    def _field(self, name: str, source: Any) -> None:
        if source is LEFT_OUT:
            if not self._has(name):
                self._left_out(name)
                return
            source = name
        if source is None:
            return
        try:
            self.host.fields[name] = read_field(self.host.model, source, self.hosts.of)
        except BadSourceError as error:
            if self.sources[name] is not LEFT_OUT:
                self._mistaken(name, error)

    def _left_out(self, name: str) -> None:
        if isinstance(self.host.mapping, (CompanyMapping, UserMapping)):
            detail = f"{self.host.model.__name__} has no attribute {name}"
            self._mistaken(name, BadSourceError("attribute_missing", detail))
        elif name in NOTICED:
            self.absent.append(self._absence(name))

    def _absence(self, name: str) -> str:
        kind, near = type(self.host.mapping).__name__, self._near(name)
        found = repr(near[0]) if near else "..."
        return (
            f"{self.host.model.__name__} has no {name}: {kind}({name}={found}) names it, {name}=None says there is none"
        )

    def _attributes(self) -> list[str]:
        names = sa.inspect(self.host.model).all_orm_descriptors.keys()
        return sorted(attribute for attribute in names if not attribute.startswith("_"))

    def _near(self, name: str) -> list[str]:
        """The attributes that other applications give this meaning."""
        found = self._attributes()
        return [synonym for synonym in (name, *SYNONYMS.get(name, ())) if synonym in found]

    def _link(self, name: str, source: Any) -> None:
        target = self.hosts.company if LINKS[name] == "company" else self.hosts.user
        if source is None or target is None:
            if source is not None and source is not LEFT_OUT:
                detail = f"{name} leads to a {LINKS[name]}, but no {LINKS[name]} is mapped"
                self._mistaken(name, BadSourceError("link_without_target", detail))
            return
        tried = [name, f"{name}_id"] if source is LEFT_OUT else [source]
        for candidate in tried:
            try:
                link = read_link(self.host.model, candidate, target, self.hosts.of)
            except BadSourceError as error:
                if source is not LEFT_OUT:
                    self._mistaken(name, error)
                continue
            if source is LEFT_OUT and not self._refers(candidate, target):
                continue
            self.host.links[name] = link
            return
        if source is LEFT_OUT:
            self._unlinked(name)

    def _refers(self, name: str, target: Host) -> bool:
        """Whether an attribute that nobody named is a relationship or foreign key to the target, not a mere text."""
        attribute = getattr(self.host.model, name)
        columns = getattr(getattr(attribute, "property", None), "columns", None)
        if columns is None:
            return True
        return any(key.column.table in target.mapper.tables for column in columns for key in column.foreign_keys)

    def _unlinked(self, name: str) -> None:
        if isinstance(self.host.mapping, ClientProfileMapping):
            detail = f"{self.host.model.__name__} has neither {name} nor {name}_id leading to the company"
            self._mistaken(name, BadSourceError("attribute_missing", detail))
        elif name in NOTICED:
            self.absent.append(self._absence(name))

    def _mistaken(self, name: str, error: BadSourceError) -> None:
        model, kind = self.host.model, type(self.host.mapping).__name__
        near = self._near(name)
        if error.code == "link_without_target":
            fix = f"Pass {LINKS[name]}={LINKS[name].capitalize()}Mapping(...), or {name}=None here."
        elif near:
            fix = f"{kind}({model.__name__}, {name}={near[0]!r})"
        else:
            fix = f"Name one of its attributes in {kind}."
        what = f"{kind}.{name}: {error.code.replace('_', ' ')}: {error}."
        detail = f"{what} {model.__name__} has: {', '.join(self._attributes())}."
        self.mistakes.append(Mistake(error.code, detail, fix))
