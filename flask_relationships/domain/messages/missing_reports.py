"""Make good lost delivery reports: ask the provider for the status of messages that have no final one."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...context import Context
from ...errors import place_of
from ...providers.base import MessageStatusLookup, Report, TransportError
from . import reports
from .reports import Taken
from .statuses import RANKS

logger = logging.getLogger(__name__)

REQUESTED_AFTER = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
"""How long after its last attempt a message without a final status is asked for."""

FORGOTTEN_AFTER = timedelta(days=4)
"""Older messages are never asked for: an application of 0.1 may have millions without a final status."""

OPEN_RANKS = tuple(
    sorted({RANKS[status] for status in ("accepted", "scheduled", "queued", "sent", "partially_delivered")})
)
"""The ranks of statuses that another one still follows."""

Answer = Literal["changed", "same", "unreadable"]


class Asked(NamedTuple):
    """What the provider said of one message, and what followed from it."""

    answer: Answer
    taken: Taken = reports.NOTHING


def is_due(ctx: Context) -> sa.ColumnElement[bool]:
    """Return the condition that a message has no final status, and its next request is due."""
    table, now = ctx.models.Message, ctx.now()
    begun = sa.func.coalesce(table.attempted_at, table.created_at)
    requests = sa.func.coalesce(table.status_requests, 0)
    due = [sa.and_(requests == number, begun < now - after) for number, after in enumerate(REQUESTED_AFTER)]
    return sa.and_(
        table.status_rank.in_(OPEN_RANKS),
        table.created_at > now - FORGOTTEN_AFTER,
        table.direction == "outbound",
        table.provider_sid.is_not(None),
        sa.or_(*due),
    )


def can_ask(ctx: Context) -> bool:
    """Return whether the transport can be asked for the status of a message, and says that it is connected."""
    transport = ctx.transport
    try:
        return isinstance(transport, MessageStatusLookup) and transport.connected is True
    except Exception:  # a transport of the host's own may raise anything
        return False


def due(ctx: Context, most: int) -> list[UUID]:
    """Return the messages to ask for, the oldest first. Commits."""
    if not can_ask(ctx):
        return []
    table = ctx.models.Message
    statement = sa.select(table.id).where(is_due(ctx)).order_by(table.created_at, table.id).limit(most)
    found = list(ctx.execute(statement).scalars())
    ctx.session.commit()
    return found


def ask(ctx: Context, message_id: UUID) -> Asked:
    """Ask the provider for one message. Commits; no transaction is open while the provider is asked.

    Of several processes one asks: it counts the request before it makes it. A request that fails does not count.
    """
    table = ctx.models.Message
    columns = (table.provider_sid, table.status_requests, table.created_at, table.attempted_at)
    row = ctx.execute(sa.select(*columns).where(table.id == message_id, is_due(ctx))).first()
    if row is None or not _count_request(ctx, message_id, row):
        ctx.session.commit()
        return Asked("same")
    ctx.session.commit()
    try:
        report = ctx.transport.fetch(row.provider_sid)  # type: ignore[attr-defined] # due says that it can
    except Exception as error:  # a transport of the host's own may raise anything, with anything in its text
        words = str(error) if isinstance(error, TransportError) else place_of(error)
        logger.warning("the status of message %s could not be read: %s", message_id, words)
        mine = sa.update(table).where(table.id == message_id)
        ctx.update_where(mine.values(status_requests=row.status_requests))
        ctx.session.commit()
        return Asked("unreadable")
    return Asked("same") if report is None else _take(ctx, message_id, report)


def _count_request(ctx: Context, message_id: UUID, row: Any) -> bool:
    """Count this request, and every earlier one that was due while nobody ran scheduled jobs."""
    table, age = ctx.models.Message, ctx.now() - (row.attempted_at or row.created_at)
    count = sum(age > after for after in REQUESTED_AFTER)
    mine = sa.update(table).where(
        table.id == message_id, table.status_requests.is_not_distinct_from(row.status_requests)
    )
    return bool(ctx.update_where(mine.values(status_requests=count)))


def _take(ctx: Context, message_id: UUID, report: Report) -> Asked:
    try:
        taken = reports.take(ctx, message_id, report, now=ctx.now())
        ctx.session.commit()
    except IntegrityError:  # the id is that of another message of ours
        ctx.session.rollback()
        return Asked("same")
    return Asked("changed" if taken.changed else "same", taken)
