from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ...db.base import MAX_NAME_LENGTH, Table, contact_key, index, key_index, unique, user_key

SUPPRESSION_COLUMNS = ("number", "channel", "reason", "created_at", "lifted_at")
"""The columns of a suppression that the API shows."""

CONSENT_ENTRY_COLUMNS = ("id", "event", "source", "number", "channel", "evidence", "actor_user_id", "created_at")
"""The columns of an entry that the API shows."""


class ConsentEntryTable(Table):
    """One entry of the consent ledger. Entries are only added. They outlive the contact.

    ``event``: ``opt_in`` or ``opt_out``; ``stop`` or ``start`` if the recipient wrote that; ``refused`` if the provider
    says that they have unsubscribed. ``source``: ``staff`` or the words of a user; ``number_changed`` if an opt-in
    lapsed with its number; ``recipient``, with the id of their message as ``evidence``; or ``provider``.
    ``number_key`` is the comparison key of the number, NULL in rows of version 0.1 until a scheduled job fills it.
    """

    __name_of_table__ = "consent_entries"

    number: Mapped[str | None] = mapped_column(sa.String(64))
    number_key: Mapped[str | None] = mapped_column(sa.String(64))
    channel: Mapped[str | None] = mapped_column(sa.String(20))
    event: Mapped[str] = mapped_column(sa.String(20))
    source: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
    evidence: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return contact_key(cls, owner=False)

    @declared_attr
    @classmethod
    def actor_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "actor_user_id")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (
            key_index(cls, "contact", "contact_id", "created_at", "id"),
            index(cls, "number", "number", "created_at", "id"),
            index(cls, "number_key", "number_key", "created_at", "id"),
        )


class SuppressionTable(Table):
    """A suppression: a number that said STOP. It belongs to no contact, and outlives contacts.

    ``number`` is stored as it was received, so a number may have a row for each spelling; ``number_key`` is equal in
    all of them. It is NULL in rows of version 0.1 until a scheduled job fills it.
    """

    __name_of_table__ = "suppressions"

    number: Mapped[str] = mapped_column(sa.String(64))
    number_key: Mapped[str | None] = mapped_column(sa.String(64))
    channel: Mapped[str | None] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(20))
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)
    lifted_at: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=91)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "number"), index(cls, "number_key", "number_key"))
