"""The one way a statement of ours reaches the database, and the statements that differ from one to another."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.exc import StaleDataError

from ..errors import ChangedMeanwhile
from .private_names import copy_as_core_select, find_execute_listeners
from .references import note_rows, note_update
from .revisions import with_revision

_T = TypeVar("_T")

PACKAGE = f"{__name__.partition('.')[0]}."


def dialect_of(session: Session, mapper: Mapper[Any]) -> str:
    """The name of the dialect that statements of ``mapper`` are written in."""
    return session.get_bind(mapper=mapper).dialect.name


def execute(session: Session, mapper: Mapper[Any], statement: sa.Executable, **parameters: Any) -> sa.Result[Any]:
    """Run a statement in the database of ``mapper``: a bare one would go to the default of a host with several."""
    return session.execute(statement, parameters or None, bind_arguments={"mapper": mapper})


def execute_columns(
    session: Session, mapper: Mapper[Any], statement: sa.Select[Any], **parameters: Any
) -> sa.Result[Any]:
    """Run a select of columns, none of them an object.

    The ORM takes as long to look at rows that hold none of its objects as the database takes to find them: so Core
    reads them. A select within this one is still compiled by the ORM, with what a mapping adds. Where the application
    listens to the ORM's statements, which is how it adds criteria to all of them, the ORM runs this one too.
    """
    if any(not _is_ours(listener) for listener in find_execute_listeners(session)):
        return execute(session, mapper, statement, **parameters)
    if session.autoflush:
        session.flush()
    return execute(session, mapper, _of_core(statement), **parameters)


def _is_ours(listener: Any) -> bool:
    return str(getattr(listener, "__module__", "")).startswith(PACKAGE)


_core: WeakKeyDictionary[sa.Select[Any], sa.Select[Any]] = WeakKeyDictionary()
"""The selects of Core by those of the ORM that were made once: what SQLAlchemy knows of a select goes with it."""


def _of_core(statement: sa.Select[Any]) -> sa.Select[Any]:
    """The same select without the mark by which its columns, being attributes of classes, made it the ORM's."""
    found = _core.get(statement)
    if found is None:
        found = _core[statement] = copy_as_core_select(statement)
    return found


def changed(session: Session, mapper: Mapper[Any], statement: sa.Update | sa.Delete, **parameters: Any) -> int:
    """Run a conditional change, and say how many rows it met.

    An UPDATE of a column that clients can write raises the row's revision, see `revisions`.
    """
    if isinstance(statement, sa.Update):
        statement = with_revision(statement)
        note_update(session, statement, parameters)
    options, of = {"synchronize_session": False}, {"mapper": mapper}
    result = session.execute(statement, parameters or None, execution_options=options, bind_arguments=of)
    return cast("sa.CursorResult[Any]", result).rowcount


def insert_rows(session: Session, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table with one statement, which has no row of them in the session."""
    if rows:
        mapper = sa.inspect(model)
        note_rows(session, model, rows)
        session.execute(sa.insert(mapper.local_table), list(rows), bind_arguments={"mapper": mapper})


def retried(session: Session, work: Callable[[], _T], attempts: int, *, unless: Callable[[], bool]) -> _T:
    """The result of a unit of work, begun again where it and another waited for each other.

    Databases end one of the two, which has done nothing then. So it is where a row was changed or deleted after it was
    read. Not ``unless`` something lasting was done before.
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except (DBAPIError, StaleDataError, ChangedMeanwhile) as error:
            session.rollback()
            if attempt == attempts or unless() or not (collided(error) or lost_row(error)):
                raise
            time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311 (spreads the two, guards nothing)
    raise AssertionError("unreachable")


def collided(error: Exception) -> bool:
    """Whether a unit of work was ended because of another: MySQL's numbers, SQL states, SQLite's words."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, ChangedMeanwhile)
    arguments = getattr(error.orig, "args", ())
    return (
        bool(arguments and arguments[0] in (1020, 1205, 1213))
        or sql_state(error) in ("40001", "40P01")
        or str(error.orig).startswith("database is locked")
    )


def lost_row(error: Exception) -> bool:
    """Whether a row that a unit of work had read was deleted meanwhile, or one that its rows refer to."""
    if not isinstance(error, IntegrityError):
        return isinstance(error, StaleDataError)
    arguments = getattr(error.orig, "args", ())
    return (
        bool(arguments and arguments[0] in (1216, 1452))
        or sql_state(error) == "23503"
        or str(error.orig).startswith("FOREIGN KEY constraint failed")
    )


def sql_state(error: DBAPIError) -> str | None:
    """The SQL state of an error, as psycopg, psycopg2 and asyncpg call it."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state if isinstance(state, str) else None


def is_unavailable(error: DBAPIError) -> bool:
    """Whether the database cannot take this now: gone, too busy, locked for too long, or read-only.

    Drivers differ in the class that they raise: of a read-only transaction psycopg says that it is an internal error.
    """
    arguments = getattr(error.orig, "args", ())
    return (
        isinstance(error, OperationalError)
        or error.connection_invalidated
        or collided(error)
        or (sql_state(error) or "").startswith(("08", "25006", "25P03", "53", "55P03", "57"))
        or bool(arguments and arguments[0] in (1290, 1792, 1836))
    )


def lacks_schema(error: DBAPIError) -> bool:
    """Whether a table or column is not there: SQL states, MySQL's numbers, SQLite's words."""
    arguments = getattr(error.orig, "args", ())
    return (
        bool(arguments and arguments[0] in (1054, 1146))
        or sql_state(error) in ("42P01", "42703")
        or str(error.orig).startswith(("no such table", "no such column"))
        or "has no column named" in str(error.orig)
    )


def insert_if_absent(session: Session, model: type[Any], *rows: Mapping[str, Any]) -> None:
    """Insert rows of the same columns, but those of a unique key that is there. Select afterwards to see whose it is.

    MySQL's INSERT IGNORE would hide other errors too, so there a duplicate sets the id to itself. The dialect that is
    in use was imported with the engine; those that are not would take a third of this package's start.
    """
    mapper = sa.inspect(model)
    name = dialect_of(session, mapper)
    table = mapper.local_table
    statement: Any
    if name in ("mysql", "mariadb"):
        from sqlalchemy.dialects import mysql

        statement = mysql.insert(table).on_duplicate_key_update(id=table.c.id)
    elif name == "postgresql":
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(table).on_conflict_do_nothing()
    else:
        from sqlalchemy.dialects import sqlite

        statement = sqlite.insert(table).on_conflict_do_nothing()
    note_rows(session, model, rows)
    session.execute(statement, _with_defaults(table, rows), bind_arguments={"mapper": mapper})


def _with_defaults(table: Any, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The columns of these rows, with what the table says of those that are missing. There may be thousands of rows."""
    defaults = {column.key: column.default for column in table.c if column.default is not None}
    missing = {name: default for name, default in defaults.items() if rows and name not in rows[0]}
    if not missing:
        return list(rows)

    def told(default: Any) -> Any:
        return default.arg({}) if default.is_callable else default.arg

    return [{**row, **{name: told(default) for name, default in missing.items()}} for row in rows]
