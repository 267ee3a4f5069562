"""Batches of scheduled jobs: rows that are read page by page, and units of work that are retried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

from ..context import Context
from ..db.statements import execute, retried
from ..hosts.bound import BATCH, SYSTEM

MAX_ATTEMPTS = 20
"""How often a batch is started again after a conflict with another process."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def retry(ctx: Context, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Return the result of a unit of work that commits; start it again after a conflict with another process."""
    return retried(ctx.session, partial(work, *args, **kwargs), MAX_ATTEMPTS, unless=lambda: False)


def read_pages(ctx: Context, statement: Any, key: Any, size: int = BATCH) -> Iterator[Sequence[Any]]:
    """Yield the rows of a select page by page, in the order of a key; commit after each page is read.

    :param key: the primary key of one of our tables, which the statement selects first.
    :param size: rows of a page.
    """
    page = statement.order_by(key).limit(size)
    rows: Sequence[Any] = ctx.execute(page).all()
    ctx.commit()
    while rows:
        yield rows
        rows = ctx.execute(page.where(key > rows[-1][0])).all() if len(rows) == size else ()
        ctx.commit()


def read_contact_keys(ctx: Context) -> Iterator[Sequence[Any]]:
    """Yield the primary keys of all contacts that are present, page by page; commit after each page is read."""
    contact = ctx.hosts.contact
    page = contact.keys(SYSTEM).order_by(None).order_by(contact.key).limit(BATCH)
    keys = execute(ctx.session, contact.mapper, page).scalars().all()
    ctx.commit()
    while keys:
        yield keys
        after = page.where(contact.key > keys[-1])
        keys = execute(ctx.session, contact.mapper, after).scalars().all() if len(keys) == BATCH else ()
        ctx.commit()
