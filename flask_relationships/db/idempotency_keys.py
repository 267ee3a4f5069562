from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from .base import Table, host_key, index, unique


class IdempotencyKeyTable(Table):
    """One use of an Idempotency-Key. ``scope`` is the digest of user, method, path and key.

    A row without a status belongs to a request in flight, which holds the key until ``leased_until``; rows of version
    0.1 have no such time. ``message_id`` is the message that the request wrote. The row is deleted with its contact.
    """

    __name_of_table__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(sa.String(64))
    body_digest: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None] = mapped_column(sa.Integer)
    answer: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)
    leased_until: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=91)
    message_id: Mapped[UUID | None] = mapped_column(sa.Uuid, sort_order=92)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return host_key(cls, "contact", "contact_id", ondelete="CASCADE")

    @classmethod
    def constraints(cls) -> Sequence[object]:
        return (unique(cls, "scope"), index(cls, "created", "created_at"))
