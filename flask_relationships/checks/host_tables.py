"""The host's own tables: what the mapping reads of them must be in the database, and found without a scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, RelationshipProperty

from ..api.application import state
from ..hosts.bound import Host
from .description import followed, linked_by
from .examination import Examination
from .findings import Finding, Kind

HOST_TABLES_MISSING = Kind(
    "host_tables_missing",
    "error",
    "A table of the application's own, which the mapping reads, is not in the database.",
    "migrations.md#your-own-tables",
    "Bring the database up to the models: flask db upgrade, or db.create_all().",
)
HOST_COLUMNS_MISSING = Kind(
    "host_columns_missing",
    "error",
    "A table of the application's own lacks columns that its model has.",
    "migrations.md#your-own-tables",
    "The model has changed and the database has not: flask db migrate, then flask db upgrade.",
)
HOST_INDEX_MISSING = Kind(
    "host_index_missing",
    "warning",
    "No index leads with the column that links contacts to companies.",
    "migrations.md#your-own-tables",
    "Add index=True to the column, and migrate: the summary of a client looks its contacts up by it.",
)


def look(examination: Examination) -> Iterator[Finding]:
    tables: dict[sa.Table, Mapper[Any]] = {}
    for host in state.hosts.all():
        tables |= _read(host)
    for table, mapper in tables.items():
        yield from _compared(table, mapper, examination)
    yield from _link_index(examination)


def is_migrated(host: Host, examination: Examination) -> bool:
    """Whether the database is there and has all that the mapping of one model reads."""
    return examination.answers(host.mapper) and all(
        not list(_compared(table, mapper, examination)) for table, mapper in _read(host).items()
    )


def _read(host: Host) -> dict[sa.Table, Mapper[Any]]:
    """The tables that a mapping reads, those that its paths lead through included."""
    tables = _tables(host.mapper)
    for name, source in host.mapping.sources().items():
        if name in host.links:
            source = linked_by(host, state.hosts, name)
        for hop in followed(host.model, source):
            tables |= _tables(hop.mapper)
            if isinstance(hop.secondary, sa.Table):
                tables[hop.secondary] = hop.mapper
    return tables


def _tables(mapper: Mapper[Any]) -> dict[sa.Table, Mapper[Any]]:
    return {table: mapper for table in mapper.tables if isinstance(table, sa.Table)}


def _compared(table: sa.Table, mapper: Mapper[Any], examination: Examination) -> Iterator[Finding]:
    inspector = examination.inspector(mapper)
    if isinstance(inspector, Exception):
        return
    if not inspector.has_table(table.name, schema=table.schema):
        yield HOST_TABLES_MISSING.found(f"The table {table.fullname} of {mapper.class_.__name__} is not there.")
        return
    there = {column["name"].lower() for column in inspector.get_columns(table.name, schema=table.schema)}
    missing = [column.name for column in table.columns if column.name.lower() not in there]
    if missing:
        yield HOST_COLUMNS_MISSING.found(
            f"The table {table.fullname} of {mapper.class_.__name__} has no {', no '.join(missing)}."
        )


def _link_index(examination: Examination) -> Iterator[Finding]:
    contact = state.hosts.contact
    if "company" not in contact.links:
        return
    column = _linking_column(contact.model, linked_by(contact, state.hosts, "company"))
    inspector = examination.inspector(contact.mapper)
    if column is None or isinstance(inspector, Exception):
        return
    table = column.table
    # A view has no indexes of its own.
    if table.name not in inspector.get_table_names(schema=table.schema):
        return
    if column.name not in (columns[0] for columns in indexed(inspector, table) if columns):
        yield HOST_INDEX_MISSING.found(f"No index leads with {table.fullname}.{column.name}.")


def _linking_column(model: type[Any], source: Any) -> sa.Column[Any] | None:
    """The column that holds the company's key, where one does and the contacts' database has it."""
    hops = followed(model, source)
    last: Any = hops[-1] if hops else None
    name = source if isinstance(source, str) else source.key
    if last is None or len(hops) < len(name.split(".")):
        owner = last.mapper.class_ if last is not None else model
        columns = getattr(getattr(owner, name.split(".")[-1]), "property", None)
        found = list(getattr(columns, "columns", ()))
    else:
        found = _columns_of(last)
    found = [column for column in found if isinstance(column.table, sa.Table)]
    return found[0] if found else None


def _columns_of(relationship: RelationshipProperty[Any]) -> list[Any]:
    if relationship.secondary is not None:
        return [column for _, column in relationship.secondary_synchronize_pairs or ()]
    return [column for _, column in relationship.synchronize_pairs]


def indexed(inspector: sa.Inspector, table: sa.Table, *, unique: bool = False) -> list[list[str | None]]:
    """The columns of every index, unique constraint and primary key; with ``unique`` of those that allow no two."""
    name, schema = table.name, table.schema
    found: list[list[str | None]] = [list(inspector.get_pk_constraint(name, schema)["constrained_columns"])]
    found += [list(one["column_names"]) for one in inspector.get_unique_constraints(name, schema)]
    for index in inspector.get_indexes(name, schema):
        partial = any(option.endswith("_where") for option in index.get("dialect_options", {}))
        if not partial and (index["unique"] or not unique):
            found.append(list(index["column_names"]))
    return found
