"""Request the status of messages whose delivery report may have been lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...providers.base import MessageStatusLookup
from . import reports
from .reports import Taken
from .statuses import STATUS_RANKS
from .transport_problems import loggable

logger = logging.getLogger(__name__)

REQUESTED_AFTER = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
"""The ages, counted from the last attempt, at which the status of a message without a final one is requested."""

MAX_REQUEST_AGE = timedelta(days=4)
"""No status is requested for older messages: an application of 0.1 may have millions without a final one."""

OPEN_RANKS = tuple(
    sorted({STATUS_RANKS[status] for status in ("accepted", "scheduled", "queued", "sent", "partially_delivered")})
)
"""The ranks of statuses that are followed by another one."""

Answer = Literal["changed", "same", "unreadable"]


class Requested(NamedTuple):
    """The provider's answer about one message, and its consequences."""

    answer: Answer
    taken: Taken = reports.UNCHANGED


def is_due(ctx: Context) -> sa.ColumnElement[bool]:
    """Return the condition that a message has no final status, and its next request is due."""
    table, now = ctx.models.Message, ctx.now()
    begun = sa.func.coalesce(table.attempted_at, table.created_at)
    requests = sa.func.coalesce(table.status_requests, 0)
    due = [sa.and_(requests == number, begun < now - after) for number, after in enumerate(REQUESTED_AFTER)]
    return sa.and_(
        table.status_rank.in_(OPEN_RANKS),
        table.created_at > now - MAX_REQUEST_AGE,
        table.direction == "outbound",
        table.provider_sid.is_not(None),
        sa.or_(*due),
    )


def can_request(ctx: Context) -> bool:
    """Return whether the transport can look up the status of a message, and is connected."""
    transport = ctx.transport
    try:
        return isinstance(transport, MessageStatusLookup) and transport.connected is True
    except Exception:  # a custom transport may raise anything
        return False


def due(ctx: Context, most: int) -> list[UUID]:
    """Return the messages whose status is to be requested, the oldest first. Commits."""
    if not can_request(ctx):
        return []
    table = ctx.models.Message
    statement = sa.select(table.id).where(is_due(ctx)).order_by(table.created_at, table.id).limit(most)
    found = list(ctx.execute(statement).scalars())
    ctx.commit()
    return found


def request(ctx: Context, message_id: UUID) -> Requested:
    """Request the status of one message from the provider. Commits; no transaction is open during the request.

    A process counts the request before it makes it, so that only one of several makes it. A request that fails does not
    count.
    """
    table = ctx.models.Message
    columns = (table.provider_sid, table.status_requests, table.created_at, table.attempted_at)
    row = ctx.execute(sa.select(*columns).where(table.id == message_id, is_due(ctx))).first()
    is_mine = row is not None and _count_request(ctx, message_id, row)
    ctx.commit()
    if row is None or not is_mine:
        return Requested("same")
    try:
        report = ctx.transport.fetch(row.provider_sid)  # type: ignore[attr-defined] # see can_request
    except Exception as error:  # a custom transport may raise anything, with personal data in its text
        logger.warning("the status of message %s could not be read: %s", message_id, loggable(error))
        ctx.update_where(sa.update(table).where(table.id == message_id).values(status_requests=row.status_requests))
        ctx.commit()
        return Requested("unreadable")
    taken = None if report is None else reports.store(ctx, message_id, report)
    return Requested("changed", taken) if taken is not None and taken.changed else Requested("same")


def _count_request(ctx: Context, message_id: UUID, row: Any) -> bool:
    """Count this request, and every earlier one that was due while no scheduled job ran."""
    table, age = ctx.models.Message, ctx.now() - (row.attempted_at or row.created_at)
    count = sum(age > after for after in REQUESTED_AFTER)
    unchanged = table.status_requests.is_not_distinct_from(row.status_requests)
    counting = sa.update(table).where(table.id == message_id, unchanged)
    return bool(ctx.update_where(counting.values(status_requests=count)))
