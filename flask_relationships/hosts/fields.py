"""Read the fields of one mapping, and collect the configuration errors in it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..errors import Forbidden, Mistake
from .bound import Host, Hosts
from .hooks import HOOKS, hook_mistake
from .mapping import LEFT_OUT, SYNONYMS, ClientProfileMapping, CompanyMapping, ContactMapping, UserMapping
from .names import split_name
from .paths import BadSourceError
from .row_filters import read_deleted, read_tenant
from .sources import Field, read_field, read_link

REPORTED_FIELDS = ("first_name", "last_name", "email", "phone", "company")
"""The fields whose absence is reported at start-up."""

NON_TEXT_FIELDS = ("birthday", "active")
"""The fields that keep their type; all others are shown as text."""

LINKS = {"company": "company", "owner": "user"}
"""The fields that refer to another mapped model, and the kind of that model."""


def _check_truth(field: Field) -> None:
    """Refuse text as a truth value: "inactive" is as true as "active".

    :raises BadSourceError: for a column of text.
    """
    if isinstance(field.type, sa.String):
        words = 'it is text, not a truth value; compare it, as in Contact.status == "active"'
        raise BadSourceError("no_truth_value", words)


class FieldReader:
    """Reads the fields of one mapping into its host; collects errors in `mistakes`, and absent fields in `absent`."""

    def __init__(self, host: Host, hosts: Hosts) -> None:
        self.host, self.hosts = host, hosts
        self.sources = host.mapping.sources()
        self.mistakes: list[Mistake] = []
        self.absent: list[str] = []

    def read_filters(self) -> None:
        """Read the filters of the mapping, before the fields: paths of other mappings may lead through its rows."""
        self._filter("deleted")
        self._filter("tenant")
        self._present()

    def _filter(self, name: str) -> None:
        source = getattr(self.host.mapping, name)
        if source is None:
            return
        try:
            if name == "deleted":
                self.host.not_deleted = read_deleted(self.host.model, source)
            else:
                self.host.tenant = read_tenant(self.host.model, source)
        except BadSourceError as error:
            self._mistaken(name, error)

    def read(self) -> None:
        if isinstance(self.host.mapping, ContactMapping):
            self._names()
        for name, source in self.sources.items():
            if name in LINKS:
                self._link(name, source)
            else:
                self._field(name, source)

    def _present(self) -> None:
        """Check the signatures of both hooks, and call `present`, which needs no user."""
        mapping = self.host.mapping
        wrong = [hook_mistake(type(mapping).__name__, name, getattr(mapping, name)) for name in HOOKS]
        if any(wrong):
            self.mistakes += [found for found in wrong if found is not None]
            return
        if mapping.present is None:
            return
        try:
            self.host.rows_of_hook("present", sa.select(self.host.model))
        except Forbidden:
            kind = type(self.host.mapping).__name__
            words = f"{kind}.present raised or returned no select; the log says which."
            fix = f"{kind}(..., present=lambda select: select.where(...)) must return the filtered select."
            self.mistakes.append(Mistake("hook_failed", words, fix))

    def _names(self) -> None:
        """Read ``name``, one column for both names, if it is mapped or the only name."""
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
                self.host.fields[name] = field._replace(text=True)
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
            field = read_field(self.host.model, source, self.hosts.of)
            if name == "active":
                _check_truth(field)
            self.host.fields[name] = field._replace(text=name not in NON_TEXT_FIELDS)
        except BadSourceError as error:
            if self.sources[name] is not LEFT_OUT:
                self._mistaken(name, error)
            elif name == "active":
                self.absent.append(f"{self.host.model.__name__}.active is not read: {error}")

    def _left_out(self, name: str) -> None:
        if isinstance(self.host.mapping, (CompanyMapping, UserMapping)):
            detail = f"{self.host.model.__name__} has no attribute {name}"
            self._mistaken(name, BadSourceError("attribute_missing", detail))
        elif name in REPORTED_FIELDS:
            self.absent.append(self._absence(name))

    def _absence(self, name: str) -> str:
        kind, near = type(self.host.mapping).__name__, self._near(name)
        found = repr(near[0]) if near else "..."
        return (
            f"{self.host.model.__name__} has no {name}: {kind}({name}={found}) names it, {name}=None says there is none"
        )

    def _written(self, name: str) -> str:
        """Return a source as it was written, if it is a name."""
        source = getattr(self.host.mapping, name, None)
        return repr(source) if isinstance(source, str) else "..."

    def _near(self, name: str) -> list[str]:
        """Return the attributes that have a synonym of the field as their name."""
        found = _attributes(self.host.model)
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
        """Return whether an attribute is a relationship or foreign key to the target, and not only a text."""
        attribute = getattr(self.host.model, name)
        columns = getattr(getattr(attribute, "property", None), "columns", None)
        if columns is None:
            return True
        return any(key.column.table in target.mapper.tables for column in columns for key in column.foreign_keys)

    def _unlinked(self, name: str) -> None:
        if isinstance(self.host.mapping, ClientProfileMapping):
            detail = f"{self.host.model.__name__} has neither {name} nor {name}_id leading to the company"
            self._mistaken(name, BadSourceError("attribute_missing", detail))
        elif name in REPORTED_FIELDS:
            self.absent.append(self._absence(name))

    def _mistaken(self, name: str, error: BadSourceError) -> None:
        kind, owner = type(self.host.mapping).__name__, error.owner or self.host.model
        what = f"{kind}.{name}: {error.code.replace('_', ' ')}: {error}."
        has = ", ".join(_attributes(owner))
        self.mistakes.append(Mistake(error.code, f"{what} {owner.__name__} has: {has}.", self._fix(name, error)))

    def _fix(self, name: str, error: BadSourceError) -> str:
        """Return an instruction how to correct the mapping."""
        model, kind, target = self.host.model.__name__, type(self.host.mapping).__name__, LINKS.get(name)
        near = self._near(name)
        written = {
            "link_without_target": f"Pass {target}={str(target).capitalize()}Mapping(...), or {name}=None here.",
            "relationship_needs_column": f'{kind}({model}, {name}="relationship.attribute") names a value behind it.',
            "attribute_of_other_model": f'{kind}({model}, {name}="relationship.attribute") leads to another model.',
            "path_not_relationship": f"A path leads through relationships: {_relationships(self.host.model)}.",
            "path_not_in_sql": f"End in a column, or give a callable: {kind}({model}, {name}=lambda row: ...).",
            "method_needs_arguments": f"{kind}({model}, {name}=lambda row: row.method(...)) gives them.",
            "no_truth_value": f'{kind}({model}, {name}={model}.status == "active"), or {name}=None.',
            "deleted_needs_value": f"{kind}({model}, deleted=({self._written('deleted')}, value)) names the value of a "
            "deleted row; present=lambda select: select.where(...) is for everything else.",
            "deleted_value": f'{kind}({model}, deleted=("status", "deleted")) names an attribute and its value.',
            "deleted_not_in_sql": f'{kind}({model}, deleted="deleted_at") names a column.',
            "tenant_not_in_sql": f'{kind}({model}, tenant="organization_id") names a column.',
            "path_to_many": f"{kind}({model}, visible=lambda select, user: select.where(...)) is for rows that belong "
            "to several tenants.",
        }
        if error.code == "link_type_differs" and name == "company":
            return f"{kind}({model}, company_name={self.sources[name]!r}) is for text; company= leads to a row."
        if error.code in written:
            return written[error.code]
        if near and error.owner in (None, self.host.model):
            return f"{kind}({model}, {name}={near[0]!r})"
        if target is not None:
            or_none = f", or {name}=None" if isinstance(self.host.mapping, ContactMapping) else ""
            return f"Name a foreign key or relationship that leads to a {target}{or_none}."
        return f"Name an attribute there is, or {name}=None in {kind}."


def _attributes(model: type[Any]) -> list[str]:
    names = sa.inspect(model).all_orm_descriptors.keys()
    return sorted(attribute for attribute in names if not attribute.startswith("_"))


def _relationships(model: type[Any]) -> str:
    return ", ".join(sorted(sa.inspect(model).relationships.keys())) or f"{model.__name__} has none"
