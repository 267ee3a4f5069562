"""Compare the host's own tables with its models, as far as the mapping reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, RelationshipProperty

from ..api.application import state
from ..hosts.bound import Host
from .check_run import CheckRun
from .description import linked_by, relationships_of
from .results import CheckResult, Kind

PAGE = "migrations.md#your-own-tables"

HOST_TABLES_MISSING = Kind(
    "host_tables_missing",
    "error",
    "The database lacks a table of the application that the mapping reads.",
    PAGE,
    "Migrate the database to the models: run flask db upgrade, or db.create_all().",
)
HOST_COLUMNS_MISSING = Kind(
    "host_columns_missing",
    "error",
    "A table of the application lacks columns of its model.",
    PAGE,
    "Run flask db migrate, then flask db upgrade.",
)
HOST_INDEX_MISSING = Kind(
    "host_index_missing",
    "warning",
    "No index begins with the column that links contacts to companies.",
    PAGE,
    "Add index=True to the column, and migrate. The summary of a client selects its contacts by it.",
)


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check the tables that the mappings read, and the index of the link to companies."""
    tables: dict[sa.Table, Mapper[Any]] = {}
    for host in state.hosts.all():
        tables |= _read_tables(host)
    for table, mapper in tables.items():
        yield from _compare(table, mapper, run)
    yield from _link_index(run)


def is_migrated(host: Host, run: CheckRun) -> bool:
    """Return whether the database can be reached and has everything that the mapping of one model reads."""
    return run.answers(host.mapper) and not any(
        result for table, mapper in _read_tables(host).items() for result in _compare(table, mapper, run)
    )


def _read_tables(host: Host) -> dict[sa.Table, Mapper[Any]]:
    """Return the tables that a mapping reads, including those along its paths."""
    tables = _tables(host.mapper)
    for name, source in host.mapping.sources().items():
        found = linked_by(host, state.hosts, name) if name in host.links else source
        for relationship in relationships_of(host.model, found):
            tables |= _tables(relationship.mapper)
            if isinstance(relationship.secondary, sa.Table):
                tables[relationship.secondary] = relationship.mapper
    return tables


def _tables(mapper: Mapper[Any]) -> dict[sa.Table, Mapper[Any]]:
    return {table: mapper for table in mapper.tables if isinstance(table, sa.Table)}


def _compare(table: sa.Table, mapper: Mapper[Any], run: CheckRun) -> Iterator[CheckResult]:
    inspector = run.inspector(mapper)
    if isinstance(inspector, Exception):
        return
    if not inspector.has_table(table.name, schema=table.schema):
        yield HOST_TABLES_MISSING.result(f"The database lacks the table {table.fullname} of {mapper.class_.__name__}.")
        return
    existing = {column["name"].lower() for column in inspector.get_columns(table.name, schema=table.schema)}
    missing = [column.name for column in table.columns if column.name.lower() not in existing]
    if missing:
        words = f"The table {table.fullname} of {mapper.class_.__name__} lacks {', '.join(missing)}."
        yield HOST_COLUMNS_MISSING.result(words)


def _link_index(run: CheckRun) -> Iterator[CheckResult]:
    contact = state.hosts.contact
    inspector = run.inspector(contact.mapper)
    if "company" not in contact.links or isinstance(inspector, Exception):
        return
    column = _linking_column(contact.model, linked_by(contact, state.hosts, "company"))
    # A view has no indexes of its own.
    if column is None or column.table.name not in inspector.get_table_names(schema=column.table.schema):
        return
    if column.name not in (columns[0] for columns in indexed_columns(inspector, column.table) if columns):
        yield HOST_INDEX_MISSING.result(f"No index begins with {column.table.fullname}.{column.name}.")


def _linking_column(model: type[Any], source: Any) -> sa.Column[Any] | None:
    """Return the column of a table that holds the company's key, if there is one."""
    relationships = relationships_of(model, source)
    names = (source if isinstance(source, str) else source.key).split(".")
    if len(relationships) < len(names):
        owner = relationships[-1].mapper.class_ if relationships else model
        columns = getattr(getattr(getattr(owner, names[-1]), "property", None), "columns", ())
    else:
        columns = _key_columns(relationships[-1])
    return next((column for column in columns if isinstance(column.table, sa.Table)), None)


def _key_columns(relationship: RelationshipProperty[Any]) -> list[Any]:
    """Return the columns that hold the key of the row that a relationship leads to."""
    pairs = relationship.synchronize_pairs
    if relationship.secondary is not None:
        pairs = relationship.secondary_synchronize_pairs or []
    return [column for _, column in pairs]


def indexed_columns(inspector: sa.Inspector, table: sa.Table, *, unique: bool = False) -> list[list[str | None]]:
    """Return the columns of every index, unique constraint and primary key of a table, without partial indexes.

    :param unique: leave out indexes that are not unique.
    """
    name, schema = table.name, table.schema
    found: list[list[str | None]] = [list(inspector.get_pk_constraint(name, schema)["constrained_columns"])]
    found += [list(constraint["column_names"]) for constraint in inspector.get_unique_constraints(name, schema)]
    for index in inspector.get_indexes(name, schema):
        is_partial = any(option.endswith("_where") for option in index.get("dialect_options", {}))
        if not is_partial and (index["unique"] or not unique):
            found.append(list(index["column_names"]))
    return found
