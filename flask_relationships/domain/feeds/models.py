from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ...db.base import Table, host_key, unique
from ...db.revisions import Revised

CALENDAR_FEED_COLUMNS = ("id", "revision", "company_id", "created_at", "last_read_at")
"""The columns of a calendar feed that the API shows."""


class CalendarFeedTable(Table, Revised):
    """A calendar that one user subscribes to by a secret address; only the SHA-256 digest of the secret is stored.

    ``scope`` is ``own``, or the digest of the company's key: unlike the key itself it is never null, so that a user has
    one feed of each.
    """

    __name_of_table__ = "calendar_feeds"
    __client_columns__ = frozenset(
        {
            "token_hash",
        }
    )

    scope: Mapped[str] = mapped_column(sa.String(64))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)
    last_read_at: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=91)

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[Any]:
        return host_key(cls, "user", "user_id", ondelete="CASCADE", nullable=False)

    @declared_attr
    @classmethod
    def company_id(cls) -> Mapped[Any]:
        return host_key(cls, "company", "company_id", ondelete="CASCADE")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "user_scope", "user_id", "scope"), unique(cls, "token_hash"))


class SentDigestTable(Table):
    """The digest of a day was sent for a user: only the process that inserts the row sends it."""

    __name_of_table__ = "sent_digests"

    day: Mapped[date] = mapped_column(sa.Date)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[Any]:
        return host_key(cls, "user", "user_id", ondelete="CASCADE", nullable=False)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "user_day", "user_id", "day"),)
