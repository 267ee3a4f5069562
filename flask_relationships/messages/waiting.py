"""Messages that wait to be sent: for the end of quiet hours, or for whoever sends them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..state import state
from ..tables.build import Models
from ..tables.execute import execute
from . import quiet_hours
from .delivery import is_ready
from .statuses import WAITING


def due(session: Session, models: Models, most: int) -> list[UUID]:
    """Those that may leave now, those written first at the front. Commits."""
    found = list(execute(session, models.mapper, _due(models, models.Message.id, most=most)).scalars())
    session.commit()
    return found


def count(session: Session, models: Models, most: int) -> int:
    """How many of those a run would send: none whose channel cannot be sent on, or that is in quiet hours again."""
    table, now = models.Message, state.now()
    found = execute(session, models.mapper, _due(models, table.channel, table.to_number, most=most)).all()
    ready = {channel: is_ready(channel) for channel in {row.channel for row in found}}
    return sum(ready[row.channel] and quiet_hours.end_of(row.to_number, now) is None for row in found)


def _due(models: Models, *columns: Any, most: int) -> sa.Select[Any]:
    table = models.Message
    rank = table.status_rank == WAITING
    unsent = (rank, table.status == "queued", table.provider_sid.is_(None), table.direction == "outbound")
    ripe = sa.or_(table.not_before.is_(None), table.not_before <= state.now())
    return sa.select(*columns).where(*unsent, ripe).order_by(table.created_at, table.id).limit(most)
