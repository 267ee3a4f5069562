"""Check before a commit that the host rows still exist to which the transaction refers.

SQLite without ``PRAGMA foreign_keys`` would accept a row of ours whose contact another process has just deleted. Each
write records the host keys that it stores. They are looked up before the commit: the transaction then holds SQLite's
only write lock, so no other process can delete them. Other databases, and SQLite with the pragma, check foreign keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, object_session

from ..errors import ChangedMeanwhile
from .base import HostTable
from .private_names import find_written_values

NOTED = "flask_relationships_references"
"""The key in ``Session.info`` of the host keys that the transaction has stored, by the host's table."""


@lru_cache(maxsize=256)
def _host_columns(model: Any) -> Mapping[str, HostTable]:
    """Return the attributes of one of our models that hold a key of the host."""
    columns = sa.inspect(model).column_attrs
    kinds = {column.key: column.columns[0].info.get("host") for column in columns}
    return {name: getattr(model.__host__, kind) for name, kind in kinds.items() if kind is not None}


def note_rows(session: Session, model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Record the host keys in rows that are inserted, or in values that an UPDATE writes."""
    hosts = _host_columns(model)
    if not hosts or session.get_bind(mapper=sa.inspect(model)).dialect.name != "sqlite":
        return
    noted: dict[HostTable, set[Any]] = session.info.setdefault(NOTED, {})
    for row in rows:
        for name in hosts.keys() & row.keys():
            if row[name] is not None:
                noted.setdefault(hosts[name], set()).add(row[name])


def note_update(session: Session, statement: sa.Update, parameters: Mapping[str, Any]) -> None:
    """Record the host keys that an UPDATE of one of our models writes."""
    entity = statement.entity_description.get("entity")
    if entity is None or not hasattr(entity, "__host__"):
        return
    written = {
        str(getattr(column, "key", column)): parameters.get(value.key, value.value)
        for column, value in find_written_values(statement).items()
        if isinstance(value, sa.BindParameter)
    }
    note_rows(session, entity, [written])


def watch_inserts(model: type[Any]) -> None:
    """Record the host keys of rows that a session flushes. Call once per class."""
    event.listen(model, "before_insert", _note_insert)


def _note_insert(_mapper: Mapper[Any], _connection: sa.Connection, row: Any) -> None:
    session = object_session(row)
    model: Any = type(row)
    if session is not None:
        note_rows(session, model, [{name: getattr(row, name) for name in _host_columns(model)}])


def forget_deleted(session: Session | None, host: HostTable) -> None:
    """Discard the recorded keys of a host table: this session deletes rows of it, and ours with them."""
    if session is not None:
        session.info.get(NOTED, {}).pop(host, None)


def forget_references(session: Session) -> None:
    """Discard the keys that a transaction recorded before its rollback. A listener of ``after_rollback``."""
    session.info.pop(NOTED, None)


def require_references(session: Session) -> None:
    """Check that the host rows exist to which this transaction refers. A listener of ``before_commit``.

    :raises ChangedMeanwhile: if another process has deleted one of them.
    """
    if any(hasattr(type(row), "__host__") for row in session.new):
        session.flush()
    noted: dict[HostTable, set[Any]] = session.info.pop(NOTED, {})
    for host, keys in noted.items():
        connection = session.connection(bind_arguments={"mapper": sa.inspect(host.model)})
        if connection.dialect.name != "sqlite" or (host.foreign_key and _enforces_keys(connection)):
            continue
        found = sa.select(sa.func.count()).select_from(host.key.table).where(host.key.in_(keys))
        if (connection.scalar(found) or 0) < len(keys):
            raise ChangedMeanwhile


def _enforces_keys(connection: sa.Connection) -> bool:
    cursor = connection.connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys")
        return bool((cursor.fetchone() or (0,))[0])
    finally:
        cursor.close()
