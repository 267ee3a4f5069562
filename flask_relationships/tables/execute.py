"""The one way a statement of ours reaches the database, and the statements that differ from one to another."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Mapper, Session

from ..errors import ChangedMeanwhile

_T = TypeVar("_T")


def execute(session: Session, mapper: Mapper[Any], statement: sa.Executable, **parameters: Any) -> sa.Result[Any]:
    """Run a statement in the database of ``mapper``: a bare one would go to the default of a host with several."""
    return session.execute(statement, parameters or None, bind_arguments={"mapper": mapper})


def changed(session: Session, mapper: Mapper[Any], statement: sa.Update | sa.Delete) -> int:
    """Run a conditional change, and say how many rows it met."""
    options = {"synchronize_session": False}
    result = session.execute(statement, execution_options=options, bind_arguments={"mapper": mapper})
    return cast("sa.CursorResult[Any]", result).rowcount


def insert_rows(session: Session, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table with one statement, which has no row of them in the session."""
    if rows:
        mapper = sa.inspect(model)
        session.execute(sa.insert(mapper.local_table), list(rows), bind_arguments={"mapper": mapper})


def retried(session: Session, work: Callable[[], _T], attempts: int, *, unless: Callable[[], bool]) -> _T:
    """The result of a unit of work, begun again where it and another waited for each other.

    Databases end one of the two, which has done nothing then. So it is where a row was changed after it was read. Not
    ``unless`` something lasting was done before.
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except (OperationalError, ChangedMeanwhile) as error:
            session.rollback()
            if attempt == attempts or unless() or not collided(error):
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
        or getattr(error.orig, "sqlstate", None) in ("40001", "40P01")
        or str(error.orig).startswith("database is locked")
    )


def lacks_schema(error: DBAPIError) -> bool:
    """Whether a table or column is not there: SQL states, MySQL's numbers, SQLite's words."""
    arguments = getattr(error.orig, "args", ())
    return (
        bool(arguments and arguments[0] in (1054, 1146))
        or getattr(error.orig, "sqlstate", None) in ("42P01", "42703")
        or str(error.orig).startswith(("no such table", "no such column"))
        or "has no column named" in str(error.orig)
    )


def insert_if_absent(session: Session, model: type[Any], *rows: Mapping[str, Any]) -> None:
    """Insert rows of the same columns, but those of a unique key that is there. Select afterwards to see whose it is.

    MySQL's INSERT IGNORE would hide other errors too, so there a duplicate sets the id to itself.
    """
    mapper = sa.inspect(model)
    name = session.get_bind(mapper=mapper).dialect.name
    table = mapper.local_table
    statement: Any
    if name in ("mysql", "mariadb"):
        statement = mysql.insert(table).on_duplicate_key_update(id=table.c.id)
    elif name == "postgresql":
        statement = postgresql.insert(table).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    complete = [_with_defaults(table, row) for row in rows]
    session.execute(statement, complete, bind_arguments={"mapper": mapper})


def _with_defaults(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    row = {column.key: values[column.key] for column in table.c if column.key in values}
    for column in table.c:
        if column.key not in row and column.default is not None:
            row[column.key] = column.default.arg({}) if column.default.is_callable else column.default.arg
    return row
