"""Compare the plugin's tables in the database with its models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import current_app

from ..api.application import state
from ..db.statements import execute
from .check_run import CheckRun
from .columns import length_difference, type_difference
from .host_tables import indexed_columns
from .results import CheckResult, Kind

MIGRATE = "migrations.md#with-flask-migrate-or-alembic"

DATABASE_UNREACHABLE = Kind(
    "database_unreachable",
    "error",
    "A database does not answer. Everything that needs it is skipped.",
    "migrations.md#databases",
    "Check the application's database address and driver, and that the server runs.",
)
TABLES = Kind("tables", "ok", "All tables exist as the models define them.", MIGRATE)
TABLES_MISSING = Kind("tables_missing", "error", "Tables are missing.", MIGRATE)
COLUMNS_MISSING = Kind("columns_missing", "error", "A table lacks columns.", MIGRATE)
COLUMN_TYPES = Kind("column_types_differ", "error", "A column has a type of another kind.", MIGRATE)
COLUMNS_SHORT = Kind("columns_too_short", "error", "A column is too short for the texts stored in it.", MIGRATE)
NOT_NULLABLE = Kind("columns_not_nullable", "error", "A column refuses NULL, which is stored in it.", MIGRATE)
UNIQUE_MISSING = Kind(
    "unique_constraints_missing",
    "error",
    "A unique constraint is missing. Concurrent requests could create duplicate rows.",
    MIGRATE,
)
FOREIGN_KEYS_MISSING = Kind(
    "foreign_keys_missing",
    "error",
    "A foreign key is missing, or has another ON DELETE. Deleting a contact would fail, or keep its rows.",
    "mapping.md#when-a-row-is-deleted",
)
INDEXES_MISSING = Kind("indexes_missing", "warning", "An index is missing. Lists become slow as tables grow.", MIGRATE)
READ_ONLY = Kind(
    "tables_read_only",
    "error",
    "The application can read the tables but not write to them.",
    "migrations.md#databases",
    "Connect to the primary server, as a database user who may insert, update and delete.",
)
FOREIGN_KEYS = Kind("foreign_keys", "ok", "SQLite enforces foreign keys.", "migrations.md#sqlite")
NOT_ENFORCED = Kind(
    "foreign_keys_not_enforced",
    "warning",
    "SQLite does not enforce foreign keys.",
    "migrations.md#sqlite",
    "Run PRAGMA foreign_keys=ON on every connection, in a listener of the engine's connect event.",
)

DIFFERENCES: dict[Kind, str] = {
    TABLES_MISSING: "Missing tables",
    COLUMNS_MISSING: "Missing columns",
    COLUMN_TYPES: "Columns of another type",
    COLUMNS_SHORT: "Columns that are too short",
    NOT_NULLABLE: "Columns that refuse NULL",
    UNIQUE_MISSING: "Missing unique constraints",
    FOREIGN_KEYS_MISSING: "Missing foreign keys",
    INDEXES_MISSING: "Missing indexes",
}
"""The kinds of difference, in the order of the output. Each has one result for all tables."""


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check the databases, the plugin's tables, SQLite's foreign keys, and that tables can be written."""
    yield from _unreachable(run)
    inspector = run.inspector(state.models.mapper)
    if isinstance(inspector, Exception):
        return
    comparison = _Comparison(inspector)
    for table in state.models.tables:
        comparison.compare(table)
    yield from comparison.results()
    if inspector.dialect.name == "sqlite":
        yield _foreign_keys(run)
    if TABLES_MISSING not in comparison.differences:
        yield from _read_only(run)


def _unreachable(run: CheckRun) -> Iterator[CheckResult]:
    """Yield one result for each database that does not answer, with the models in it."""
    names: dict[Exception, list[str]] = defaultdict(list)
    mappers = [("our tables", state.models.mapper), *((host.model.__name__, host.mapper) for host in state.hosts.all())]
    for name, mapper in mappers:
        found = run.inspector(mapper)
        if isinstance(found, Exception):
            names[found].append(name)
    for error, models in names.items():
        words = f"The database of {', '.join(models)} does not answer ({type(error).__name__})."
        yield DATABASE_UNREACHABLE.result(words)


