from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ...db.base import Table, host_key, index, key_index, own_key, unique, user_key
from ...db.revisions import Revised

if TYPE_CHECKING:
    from ..actions.models import ActionTable

MAX_BODY_LENGTH = 1600
"""The largest number of characters of a text, Twilio's limit."""

MESSAGE_COLUMNS = (
    "id",
    "revision",
    "contact_id",
    "direction",
    "channel",
    "body",
    "media_url",
    "media",
    "location",
    "payload",
    "delivered_via",
    "from_number",
    "to_number",
    "status",
    "candidates",
    "error_code",
    "error_message",
    "provider_sid",
    "num_segments",
    "auto_action_id",
    "sent_by_user_id",
    "content_sid",
    "outside_whatsapp_window",
    "not_before",
    "created_at",
    "sent_at",
    "delivered_at",
    "read_at",
)
"""The columns of a message that the API shows."""


class MessageTable(Table, Revised):
    """A message to or from a contact.

    The rank of ``status`` in ``status_rank`` only rises. ``attempt`` is the number of provider calls: only the result
    of the last call is stored. ``attempted_at`` is the time of its start. A message in our own queue is ``queued``
    without a ``provider_sid``, and is not due before ``not_before``. ``content_sid`` and ``content_variables`` are
    those of an approved template. ``delivered_via`` is ``rcs`` if the provider used RCS instead of ``channel``.

    ``candidates`` are messages of the provider's list that an unconfirmed one may be. ``status_requests`` counts the
    requests for the status; NULL in rows of version 0.1.

    An inbound message has its files in ``media``, a list of ``{url, content_type}``; a place in ``location``, an object
    of ``latitude``, ``longitude``, ``label`` and ``address``; and in ``payload`` the id of the button or list entry
    that was chosen. An unmatched message has no ``contact_id``; ``matched_at`` is the time at which it was matched
    later.

    ``address_key`` is the comparison key of the recipient of an outbound message, and of the sender of an inbound one.
    It is NULL in rows of version 0.1 until a scheduled job fills it. ``sender_number`` and ``messaging_service_sid``
    are the sender of an outbound message, NULL for that of the transport; an inbound message has the Messaging Service
    that it came by. ``tenant`` is the tenant of the sender, as text.
    """

    __name_of_table__ = "messages"
    __client_columns__ = frozenset(
        {
            "contact_id",
        }
    )

    direction: Mapped[str] = mapped_column(sa.String(20))
    channel: Mapped[str] = mapped_column(sa.String(20))
    body: Mapped[str] = mapped_column(sa.Text)
    media_url: Mapped[str | None] = mapped_column(sa.Text)
    from_number: Mapped[str | None] = mapped_column(sa.String(64))
    to_number: Mapped[str | None] = mapped_column(sa.String(64))
    sender_number: Mapped[str | None] = mapped_column(sa.String(64))
    messaging_service_sid: Mapped[str | None] = mapped_column(sa.String(64))
    tenant: Mapped[str | None] = mapped_column(sa.String(255))
    address_key: Mapped[str | None] = mapped_column(sa.String(64))
    status: Mapped[str] = mapped_column(sa.String(20))
    status_rank: Mapped[int] = mapped_column(sa.Integer, default=0)
    attempt: Mapped[int] = mapped_column(sa.Integer, default=0)
    error_code: Mapped[str | None] = mapped_column(sa.String(64))
    error_message: Mapped[str | None] = mapped_column(sa.Text)
    provider_sid: Mapped[str | None] = mapped_column(sa.String(64))
    num_segments: Mapped[int | None] = mapped_column(sa.Integer)
    content_sid: Mapped[str | None] = mapped_column(sa.String(64))
    content_variables: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    media: Mapped[list[dict[str, str]] | None] = mapped_column(sa.JSON(none_as_null=True))
    candidates: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))
    status_requests: Mapped[int | None] = mapped_column(sa.Integer)
    location: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    payload: Mapped[str | None] = mapped_column(sa.Text)
    delivered_via: Mapped[str | None] = mapped_column(sa.String(20))
    outside_whatsapp_window: Mapped[bool | None] = mapped_column(sa.Boolean)
    attempted_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    not_before: Mapped[datetime | None] = mapped_column(sa.DateTime)
    matched_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)
    sent_at: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=91)
    delivered_at: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=92)
    read_at: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=93)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return host_key(cls, "contact", "contact_id", ondelete="CASCADE")

    @declared_attr
    @classmethod
    def auto_action_id(cls) -> Mapped[UUID | None]:
        return own_key(cls, "actions", "auto_action_id", ondelete="SET NULL")

    @declared_attr
    @classmethod
    def auto_action(cls) -> Mapped[ActionTable | None]:
        return relationship("Action", lazy="raise", passive_deletes="all")

    @declared_attr
    @classmethod
    def sent_by_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "sent_by_user_id")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (
            unique(cls, "provider_sid"),
            key_index(cls, "contact", "contact_id", "created_at", "id"),
            index(cls, "address", "address_key", "created_at", "id"),
            index(cls, "rank", "status_rank", "created_at", "id"),  # finds queued and unconfirmed messages among all
        )


class MessageCountTable(Table):
    """The number of messages in one window of a limit. ``scope`` is the digest of the limit and its user or contact."""

    __name_of_table__ = "message_counts"

    scope: Mapped[str] = mapped_column(sa.String(64))
    begins_at: Mapped[datetime] = mapped_column(sa.DateTime)
    ends_at: Mapped[datetime] = mapped_column(sa.DateTime)
    count: Mapped[int] = mapped_column(sa.Integer, default=0)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "window", "scope", "begins_at"), index(cls, "ends", "ends_at"))
