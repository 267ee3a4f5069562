"""Senders of tenants, and who may see messages that belong to no contact, as the page of webhooks shows them."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_relationships import Relationships, Sender

# start: senders
SENDERS = {
    "north": Sender(number="+442071838750", whatsapp="+442071838750"),
    "south": Sender(number="+442071838751", pool=("+442071838752", "+442071838753")),
}
# end: senders


def decorate(relationships: Relationships) -> None:
    # start: callback
    @relationships.sender_callback
    def sender_of(contact: Any) -> Sender | None:
        return SENDERS.get(contact.region)

    # end: callback

    # start: unmatched
    @relationships.unmatched_callback
    def unmatched(messages: sa.Select[Any], user: Any) -> sa.Select[Any]:
        return messages.where(relationships.models.Message.to_number == user.number)

    # end: unmatched
