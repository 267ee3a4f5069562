"""Index every column of ours that points at another row.

Deleting a row makes the database look for those that point at it. Without an index it reads the whole table each time:
deleting a contact took 32 seconds with four million messages, and 2 milliseconds with one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DropIndex
from sqlalchemy.sql.elements import conv

_names: set[str] = set()
"""The names of the indexes that are called like their foreign key."""

_stand_ins: dict[str, tuple[str, str]] = {}
"""Indexes of several columns that MariaDB and MySQL use for a foreign key: by name, that of the key and its column."""


def index_links(table: sa.Table) -> None:
    """Add an index for each column that points at another row and that no index of the table begins with.

    A column without a foreign key counts too where the host's key is in it (``foreign_key=False``): we look for its
    rows ourselves. The index of a foreign key has the name of the key. MariaDB and MySQL make such an index by
    themselves, and Alembic neither adds nor drops it there.
    """
    leading = {columns[0].name for columns in _indexed(table) if columns}
    _note_stand_ins(table)
    for column in table.c:
        keys = [key.constraint for key in column.foreign_keys if key.constraint is not None]
        if column.name in leading or not (keys or "host" in column.info):
            continue
        if keys:
            _names.add(str(keys[0].name))
            sa.Index(conv(str(keys[0].name)), column)
        else:
            sa.Index(conv(f"ix_{table.name}_{column.name}"), column)


def _note_stand_ins(table: sa.Table) -> None:
    """Note one index for each foreign key that only such indexes begin with; the others may be dropped as they are."""
    covered = {columns[0].name for columns in _constrained(table) if columns}
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        first = next(iter(index.columns))
        keys = [key.constraint for key in first.foreign_keys if key.constraint is not None]
        if keys and first.name not in covered:
            covered.add(first.name)
            _stand_ins[str(index.name)] = (str(keys[0].name), first.name)


def _indexed(table: sa.Table) -> Iterator[list[sa.Column[Any]]]:
    for index in table.indexes:
        yield list(index.columns)
    yield from _constrained(table)


def _constrained(table: sa.Table) -> Iterator[list[sa.Column[Any]]]:
    for constraint in table.constraints:
        if isinstance(constraint, (sa.UniqueConstraint, sa.PrimaryKeyConstraint)):
            yield list(constraint.columns)


@compiles(DropIndex, "mysql", "mariadb")
def _keep_index_of_foreign_key(drop: DropIndex, compiler: Any, **options: Any) -> str:
    """Leave the foreign key an index, without which MariaDB and MySQL refuse to drop one.

    The downgrade that Alembic writes drops each index before its table. The one that is left goes with the table, or
    with the key's column.
    """
    name = str(drop.element.name)
    if name in _names:
        return "DO 0"
    dropped = str(compiler.visit_drop_index(drop, **options))
    if name not in _stand_ins or drop.element.table is None:
        return dropped
    quote, (key, column) = compiler.preparer.quote, _stand_ins[name]
    table = compiler.preparer.format_table(drop.element.table)
    return f"ALTER TABLE {table} ADD INDEX {quote(key)} ({quote(column)}), DROP INDEX {quote(name)}"
