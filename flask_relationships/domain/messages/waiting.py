"""Messages that wait to be sent: for the end of quiet hours, or for whoever sends them. Until then they may be
cancelled."""

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
    """Those that may leave now, those written first at the front. Commits."""
    found = list(ctx.execute(_due(ctx, ctx.models.Message.id, most=most)).scalars())
    ctx.session.commit()
    return found


def count(ctx: Context, most: int) -> int:
    """How many of those a run would send: none whose channel cannot be sent on, or that is in quiet hours again."""
    table, now = ctx.models.Message, ctx.now()
    columns = (table.channel, table.to_number, table.sender_number, table.messaging_service_sid)
    found = ctx.execute(_due(ctx, *columns, most=most)).all()
    from_where = {(row.channel, senders.sender_of_row(row)) for row in found}
    ready = {one: senders.can_send(ctx, *one) for one in from_where}
    waiting = [row for row in found if ready[row.channel, senders.sender_of_row(row)]]
    return sum(quiet_hours.end_of(ctx, row.to_number, now) is None for row in waiting)


def _due(ctx: Context, *columns: Any, most: int) -> sa.Select[Any]:
    table = ctx.models.Message
    rank = table.status_rank == WAITING_RANK
    unsent = (rank, table.status == "queued", table.provider_sid.is_(None), table.direction == "outbound")
    ripe = sa.or_(table.not_before.is_(None), table.not_before <= ctx.now())
    return sa.select(*columns).where(*unsent, ripe).order_by(table.created_at, table.id).limit(most)


def cancel(ctx: Context, message_id: UUID, revisions: Collection[int] | None = None) -> bool:
    """Have a message that waits never sent, and give back its action; False where somebody has begun to send it.

    ``revisions`` are those that the client expects.
    """
    table = ctx.models.Message
    mine = (table.id == message_id, table.status_rank == WAITING_RANK, table.status == "queued")
    ours = (table.provider_sid.is_(None), table.direction == "outbound", *of_revision(table, revisions))
    values = {"status": "canceled", "status_rank": STATUS_RANKS["canceled"], "revision": table.revision + 1}
    if not ctx.update_where(sa.update(table).where(*mine, *ours).values(values)):
        return False
    actions.release(ctx, message_id)
    return True
