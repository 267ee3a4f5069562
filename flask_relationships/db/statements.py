"""Run our statements, and build those that differ between databases."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast
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
    """Return the dialect of the database of ``mapper``."""
    return session.get_bind(mapper=mapper).dialect.name


def execute(session: Session, mapper: Mapper[Any], statement: sa.Executable, **parameters: Any) -> sa.Result[Any]:
    """Run a statement in the database of ``mapper``. A host may have several."""
    return session.execute(statement, parameters or None, bind_arguments={"mapper": mapper})


def execute_columns(
    session: Session, mapper: Mapper[Any], statement: sa.Select[Any], **parameters: Any
) -> sa.Result[Any]:
    """Run a select of columns, without entities.

    The Core executes it: the ORM needs as long to inspect such rows as the database needs to find them. Subqueries are
    still compiled by the ORM, with the criteria of their mappings. The ORM executes the statement if the application
    listens to ``do_orm_execute``, which is how it adds criteria to all statements.
    """
    if any(not _is_ours(listener) for listener in find_execute_listeners(session)):
        return execute(session, mapper, statement, **parameters)
    if session.autoflush:
        session.flush()
    return execute(session, mapper, _of_core(statement), **parameters)


def _is_ours(listener: Any) -> bool:
    return str(getattr(listener, "__module__", "")).startswith(PACKAGE)


_core: WeakKeyDictionary[sa.Select[Any], sa.Select[Any]] = WeakKeyDictionary()
"""The Core copy of each ORM select. SQLAlchemy stores compiled forms on the copy; both are freed together."""


def _of_core(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Return the copy of a select that the Core executes, made once for each select."""
    found = _core.get(statement)
    if found is None:
        found = _core[statement] = copy_as_core_select(statement)
    return found


def changed(session: Session, mapper: Mapper[Any], statement: sa.Update | sa.Delete, **parameters: Any) -> int:
    """Run a conditional UPDATE or DELETE, and return the number of rows that matched.

    An UPDATE of a column that clients can write raises the row's revision, see `revisions`.
    """
    if isinstance(statement, sa.Update):
        statement = with_revision(statement)
        note_update(session, statement, parameters)
    options, of = {"synchronize_session": False}, {"mapper": mapper}
    result = session.execute(statement, parameters or None, execution_options=options, bind_arguments=of)
    return cast("sa.CursorResult[Any]", result).rowcount


def insert_rows(session: Session, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table with one statement. The session does not hold them."""
    if rows:
        mapper = sa.inspect(model)
        note_rows(session, model, rows)
        session.execute(sa.insert(mapper.local_table), list(rows), bind_arguments={"mapper": mapper})


def retried(session: Session, work: Callable[[], _T], attempts: int, *, unless: Callable[[], bool]) -> _T:
    """Run a unit of work, and retry it after a deadlock, or if a row was changed or deleted after it was read.

    The database has rolled the unit of work back in these cases.

    :param attempts: how often it is run at most.
    :param unless: returns whether work was committed that a retry would do twice.
    :returns: the result of the unit of work.
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except (DBAPIError, StaleDataError, ChangedMeanwhile) as error:
            session.rollback()
            if attempt == attempts or unless() or not (collided(error) or lost_row(error)):
                raise
            time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311 (no secret)
    raise AssertionError("unreachable")


class _Signs(NamedTuple):
    """How the databases report one kind of error."""

    numbers: tuple[int, ...] = ()
    """MySQL's and MariaDB's error numbers."""
    states: tuple[str, ...] = ()
    """SQL states, or the beginning of them, of PostgreSQL's drivers."""
    message: str = "(?!)"
    """A regular expression for SQLite's message."""


COLLISION = _Signs((1020, 1205, 1213), ("40001", "40P01"), "database is locked")
LOST_ROW = _Signs((1216, 1452), ("23503",), "FOREIGN KEY constraint failed")
UNAVAILABLE = _Signs((1290, 1792, 1836), ("08", "25006", "25P03", "53", "55P03", "57"))
MISSING_SCHEMA = _Signs((1054, 1146), ("42P01", "42703"), "no such (table|column)|(?s:.*)has no column named")


def _has_signs(error: DBAPIError, signs: _Signs) -> bool:
    first = next(iter(getattr(error.orig, "args", ())), None)
    state = sql_state(error) or ""
    return first in signs.numbers or state.startswith(signs.states) or bool(re.match(signs.message, str(error.orig)))


def collided(error: Exception) -> bool:
    """Return whether the database ended a unit of work because another one held its rows."""
    return _has_signs(error, COLLISION) if isinstance(error, DBAPIError) else isinstance(error, ChangedMeanwhile)


def lost_row(error: Exception) -> bool:
    """Return whether a row was deleted after a unit of work had read it, or a row that its rows refer to."""
    return _has_signs(error, LOST_ROW) if isinstance(error, IntegrityError) else isinstance(error, StaleDataError)


def sql_state(error: DBAPIError) -> str | None:
    """Return the SQL state of an error, as psycopg, psycopg2 and asyncpg name it."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state if isinstance(state, str) else None


def is_unavailable(error: DBAPIError) -> bool:
    """Return whether the database cannot be used now: gone, too busy, locked for too long, or read-only.

    Drivers raise different classes: for a read-only transaction psycopg raises an internal error.
    """
    is_lost = isinstance(error, OperationalError) or error.connection_invalidated
    return is_lost or collided(error) or _has_signs(error, UNAVAILABLE)


def lacks_schema(error: DBAPIError) -> bool:
    """Return whether a table or column does not exist."""
    return _has_signs(error, MISSING_SCHEMA)


def insert_if_absent(session: Session, model: type[Any], *rows: Mapping[str, Any]) -> None:
    """Insert rows of the same columns, except those whose unique key exists. Select afterwards to see which row won.

    MySQL's INSERT IGNORE would hide other errors too, so a duplicate sets the id to itself there. The dialect in use is
    imported already; importing all of them would take a third of this package's start-up time.
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
    """Return these rows with the table's defaults for the columns that they lack. There may be thousands of rows."""
    present = rows[0].keys() if rows else ()
    missing = [column for column in table.c if column.default is not None and column.key not in present]
    return [{**row, **{column.key: _default_of(column) for column in missing}} for row in rows]


def _default_of(column: Any) -> Any:
    return column.default.arg({}) if column.default.is_callable else column.default.arg
