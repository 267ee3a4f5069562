from __future__ import annotations

from ...api.fields import CivilDate, Id, JSONInt, OwnId, Part, Schema, StrictBool, Text
from ...db.base import MAX_NAME_LENGTH, MAX_NOTE_LENGTH
from ..keeping_in_touch.schemas import LastContact
from ..life_events.schemas import LifeEvent


class NextEvent(Schema):
    id = OwnId(nullable=False)
    event_type = Text(nullable=False)
    title = Text(nullable=False)
    next_occurrence = CivilDate(nullable=False)
    days_until = JSONInt(0, 4_000_000, nullable=False)


class SummaryContact(Schema):
    """A contact of the company, flat; the profile's members are null where there is none yet."""

    id = Id(nullable=False)
    first_name = Text()
    last_name = Text()
    email = Text()
    communication_preference = Text(MAX_NAME_LENGTH)
    communication_notes = Text(MAX_NOTE_LENGTH)
    preferred_name = Text(MAX_NAME_LENGTH)
    twilio_opt_in = StrictBool()
    next_event = Part(NextEvent)
    last_contact = Part(LastContact)


class SummaryEvent(LifeEvent):
    first_name = Text()
    last_name = Text()
