"""Messages that wait to be sent: for the end of quiet hours, or for whoever sends them."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..state import state
from ..tables.build import Models
from ..tables.execute import execute
from .statuses import WAITING


def due(session: Session, models: Models, most: int) -> list[UUID]:
    """Those that may leave now, those written first at the front. Commits."""
    table = models.Message
    rank = table.status_rank == WAITING
    unsent = (rank, table.status == "queued", table.provider_sid.is_(None), table.direction == "outbound")
    ripe = sa.or_(table.not_before.is_(None), table.not_before <= state.now())
    statement = sa.select(table.id).where(*unsent, ripe).order_by(table.created_at, table.id).limit(most)
    found = list(execute(session, models.mapper, statement).scalars())
    session.commit()
    return found
