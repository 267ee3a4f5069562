"""Between two tests the rows go and the tables stay."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError


class AddedRows:
    """The rows that were added to a database since this was made. What was there before is kept."""

    def __init__(self, engine: sa.Engine, metadata: sa.MetaData) -> None:
        self._engine = engine
        self._tables = list(metadata.tables.values())
        with engine.connect() as connection:
            self._deletions = {table: _all_but(table, _keys(connection, table)) for table in self._tables}

    def delete(self) -> None:
        """In an order that the foreign keys allow, which is found out by trying and then remembered."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            order: list[sa.Table] = []
            left, opened = self._tables, False
            while left:
                emptied = [table for table in left if self._emptied(connection, table)]
                if not emptied:
                    names = ", ".join(sorted(table.name for table in left))
                    if opened:
                        raise RuntimeError(f"These tables hold each other's rows and cannot be emptied: {names}.")
                    self._open_circles(connection, left)
                    opened = True
                order += emptied
                left = [table for table in left if table not in emptied]
            self._tables = order

    def _emptied(self, connection: sa.Connection, table: sa.Table) -> bool:
        try:
            connection.execute(self._deletions[table])
        except IntegrityError:
            return False
        return True

    def _open_circles(self, connection: sa.Connection, tables: list[sa.Table]) -> None:
        for table in tables:
            links = {column: None for column in table.c if column.foreign_keys and column.nullable}
            if links:
                doomed = self._deletions[table].whereclause
                connection.execute(sa.update(table).values(links).where(sa.true() if doomed is None else doomed))


def _keys(connection: sa.Connection, table: sa.Table) -> list[Any]:
    return list(connection.execute(sa.select(*table.primary_key))) if len(table.primary_key) else []


def _all_but(table: sa.Table, kept: list[Any]) -> sa.Delete:
    if not kept:
        return sa.delete(table)
    columns = list(table.primary_key)
    if len(columns) == 1:
        return sa.delete(table).where(columns[0].not_in([key for (key,) in kept]))
    same = [sa.and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in kept]
    return sa.delete(table).where(sa.not_(sa.or_(*same)))
