"""The plugin's tables in the live database against its models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import current_app

from ..api.application import state
from ..db.statements import execute
from ..hosts.bound import Host
from .columns import shorter, types_differ
from .examination import Examination
from .findings import Finding, Kind
from .host_tables import indexed

MIGRATE = "migrations.md#with-flask-migrate-or-alembic"

DATABASE_UNREACHABLE = Kind(
    "database_unreachable",
    "error",
    "A database does not answer; what needs it is not looked at.",
    "migrations.md#databases",
    "Check the application's database address, its driver, and whether the server runs.",
)
TABLES = Kind("tables", "ok", "All tables are there, as the models have them.", MIGRATE)
TABLES_MISSING = Kind("tables_missing", "error", "Some tables are not there.", MIGRATE)
COLUMNS_MISSING = Kind("columns_missing", "error", "A table lacks columns.", MIGRATE)
COLUMN_TYPES = Kind("column_types_differ", "error", "A column is of another kind of type.", MIGRATE)
COLUMNS_SHORT = Kind("columns_too_short", "error", "A column takes shorter texts than are kept in it.", MIGRATE)
NOT_NULLABLE = Kind("columns_not_nullable", "error", "A column refuses the null that is kept in it.", MIGRATE)
UNIQUE_MISSING = Kind(
    "unique_constraints_missing",
    "error",
    "A unique constraint is missing: two requests at once would make two rows where there must be one.",
    MIGRATE,
)
FOREIGN_KEYS_MISSING = Kind(
    "foreign_keys_missing",
    "error",
    "A foreign key is missing, or has not our ON DELETE: deleting a contact would fail, or leave its rows behind.",
    "mapping.md#when-a-row-is-deleted",
)
INDEXES_MISSING = Kind("indexes_missing", "warning", "An index is missing: lists get slow as rows grow.", MIGRATE)
READ_ONLY = Kind(
    "tables_read_only",
    "error",
    "The application may read the tables and not write to them.",
    "migrations.md#databases",
    "Connect to the primary, as a database user with the rights to insert, update and delete.",
)
FOREIGN_KEYS = Kind("foreign_keys", "ok", "SQLite enforces foreign keys.", "migrations.md#sqlite")
NOT_ENFORCED = Kind(
    "foreign_keys_not_enforced",
    "warning",
    "SQLite does not enforce foreign keys.",
    "migrations.md#sqlite",
    "Run PRAGMA foreign_keys=ON on every connection, in a listener of the engine's connect event.",
)


_WORDS: tuple[tuple[Kind, str], ...] = (
    (TABLES_MISSING, "Tables are missing"),
    (COLUMNS_MISSING, "Columns are missing"),
    (COLUMN_TYPES, "Columns are of another type"),
    (COLUMNS_SHORT, "Columns are too short"),
    (NOT_NULLABLE, "Columns refuse NULL"),
    (UNIQUE_MISSING, "Unique constraints are missing"),
    (FOREIGN_KEYS_MISSING, "Foreign keys are missing"),
    (INDEXES_MISSING, "Indexes are missing"),
)


def look(examination: Examination) -> Iterator[Finding]:
    yield from _unreachable(examination)
    mapper = state.models.mapper
    inspector = examination.inspector(mapper)
    if isinstance(inspector, Exception):
        return
    compared = _Compared(inspector)
    for table in state.models.tables:
        compared.compare(table)
    yield from compared.findings()
    if inspector.dialect.name == "sqlite":
        if execute(examination.session, mapper, sa.text("PRAGMA foreign_keys")).scalar():
            yield FOREIGN_KEYS.found("SQLite enforces foreign keys.")
        else:
            yield NOT_ENFORCED.found(
                "SQLite does not enforce foreign keys: raw SQL that deletes a contact would leave their rows behind, "
                "and SQLite gives the id to the next one."
            )
    if not compared.missing[TABLES_MISSING.code]:
        yield from _read_only(examination)


def _unreachable(examination: Examination) -> Iterator[Finding]:
    """One line for each database that does not answer, with the models that are in it."""
    failed: dict[int, tuple[Exception, list[str]]] = {}
    hosts: list[Host | None] = [None, *state.hosts.all()]
    for host in hosts:
        found = examination.inspector(state.models.mapper if host is None else host.mapper)
        if isinstance(found, Exception):
            failed.setdefault(id(found), (found, []))[1].append("our tables" if host is None else host.model.__name__)
    for error, names in failed.values():
        yield DATABASE_UNREACHABLE.found(
            f"The database of {', '.join(names)} does not answer ({type(error).__name__})."
        )


def _read_only(examination: Examination) -> Iterator[Finding]:
    """A deletion that meets no row needs all that a writing one needs."""
    mapper = state.models.mapper
    table = sa.inspect(state.models.IdempotencyKey).local_table
    try:
        execute(examination.session, mapper, sa.delete(table).where(sa.false()))
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "") not in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            yield READ_ONLY.found(f"Writing to {table.name} is refused ({type(error).__name__}).")
    examination.undo()


@dataclass
class _Compared:
    """What is missing, by the code of its finding, gathered over all tables: one mistake has one line."""

    inspector: sa.Inspector
    missing: dict[str, list[str]] = field(default_factory=lambda: {kind.code: [] for kind, _ in _WORDS})

    def compare(self, table: sa.Table) -> None:
        if not self.inspector.has_table(table.name, schema=table.schema):
            self._add(TABLES_MISSING, table.name)
            return
        self._columns(table)
        self._constraints(table)
        self._foreign_keys(table)

    def _add(self, kind: Kind, what: str) -> None:
        self.missing[kind.code].append(what)

    def _columns(self, table: sa.Table) -> None:
        dialect = self.inspector.dialect
        there = {one["name"].lower(): one for one in self.inspector.get_columns(table.name, schema=table.schema)}
        for column in table.columns:
            name, found = f"{table.name}.{column.name}", there.get(column.name.lower())
            if found is None:
                self._add(COLUMNS_MISSING, name)
                continue
            difference = types_differ(column.type, found["type"], dialect)
            if difference:
                self._add(COLUMN_TYPES, f"{name} is {difference}")
            elif short := shorter(column.type, found["type"], dialect):
                self._add(COLUMNS_SHORT, f"{name} is {short}")
            if column.nullable and not found["nullable"]:
                self._add(NOT_NULLABLE, name)

    def _constraints(self, table: sa.Table) -> None:
        unique = {frozenset(columns) for columns in indexed(self.inspector, table, unique=True)}
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                names = [column.name for column in constraint.columns]
                if frozenset(names) not in unique:
                    self._add(UNIQUE_MISSING, f"{table.name} ({', '.join(names)})")
        kept = indexed(self.inspector, table)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            names = [column.name for column in index.columns]
            if not any(columns[: len(names)] == names for columns in kept):
                self._add(INDEXES_MISSING, f"{table.name} ({', '.join(names)})")

    def _foreign_keys(self, table: sa.Table) -> None:
        there = {
            tuple(one["constrained_columns"]): (one["referred_table"].lower(), one.get("options", {}).get("ondelete"))
            for one in self.inspector.get_foreign_keys(table.name, schema=table.schema)
        }
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            names = tuple(column.name for column in key.columns)
            referred, ondelete = there.get(names, ("", None))
            if referred != key.referred_table.name.lower():
                self._add(FOREIGN_KEYS_MISSING, f"{table.name} ({', '.join(names)}) to {key.referred_table.name}")
            elif str(ondelete).upper() != key.ondelete:
                self._add(FOREIGN_KEYS_MISSING, f"{table.name} ({', '.join(names)}) with ON DELETE {key.ondelete}")

    def findings(self) -> Iterator[Finding]:
        if not any(self.missing.values()):
            yield TABLES.found(f"All {len(state.models.tables)} tables are there, as the models have them.")
        for kind, words in _WORDS:
            if names := self.missing[kind.code]:
                yield kind.found(f"{words}: {', '.join(names)}.", _migration(kind))


def _migration(kind: Kind) -> str:
    """How this application changes its tables."""
    if "migrate" in current_app.extensions:
        return "flask db migrate, then flask db upgrade."
    if kind is TABLES_MISSING:
        return f"flask {state.settings.cli_name} init-db, or the migration tool of the application."
    return "Change the tables with the application's migration tool; init-db makes whole tables alone."
