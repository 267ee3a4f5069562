from __future__ import annotations

from ...api.fields import Id, OwnId, Schema, Text, Timestamp
from ...db.base import MAX_NAME_LENGTH


class ConsentEntry(Schema):
    """An entry of the consent ledger."""

    id = OwnId(nullable=False)
    event = Text(20, nullable=False, description="opt_in, opt_out, stop, start or refused")
    source = Text(
        MAX_NAME_LENGTH, nullable=False, description="staff or a user's words, number_changed, recipient or provider"
    )
    number = Text(64)
    channel = Text(20)
    evidence = Text()
    actor_user_id = Id()
    created_at = Timestamp(nullable=False)


class Suppression(Schema):
    number = Text(64, nullable=False)
    channel = Text(20)
    reason = Text(20, nullable=False, description="stop, or refused by the provider")
    created_at = Timestamp(nullable=False)
    lifted_at = Timestamp(description="Null while it is in force")
