from __future__ import annotations

from ...api.fields import (
    CivilDate,
    DayList,
    Id,
    JSONInt,
    NameText,
    OwnId,
    Received,
    Revision,
    Schema,
    StrictBool,
    Text,
    Timestamp,
    Title,
)
from ...db.base import MAX_NAME_LENGTH, MAX_NOTE_LENGTH
from .reminders import MAX_LEAD_DAYS


class NewLifeEvent(Received):
    event_type = Text(
        MAX_NAME_LENGTH, blank=False, required=True, description="Event type (e.g. birthday, anniversary)"
    )
    title = Title(required=True, description="Event title")
    event_date = CivilDate(load_default=None, description="Event date (ISO)")
    recurs_annually = StrictBool(nullable=False, load_default=False, description="Every year (default: false)")
    description = Text(MAX_NOTE_LENGTH, load_default=None)
    about = NameText(
        MAX_NAME_LENGTH,
        load_default=None,
        description="Name of the person the event is about, if it is not the contact",
    )
    auto_action_enabled = StrictBool(
        nullable=False, load_default=True, description="Create auto-actions (default: true)"
    )
    auto_action_days_before = JSONInt(0, MAX_LEAD_DAYS, load_default=None, description="Days before the event")
    further_reminders = DayList(load_default=None, description="Days before the event of further auto-actions")
    company_id = Id(load_default=None, description="Associated company ID")


class LifeEventChange(Received):
    event_type = Text(MAX_NAME_LENGTH, blank=False, nullable=False)
    title = Title(nullable=False)
    event_date = CivilDate()
    recurs_annually = StrictBool(nullable=False)
    description = Text(MAX_NOTE_LENGTH)
    about = NameText(MAX_NAME_LENGTH, description="Name of the person the event is about, if it is not the contact")
    auto_action_enabled = StrictBool(nullable=False)
    auto_action_days_before = JSONInt(0, MAX_LEAD_DAYS)
    further_reminders = DayList()


class LifeEvent(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    contact_id = Id(nullable=False)
    company_id = Id()
    event_type = Text(nullable=False)
    title = Text(nullable=False)
    event_date = CivilDate()
    recurs_annually = StrictBool(nullable=False)
    description = Text(MAX_NOTE_LENGTH)
    about = Text(MAX_NAME_LENGTH, description="Name of the person the event is about; null: the contact")
    auto_action_enabled = StrictBool(nullable=False)
    auto_action_days_before = JSONInt(0, MAX_LEAD_DAYS, nullable=False)
    further_reminders = DayList(nullable=False)
    created_by_user_id = Id()
    created_at = Timestamp(nullable=False)
    updated_at = Timestamp(nullable=False)
    next_occurrence = CivilDate()
    days_until = JSONInt(0, 4_000_000, description="Days from today to the next occurrence")
    open_action_id = OwnId(description="The auto-action that is still pending")
