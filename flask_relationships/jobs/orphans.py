"""Delete rows of ours that belong to a deleted contact, company or user, if no foreign key does: a daily pass.

Such rows remain when SQL text deletes on SQLite, which enforces keys only with a pragma. With ``foreign_key=False``
they also remain when a request meets a deletion. The pass reads each column with a key of the host by its index, in
pages, and looks the keys up in the host's table. A missing key has the effects of an ordinary deletion.

A host's table that is being reloaded, or that another account may not read, looks as if its rows were deleted.
Therefore a page of which most keys are missing changes nothing. Views are skipped, because rows leave a view for
other reasons than deletion.
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
"""How many index entries one statement reads."""

LOOKUP_KEYS = 500
"""How many keys one statement looks up in the host's table."""

BATCH_KEYS = 20
"""How many keys of the host are processed in one transaction."""

MAX_MISSING = 20
"""How many keys of a page may be missing even if they are most of it."""

ATTEMPTS = 6

NOUNS: dict[Kind, str] = {"contact": "contacts", "company": "companies", "user": "users"}


def sweep(ctx: Context, stopped: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Apply the effects of a deletion to the rows of deleted contacts, companies and users.

    Commits in batches. It is idempotent and may run concurrently. If the database enforces keys, no statement is run.

    :param stopped: called between pages; if it returns True, the pass ends.
    :returns: the number of deleted contacts, companies and users; ``refused`` counts missing keys of pages of which
        most keys are missing.
    """
    counts: Counter[str] = Counter()
    for kind, host, missing in _missing(ctx, counts):
        for start in range(0, len(missing), BATCH_KEYS):
            keys = missing[start : start + BATCH_KEYS]
            done = retried(ctx.session, lambda: _clear(ctx, kind, host, keys), ATTEMPTS, unless=lambda: False)  # noqa: B023
            counts[NOUNS[kind]] += done
        if stopped():
            break
    return counts


def count(ctx: Context) -> Counter[str]:
    """Return what `sweep` would return, without writing."""
    counts: Counter[str] = Counter()
    gone: dict[Kind, set[Any]] = {}
    for kind, _, missing in _missing(ctx, counts):
        gone.setdefault(kind, set()).update(missing)
    counts.update({NOUNS[kind]: len(keys) for kind, keys in gone.items() if keys})
    return counts


def _missing(ctx: Context, counts: Counter[str]) -> Iterator[tuple[Kind, HostTable, list[Any]]]:
    """Yield the keys that are missing in the host's tables, page by page."""
    for kind, host in mapped_hosts(ctx.models):
        if not _is_checked(ctx, host):
            continue
        for column in _columns(ctx, kind):
            for keys in _pages(ctx, column):
                missing = _missing_keys(ctx, host, keys)
                ctx.commit()
                if len(missing) > max(MAX_MISSING, len(keys) // 2):
                    counts["refused"] += len(missing)
                    words = "%d of %d keys in %s are missing in the table of the %s, so their rows are kept"
                    logger.error(words, len(missing), len(keys), column, NOUNS[kind])
                    continue
                yield kind, host, missing


def is_needed(ctx: Context) -> bool:
    """Return whether there can be such rows. There are none if the database enforces every key."""
    sqlite = dialect_of(ctx.session, ctx.models.mapper) == "sqlite"
    return any(sqlite or not host.foreign_key for _, host in mapped_hosts(ctx.models))


def _is_checked(ctx: Context, host: HostTable) -> bool:
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
    """Yield the distinct keys in a column, in the order of its index. The database compares them by its collation."""
    first_page, seen = (
        sa.select(column.label("key")).where(column.is_not(None)).order_by(column).limit(PAGE_ROWS),
        None,
    )
    while True:
        page = (first_page if seen is None else first_page.where(column > seen)).subquery("page")
        distinct = sa.select(page.c.key).distinct().order_by(page.c.key)
        keys = _connection(ctx, ctx.models.mapper).execute(distinct).scalars().all()
        if not keys:
            ctx.commit()
            return
        seen = keys[-1]
        yield keys


def _missing_keys(ctx: Context, host: HostTable, keys: Sequence[Any]) -> list[Any]:
    """Return the keys that no row of the host has, including rows that hooks or criteria would hide."""
    connection, found = _connection(ctx, sa.inspect(host.model)), set[str]()
    for start in range(0, len(keys), LOOKUP_KEYS):
        existing = sa.select(host.key).where(host.key.in_(keys[start : start + LOOKUP_KEYS]))
        found.update(map(_comparable, connection.execute(existing).scalars()))
    return [key for key in keys if _comparable(key) not in found]


def _comparable(key: Any) -> str:
    """Return the same text for keys that a database may compare as equal."""
    return str(key).rstrip().casefold()


def _clear(ctx: Context, kind: Kind, host: HostTable, keys: Sequence[Any]) -> int:
    """Apply the effects of the deletion of these rows, unless they exist again. Commits."""
    connection = _connection(ctx, ctx.models.mapper)
    # SQLite reuses ids. This write takes its only lock, so that no process can insert one of the ids from here on.
    connection.execute(sa.delete(sa.inspect(ctx.models.Profile).local_table).where(sa.false()))
    gone = _missing_keys(ctx, host, keys)
    for statement in deletion_effects(ctx.models, kind, gone, ctx.now()) if gone else ():
        connection.execute(statement)
    ctx.commit()
    return len(gone)


def _connection(ctx: Context, mapper: Mapper[Any]) -> sa.Connection:
    """Return the connection of a mapper. The application's criteria for ORM selects would hide existing rows."""
    return ctx.session.connection(bind_arguments={"mapper": mapper})
