from __future__ import annotations

from ..fields import Choice, Id, JSONInt, Received, Schema, Text, Timestamp

LONGEST_BODY = 1600
"""Twilio's limit, in characters."""

CHANNELS = ("sms", "whatsapp", "mms")


class NewMessage(Received):
    channel = Choice(CHANNELS, required=True)
    body = Text(LONGEST_BODY, blank=False, required=True, description="Message text")
    media_url = Text(2000, load_default=None, description="Media URL (MMS only, https)")
    auto_action_id = Id(load_default=None, description="A pending action of this contact, done once this is accepted")


class Message(Schema):
    id = Id(nullable=False)
    contact_id = Id()
    direction = Choice(("outbound", "inbound"), nullable=False)
    channel = Choice(CHANNELS, nullable=False)
    body = Text(nullable=False)
    media_url = Text(2000)
    from_number = Text(64)
    to_number = Text(64)
    status = Text(20, nullable=False)
    error_code = Text(64)
    error_message = Text()
    provider_sid = Text(64)
    num_segments = JSONInt(0, 1000, description="How many texts it is charged as; the provider's own count, once known")
    auto_action_id = Id()
    sent_by_user_id = Id()
    created_at = Timestamp(nullable=False)
    sent_at = Timestamp()
    delivered_at = Timestamp()
    read_at = Timestamp()
