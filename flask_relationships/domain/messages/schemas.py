from __future__ import annotations

import re
from typing import Any

from ...api.fields import (
    Choice,
    CivilDate,
    Field,
    Id,
    JSONInt,
    JSONNumber,
    OwnId,
    Part,
    Parts,
    Received,
    Revision,
    Schema,
    StrictBool,
    Text,
    Timestamp,
)
from .models import MAX_BODY_LENGTH

MAX_VARIABLES, MAX_NAME_CHARACTERS, MAX_VALUE_CHARACTERS = 100, 100, 1600

CHANNELS = ("sms", "whatsapp", "mms")


class ContentSid(Text):
    """The id of an approved template at Twilio."""

    empty_is_null = True

    words = {**Text.words, "invalid_content_sid": "This is not a template ID: HX and 32 hexadecimal digits."}
    _pattern = re.compile(r"HX[0-9a-fA-F]{32}", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self._pattern.fullmatch(text):
            raise self.make_error("invalid_content_sid")
        return text

    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self._pattern.pattern}$"}


class TextByName(Field):
    """A JSON object of text to text."""

    words = {
        "too_many": "At most {most} members are allowed.",
        "blank": "A name must not be empty.",
        "too_long": "A name may have at most {name} characters, a text at most {value}.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise self.make_error("invalid_type")
        if len(value) > MAX_VARIABLES:
            raise self.make_error("too_many", most=MAX_VARIABLES)
        if not all(name.strip() for name in value):
            raise self.make_error("blank")
        if any(len(name) > MAX_NAME_CHARACTERS or len(text) > MAX_VALUE_CHARACTERS for name, text in value.items()):
            raise self.make_error("too_long", name=MAX_NAME_CHARACTERS, value=MAX_VALUE_CHARACTERS)
        return value

    def openapi(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": {"type": "string", "maxLength": MAX_VALUE_CHARACTERS},
            "propertyNames": {"pattern": r"\S", "maxLength": MAX_NAME_CHARACTERS},
            "maxProperties": MAX_VARIABLES,
        }


class NewMessage(Received):
    channel = Choice(CHANNELS, required=True)
    body = Text(MAX_BODY_LENGTH, blank=False, required=True, description="Message text")
    media_url = Text(2000, load_default=None, description="Media URL (MMS only, https)")
    content_sid = ContentSid(load_default=None, description="An approved template, sent instead of the body (WhatsApp)")
    content_variables = TextByName(load_default=None, description="The template's variables, by name or number")
    auto_action_id = OwnId(load_default=None, description="A pending action of this contact, then done")


class SettledMessage(Received):
    status = Choice(("sent", "not_sent"), required=True, description="Whether the unconfirmed message was sent")
    provider_sid = Id(load_default=None, description="The candidate that it is, for the status sent")


class Media(Schema):
    content_type = Text(description="As the provider says, such as image/jpeg or text/vcard; may be empty")
    url = Text(nullable=False, description="At the provider, which requires your credentials")


class Candidate(Schema):
    provider_sid = Text(64)
    body = Text(description="The text as the provider shows it")
    status = Text(20, nullable=False)
    created_at = Timestamp(description="By the provider's clock")


class Location(Schema):
    latitude = JSONNumber(-90, 90, description="Degrees, north is positive")
    longitude = JSONNumber(-180, 180, description="Degrees, east is positive")
    label = Text(description="The name of the place")
    address = Text()


class Message(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    contact_id = Id()
    direction = Choice(("outbound", "inbound"), nullable=False)
    channel = Choice(CHANNELS, nullable=False)
    body = Text(nullable=False)
    media_url = Text(2000)
    media = Parts(Media, nullable=False, description="Files that came with an inbound message, contact cards included")
    location = Part(Location, description="The place of an inbound message, or null")
    payload = Text(description="The id of the button or list entry that the contact chose, or null")
    delivered_via = Text(20, description="rcs if the provider used RCS instead of the channel, else null")
    from_number = Text(64)
    to_number = Text(64)
    status = Text(20, nullable=False)
    candidates = Parts(
        Candidate,
        nullable=False,
        description="Messages at the provider that this may be, while it is unconfirmed",
    )
    error_code = Text(64)
    error_message = Text()
    provider_sid = Text(64)
    num_segments = JSONInt(0, 1000, description="Number of segments charged; the provider's own count once known")
    auto_action_id = OwnId()
    sent_by_user_id = Id()
    sent_by_name = Text(description="The name of the user who created it")
    content_sid = Text(64, description="The template it was made from")
    outside_whatsapp_window = StrictBool(
        description="Whether WhatsApp takes only templates now; null by other channels"
    )
    not_before = Timestamp(description="When it is sent, if it waits for the end of quiet hours")
    created_at = Timestamp(nullable=False)
    sent_at = Timestamp()
    delivered_at = Timestamp()
    read_at = Timestamp()


class CandidateContact(Schema):
    contact_id = Id(nullable=False)
    first_name = Text()
    last_name = Text()


class UnmatchedMessage(Message):
    candidate_contacts = Parts(
        CandidateContact, nullable=False, description="The contacts you may see who have this number"
    )


class Blocks(Schema):
    channel = Choice(CHANNELS, nullable=False)
    reason = Text(64, nullable=False, description="The problem code that sending would have")
    since = Timestamp()


class Preview(Schema):
    to_number = Text(64)
    segments = JSONInt(0, 1000, nullable=False, description="Number of segments that would be charged")
    encoding = Choice(("GSM-7", "UCS-2"), description="Null if it is not cut into segments")
    characters_left = JSONInt(0, MAX_BODY_LENGTH, nullable=False, description="In the last segment, or in all")
    outside_whatsapp_window = StrictBool(
        description="Whether WhatsApp takes only templates now; null by other channels"
    )
    blocked = Part(Blocks, description="Why sending would be refused, or null")
    not_before = Timestamp(description="When it would be sent, if it would wait for the end of quiet hours")
    occurrence_date = CivilDate(description="The day that the linked auto-action is for, such as the birthday")
    days_early = JSONInt(
        -4_000_000, 4_000_000, description="Days from today to that day: how early the message is; negative: how late"
    )
