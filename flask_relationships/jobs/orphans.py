"""Rows of ours whose contact, company or user is gone, where no foreign key sees to them: a daily pass.

They are left by SQL text on SQLite, which enforces keys only with a pragma, and with ``foreign_key=False`` by SQL text
and by a request that meets a deletion. Each column that holds a key of the host's is read by its index in pages, its
keys are looked up in the host's table, and what is missing there has the effects of an ordinary deletion.

A table of the host's that is being loaded again, or that another account may not read, looks like one whose rows were
deleted. So a page of which most keys are missing changes nothing, and a view is never asked: rows leave it for other
reasons than deletion.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from ..context import Context
from ..db.base import HostTable
from ..db.cascade import Kind, deletion_effects, mapped_hosts
from ..db.statements import dialect_of, retried

logger = logging.getLogger(__name__)

PAGE_ROWS = 5000
"""How many entries of an index one statement reads."""

LOOKED_UP = 500
"""How many keys one statement looks up in the host's table."""

BATCH = 20
"""How many keys of the host's are seen to in one transaction."""

MAX_MISSING = 20
"""How many keys of a page may be missing, where that is most of them."""

ATTEMPTS = 6

NOUNS: dict[Kind, str] = {"contact": "contacts", "company": "companies", "user": "users"}


def sweep(ctx: Context, stopped: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Do for the rows of deleted contacts, companies and users what their deletion would have done.

    Commits in batches; idempotent, in any number of processes. Needs no statement where the database enforces keys.

    :param stopped: asked between pages whether to end.
    :returns: how many contacts, companies and users were gone; ``refused``: how many were missing from pages of which
        most keys were.
    """
    counts: Counter[str] = Counter()
    for kind, host, missing in _missing(ctx, counts):
        for start in range(0, len(missing), BATCH):
            keys = missing[start : start + BATCH]
            done = retried(ctx.session, lambda: _clear(ctx, kind, host, keys), ATTEMPTS, unless=lambda: False)  # noqa: B023
            counts[NOUNS[kind]] += done
        if stopped():
            break
    return counts


def count(ctx: Context) -> Counter[str]:
    """Return what `sweep` would count. Writes nothing."""
    counts: Counter[str] = Counter()
    gone: dict[Kind, set[Any]] = {}
    for kind, _, missing in _missing(ctx, counts):
        gone.setdefault(kind, set()).update(missing)
    counts.update({NOUNS[kind]: len(keys) for kind, keys in gone.items() if keys})
    return counts


def _missing(ctx: Context, counts: Counter[str]) -> Iterator[tuple[Kind, HostTable, list[Any]]]:
    """The keys that are missing in the host's tables, page by page."""
    for kind, host in mapped_hosts(ctx.models):
        if not _is_left_to_us(ctx, host):
            continue
        for column in _columns(ctx, kind):
            for keys in _pages(ctx, column):
                missing = _not_there(ctx, host, keys)
                ctx.session.commit()
                if len(missing) > max(MAX_MISSING, len(keys) // 2):
                    counts["refused"] += len(missing)
                    words = "%d of %d keys in %s are missing in the table of the %s: their rows stay"
                    logger.error(words, len(missing), len(keys), column, NOUNS[kind])
                    continue
                yield kind, host, missing


def is_needed(ctx: Context) -> bool:
    """Return whether there may be such rows at all: not where the database enforces every key."""
    sqlite = dialect_of(ctx.session, ctx.models.mapper) == "sqlite"
    return any(sqlite or not host.foreign_key for _, host in mapped_hosts(ctx.models))


def _is_left_to_us(ctx: Context, host: HostTable) -> bool:
    if dialect_of(ctx.session, ctx.models.mapper) != "sqlite" and host.foreign_key:
        return False
    inspector = sa.inspect(_connection(ctx, sa.inspect(host.model)))
    table = host.key.table
    views = set(inspector.get_view_names(schema=table.schema))
    if inspector.dialect.name == "postgresql":
        views |= set(inspector.get_materialized_view_names(schema=table.schema))
    return table.name not in views


def _columns(ctx: Context, kind: Kind) -> list[sa.Column[Any]]:
    return [column for table in ctx.models.tables for column in table.c if column.info.get("host") == kind]


def _pages(ctx: Context, column: sa.Column[Any]) -> Iterator[Sequence[Any]]:
    """The different keys in a column, in the order of its index. The database compares them: a collation may differ."""
    asked, seen = sa.select(column.label("key")).where(column.is_not(None)).order_by(column).limit(PAGE_ROWS), None
    while True:
        page = (asked if seen is None else asked.where(column > seen)).subquery("page")
        different = sa.select(page.c.key).distinct().order_by(page.c.key)
        keys = _connection(ctx, ctx.models.mapper).execute(different).scalars().all()
        if not keys:
            ctx.session.commit()
            return
        seen = keys[-1]
        yield keys


def _not_there(ctx: Context, host: HostTable, keys: Sequence[Any]) -> list[Any]:
    """Those of the keys that no row of the host's has, whatever hooks or criteria would hide of them."""
    connection, found = _connection(ctx, sa.inspect(host.model)), set[str]()
    for start in range(0, len(keys), LOOKED_UP):
        asked = sa.select(host.key).where(host.key.in_(keys[start : start + LOOKED_UP]))
        found.update(map(_alike, connection.execute(asked).scalars()))
    return [key for key in keys if _alike(key) not in found]


def _alike(key: Any) -> str:
    """What is the same of keys that a database may take for equal."""
    return str(key).rstrip().casefold()


def _clear(ctx: Context, kind: Kind, host: HostTable, keys: Sequence[Any]) -> int:
    """Do what the deletion of these rows would have done to ours, unless they are there again. Commits."""
    connection = _connection(ctx, ctx.models.mapper)
    # SQLite uses ids again: whoever writes first has its only lock, and nobody can insert one of them from here on.
    connection.execute(sa.delete(sa.inspect(ctx.models.Profile).local_table).where(sa.false()))
    gone = _not_there(ctx, host, keys)
    for statement in deletion_effects(ctx.models, kind, gone, ctx.now()) if gone else ():
        connection.execute(statement)
    ctx.session.commit()
    return len(gone)


def _connection(ctx: Context, mapper: Mapper[Any]) -> sa.Connection:
    """Core's connection: the application's own criteria for its selects would hide rows that are there."""
    return ctx.session.connection(bind_arguments={"mapper": mapper})