def _foreign_keys(run: CheckRun) -> CheckResult:
    if execute(run.session, state.models.mapper, sa.text("PRAGMA foreign_keys")).scalar():
        return FOREIGN_KEYS.result("SQLite enforces foreign keys.")
    return NOT_ENFORCED.result(
        "SQLite does not enforce foreign keys. If raw SQL deletes a contact, its rows remain, and SQLite gives the id "
        "to the next contact."
    )


def _read_only(run: CheckRun) -> Iterator[CheckResult]:
    """Run a DELETE that matches no row. It needs the same rights as any write."""
    table = sa.inspect(state.models.IdempotencyKey).local_table
    try:
        execute(run.session, state.models.mapper, sa.delete(table).where(sa.false()))
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "") not in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            yield READ_ONLY.result(f"Writing to {table.name} is refused ({type(error).__name__}).")
    run.undo()


@dataclass
class _Comparison:
    """The differences of all tables, by kind."""

    inspector: sa.Inspector
    differences: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))

    def compare(self, table: sa.Table) -> None:
        if not self.inspector.has_table(table.name, schema=table.schema):
            self.differences[TABLES_MISSING].append(table.name)
            return
        self._columns(table)
        self._indexes(table)
        self._foreign_keys(table)

    def _columns(self, table: sa.Table) -> None:
        columns = self.inspector.get_columns(table.name, schema=table.schema)
        existing = {column["name"].lower(): column for column in columns}
        for column in table.columns:
            name, found = f"{table.name}.{column.name}", existing.get(column.name.lower())
            if found is None:
                self.differences[COLUMNS_MISSING].append(name)
                continue
            arguments = column.type, found["type"], self.inspector.dialect
            if difference := type_difference(*arguments):
                self.differences[COLUMN_TYPES].append(f"{name} is {difference}")
            elif difference := length_difference(*arguments):
                self.differences[COLUMNS_SHORT].append(f"{name} is {difference}")
            if column.nullable and not found["nullable"]:
                self.differences[NOT_NULLABLE].append(name)

    def _indexes(self, table: sa.Table) -> None:
        unique = [set(columns) for columns in indexed_columns(self.inspector, table, unique=True)]
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint) and set(constraint.columns.keys()) not in unique:
                self.differences[UNIQUE_MISSING].append(_with_columns(table, constraint.columns))
        indexed = indexed_columns(self.inspector, table)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            names = index.columns.keys()
            if names not in [columns[: len(names)] for columns in indexed]:
                self.differences[INDEXES_MISSING].append(_with_columns(table, index.columns))

    def _foreign_keys(self, table: sa.Table) -> None:
        existing = {
            tuple(key["constrained_columns"]): (key["referred_table"].lower(), key.get("options", {}).get("ondelete"))
            for key in self.inspector.get_foreign_keys(table.name, schema=table.schema)
        }
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            name, referred = _with_columns(table, key.columns), key.referred_table.name
            found, ondelete = existing.get(tuple(column.name for column in key.columns), ("", None))
            if found != referred.lower():
                self.differences[FOREIGN_KEYS_MISSING].append(f"{name} to {referred}")
            elif str(ondelete).upper() != key.ondelete:
                self.differences[FOREIGN_KEYS_MISSING].append(f"{name} with ON DELETE {key.ondelete}")

    def results(self) -> Iterator[CheckResult]:
        if not self.differences:
            yield TABLES.result(f"All {len(state.models.tables)} tables exist as the models define them.")
        for kind, words in DIFFERENCES.items():
            if kind in self.differences:
                yield kind.result(f"{words}: {', '.join(self.differences[kind])}.", _migration(kind))


def _with_columns(table: sa.Table, columns: Iterable[sa.Column[Any]]) -> str:
    return f"{table.name} ({', '.join(column.name for column in columns)})"


def _migration(kind: Kind) -> str:
    """Return how to change the tables of this application."""
    if "migrate" in current_app.extensions:
        return "Run flask db migrate, then flask db upgrade."
    if kind is TABLES_MISSING:
        return f"Run flask {state.settings.cli_name} init-db, or the application's migration tool."
    return "Change the tables with the application's migration tool. init-db only creates whole tables."
