from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Table, index, unique


class IdempotencyKeyTable(Table):
    """One use of an Idempotency-Key; ``scope`` is the digest of user, method, path and key. No status: in flight."""

    __name_of_table__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(sa.String(64))
    body_digest: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None] = mapped_column(sa.Integer)
    answer: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)

    @classmethod
    def constraints(cls) -> Sequence[object]:
        return (unique(cls, "scope"), index(cls, "created", "created_at"))
