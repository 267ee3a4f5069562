"""The one way a statement of ours reaches the database, and the statements that differ from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.orm import Mapper, Session


def execute(session: Session, mapper: Mapper[Any], statement: sa.Executable, **parameters: Any) -> sa.Result[Any]:
    """Run a statement in the database of ``mapper``: a bare one would go to the default of a host with several."""
    return session.execute(statement, parameters or None, bind_arguments={"mapper": mapper})


def changed(session: Session, mapper: Mapper[Any], statement: sa.Update | sa.Delete) -> int:
    """Run a conditional change, and say how many rows it met."""
    options = {"synchronize_session": False}
    result = session.execute(statement, execution_options=options, bind_arguments={"mapper": mapper})
    return cast("sa.CursorResult[Any]", result).rowcount


def insert_if_absent(session: Session, model: type[Any], values: Mapping[str, Any]) -> None:
    """Insert a row unless one of the same unique key is there. Select afterwards to see whose it is.

    MySQL's INSERT IGNORE would hide other errors too, so there a duplicate sets the id to itself.
    """
    mapper = sa.inspect(model)
    name = session.get_bind(mapper=mapper).dialect.name
    table = mapper.local_table
    row = {column.key: values[column.key] for column in table.c if column.key in values}
    for column in table.c:
        if column.key not in row and column.default is not None:
            row[column.key] = column.default.arg({}) if column.default.is_callable else column.default.arg
    statement: sa.Insert
    if name in ("mysql", "mariadb"):
        duplicate = mysql.insert(table).values(row)
        statement = duplicate.on_duplicate_key_update(id=table.c.id)
    elif name == "postgresql":
        statement = postgresql.insert(table).values(row).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).values(row).on_conflict_do_nothing()
    execute(session, mapper, statement)
