"""Messages that wait to be sent: for the end of quiet hours, or for whoever sends them. Until then they may be
cancelled."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..actions import service as actions
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, execute
from ..tables.revisions import of_revision
from . import quiet_hours, senders
from .delivery import is_ready
from .statuses import RANKS, WAITING


def due(session: Session, models: Models, most: int) -> list[UUID]:
    """Those that may leave now, those written first at the front. Commits."""
    found = list(execute(session, models.mapper, _due(models, models.Message.id, most=most)).scalars())
    session.commit()
    return found


def count(session: Session, models: Models, most: int) -> int:
    """How many of those a run would send: none whose channel cannot be sent on, or that is in quiet hours again."""
    table, now = models.Message, state.now()
    columns = (table.channel, table.to_number, table.sender_number, table.messaging_service_sid)
    found = execute(session, models.mapper, _due(models, *columns, most=most)).all()
    from_where = {(row.channel, senders.sender_of_row(row)) for row in found}
    ready = {one: is_ready(*one) for one in from_where}
    waiting = [row for row in found if ready[row.channel, senders.sender_of_row(row)]]
    return sum(quiet_hours.end_of(row.to_number, now) is None for row in waiting)


def _due(models: Models, *columns: Any, most: int) -> sa.Select[Any]:
    table = models.Message
    rank = table.status_rank == WAITING
    unsent = (rank, table.status == "queued", table.provider_sid.is_(None), table.direction == "outbound")
    ripe = sa.or_(table.not_before.is_(None), table.not_before <= state.now())
    return sa.select(*columns).where(*unsent, ripe).order_by(table.created_at, table.id).limit(most)


def cancel(session: Session, models: Models, message_id: UUID, revisions: Collection[int] | None = None) -> bool:
    """Have a message that waits never sent, and give back its action; False where somebody has begun to send it.

    ``revisions`` are those that the client expects.
    """
    table = models.Message
    mine = (table.id == message_id, table.status_rank == WAITING, table.status == "queued")
    ours = (table.provider_sid.is_(None), table.direction == "outbound", *of_revision(table, revisions))
    values = {"status": "canceled", "status_rank": RANKS["canceled"], "revision": table.revision + 1}
    if not changed(session, models.mapper, sa.update(table).where(*mine, *ours).values(values)):
        return False
    actions.release(session, models, message_id)
    return True
