"""Find queued messages that are due, and cancel queued messages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.revisions import of_revision
from ..actions import service as actions
from . import quiet_hours, senders
from .statuses import STATUS_RANKS, WAITING_RANK


def due(ctx: Context, most: int) -> list[UUID]:
    """Return the queued messages that are due, the oldest first. Commits."""
    found = list(ctx.execute(_due(ctx, ctx.models.Message.id, most=most)).scalars())
    ctx.commit()
    return found


def count(ctx: Context, most: int) -> int:
    """Return how many messages a run would send: only those whose channel can send, and not in quiet hours."""
    table, now = ctx.models.Message, ctx.now()
    columns = (table.channel, table.to_number, table.sender_number, table.messaging_service_sid)
    found = ctx.execute(_due(ctx, *columns, most=most)).all()
    routes = [(row.channel, senders.sender_of_row(row)) for row in found]
    can_send = {route: senders.can_send(ctx, *route) for route in set(routes)}
    return sum(
        can_send[route] and quiet_hours.end_of(ctx, row.to_number, now) is None
        for row, route in zip(found, routes, strict=True)
    )


def _due(ctx: Context, *columns: Any, most: int) -> sa.Select[Any]:
    table = ctx.models.Message
    is_due = sa.or_(table.not_before.is_(None), table.not_before <= ctx.now())
    return sa.select(*columns).where(*_is_queued(ctx), is_due).order_by(table.created_at, table.id).limit(most)


def _is_queued(ctx: Context) -> tuple[sa.ColumnElement[bool], ...]:
    table = ctx.models.Message
    queued = (table.status_rank == WAITING_RANK, table.status == "queued")
    return (*queued, table.provider_sid.is_(None), table.direction == "outbound")


def cancel(ctx: Context, message_id: UUID, revisions: Collection[int] | None = None) -> bool:
    """Cancel a queued message and release its action.

    :param revisions: those that the client expects, None for any.
    :returns: False if the message is no longer queued.
    """
    table = ctx.models.Message
    cancelling = sa.update(table).where(table.id == message_id, *_is_queued(ctx), *of_revision(table, revisions))
    rank = STATUS_RANKS["canceled"]
    if not ctx.update_where(cancelling.values(status="canceled", status_rank=rank, revision=table.revision + 1)):
        return False
    actions.release(ctx, message_id)
    return True
