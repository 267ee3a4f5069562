from __future__ import annotations

from typing import Any

import marshmallow as ma

from ...api.fields import (
    Birthday,
    Choice,
    CivilDate,
    Email,
    Id,
    JSONInt,
    Message,
    NameText,
    OwnId,
    Part,
    PhoneText,
    Received,
    Revision,
    Schema,
    StrictBool,
    Text,
    TextList,
    Timestamp,
)
from ...db.base import MAX_NAME_LENGTH, MAX_NOTE_LENGTH
from ..keeping_in_touch.cadence import MAX_CADENCE_DAYS
from ..keeping_in_touch.schemas import LastContact

YEARS = (1, 9999)

MAX_EVIDENCE_CHARACTERS = 2000


class ProfileChange(Received):
    """All members are optional; null clears."""

    rules = {"dependentRequired": {name: ["twilio_opt_in"] for name in ("opt_in_source", "opt_in_evidence")}}

    communication_preference = Text(MAX_NAME_LENGTH, description="Preferred communication channel")
    communication_notes = Text(MAX_NOTE_LENGTH, description="Notes about communication")
    personal_notes = Text(MAX_NOTE_LENGTH, description="Personal notes")
    birthday = Birthday(description="Birthday (MM-DD or full date)")
    birthday_year = JSONInt(0, YEARS[1], description="Birth year; 0 and 1604 mean none")
    home_address = Text(MAX_NOTE_LENGTH, description="Home address")
    interests = TextList(description="Interests")
    dietary_requirements = Text(MAX_NOTE_LENGTH, description="Dietary requirements")
    preferred_name = NameText(MAX_NAME_LENGTH, description="Preferred name")
    assistant_name = NameText(MAX_NAME_LENGTH, description="Assistant's name")
    assistant_email = Email(MAX_NAME_LENGTH, description="Assistant's email")
    phone_number = PhoneText(MAX_NAME_LENGTH, description="Phone number")
    whatsapp_number = PhoneText(MAX_NAME_LENGTH, description="WhatsApp number")
    twilio_opt_in = StrictBool(nullable=False, description="Opted in to Twilio messaging")
    cadence_days = JSONInt(1, MAX_CADENCE_DAYS, description="How often to be in touch, in days")
    opt_in_source = Text(
        MAX_NAME_LENGTH, blank=False, description="How they said so, beside twilio_opt_in: a form, a call"
    )
    opt_in_evidence = Text(MAX_EVIDENCE_CHARACTERS, blank=False, description="What shows it, beside twilio_opt_in")

    @ma.validates_schema
    def _of_an_opt_in(self, values: dict[str, Any], **_: Any) -> None:
        words = Message("Send this only together with twilio_opt_in.", "without_opt_in")
        alone = [name for name in ("opt_in_source", "opt_in_evidence") if values.get(name) is not None]
        if alone and "twilio_opt_in" not in values:
            raise ma.ValidationError({name: [words] for name in alone})

    @ma.validates_schema
    def _one_year(self, values: dict[str, Any], **_: Any) -> None:
        """Check that a full birthday and a birth year agree."""
        full, year = values.get("birthday"), values.get("birthday_year")
        if full and full[0] is not None and year is not None and full[0] != year:
            words = Message("The year differs from the year of the birthday.", "birthday_year_differs")
            raise ma.ValidationError({"birthday_year": [words]})


class Blocked(Schema):
    channel = Choice(("all", "sms", "whatsapp"), nullable=False)
    reason = Choice(("not_opted_in", "no_phone_number", "opted_out_by_recipient", "number_unreachable"), nullable=False)
    since = Timestamp()


class NumberProblem(Schema):
    code = Text(64, nullable=False, description="Such as no_country_code, too_short or several_numbers")
    detail = Text(nullable=False)


class Profile(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    contact_id = Id(nullable=False)
    communication_preference = Text(MAX_NAME_LENGTH)
    communication_notes = Text(MAX_NOTE_LENGTH)
    personal_notes = Text(MAX_NOTE_LENGTH)
    birthday = Birthday()
    birthday_year = JSONInt(*YEARS)
    birthday_source = Choice(
        ("crm", "edited"), description="crm while it follows the contact's birthday, edited once it was changed here"
    )
    home_address = Text(MAX_NOTE_LENGTH)
    interests = TextList(nullable=False)
    dietary_requirements = Text(MAX_NOTE_LENGTH)
    preferred_name = Text(MAX_NAME_LENGTH)
    assistant_name = Text(MAX_NAME_LENGTH)
    assistant_email = Text(MAX_NAME_LENGTH)
    phone_number = Text(MAX_NAME_LENGTH, description="As it was sent")
    phone_number_source = Choice(
        ("crm", "edited"), description="crm while it follows the contact's phone, edited once it was changed here"
    )
    whatsapp_number = Text(MAX_NAME_LENGTH, description="As it was sent")
    phone_e164 = Text(20, description="The number for messages; null where the text is no number")
    whatsapp_e164 = Text(20)
    phone_number_problem = Part(NumberProblem, description="Why phone_e164 is null although there is a phone_number")
    whatsapp_number_problem = Part(NumberProblem, description="Why whatsapp_e164 is null")
    twilio_opt_in = StrictBool(nullable=False)
    messaging_blocked = Part(Blocked, description="Why messages are blocked; null if they are not")
    cadence_days = JSONInt(1, MAX_CADENCE_DAYS, description="How often to be in touch, in days")
    in_touch_due = CivilDate(description="When to be in touch again; null without a cadence")
    last_contact = Part(LastContact, description="The last message that arrived or came in, or action that was done")
    created_at = Timestamp(nullable=False)
    updated_at = Timestamp(nullable=False)
