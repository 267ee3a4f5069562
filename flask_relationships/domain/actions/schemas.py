from __future__ import annotations

from ...api.fields import (
    Choice,
    CivilDate,
    Id,
    JSONInt,
    OwnId,
    Part,
    Parts,
    Query,
    Received,
    Revision,
    Schema,
    Text,
    TextList,
    Timestamp,
    Title,
)
from ...db.base import MAX_NAME_LENGTH, MAX_NOTE_LENGTH
from ...db.pagination import LARGEST_PAGE

STATUSES = ("pending", "done", "dismissed")

SOURCES = ("manual", "auto")

MAX_SNOOZE_DAYS = 3660

MAX_CLOSED_ACTIONS = LARGEST_PAGE
"""Actions that one request closes: as many as a page has."""


class NewAction(Received):
    title = Title(required=True, description="Action title")
    action_type = Text(
        MAX_NAME_LENGTH, blank=False, required=True, description="gift, whatsapp, call, linkedin, card ..."
    )
    description = Text(MAX_NOTE_LENGTH, load_default=None)
    assigned_to_user_id = Id(description="Assigned user (default: current user; null: unassigned)")
    due_date = CivilDate(load_default=None)
    message_body = Text(MAX_NOTE_LENGTH, load_default=None, description="Pre-drafted message body")
    company_id = Id(load_default=None)


class ActionChange(Received):
    status = Choice(("done", "dismissed"), required=True, description="New status")


class ActionEdit(Received):
    title = Title(nullable=False)
    action_type = Text(MAX_NAME_LENGTH, blank=False, nullable=False)
    description = Text(MAX_NOTE_LENGTH)
    assigned_to_user_id = Id(description="Assigned user; null: unassigned")
    due_date = CivilDate()
    message_body = Text(MAX_NOTE_LENGTH)
    company_id = Id()


class Snooze(Received):
    """The day until which an action is snoozed: one of the two. Null and an empty text count as missing."""

    rules = {
        "oneOf": [
            {"required": ["until"], "properties": {"until": {"type": "string"}, "days": {"type": "null"}}},
            {"required": ["days"], "properties": {"days": {"type": "integer"}, "until": {"type": "null"}}},
        ]
    }

    until = CivilDate(description="A day after today")
    days = JSONInt(1, MAX_SNOOZE_DAYS, description="Number of days after today")


class ManyActionsChange(Received):
    ids = TextList(most=MAX_CLOSED_ACTIONS, nullable=False, required=True, description="The actions")
    status = Choice(("done", "dismissed"), required=True, description="New status of all of them")


class ActionFilter(Query):
    """The query of a list of actions. ``due_before`` and ``due_after`` leave out the day itself."""

    status = Choice(STATUSES)
    action_type = Text(MAX_NAME_LENGTH)
    source = Choice(SOURCES)
    life_event_id = Id()
    assigned_to_user_id = Id()
    assignee = Choice(("me", "nobody"), description="me: assigned to the current user; nobody: unassigned")
    contact_id = Id()
    due_before = CivilDate(description="Due before this day, which is left out")
    due_after = CivilDate(description="Due after this day, which is left out")
    due = Choice(("none",), description="none: actions without a due date")
    sort = Choice(("due_date", "-created_at"), description="soonest due first, or newest first")


class Action(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    contact_id = Id(nullable=False)
    company_id = Id()
    title = Text(nullable=False)
    action_type = Text(nullable=False)
    description = Text(MAX_NOTE_LENGTH)
    message_body = Text(MAX_NOTE_LENGTH)
    due_date = CivilDate()
    status = Choice(STATUSES, nullable=False)
    source = Choice(SOURCES, nullable=False)
    life_event_id = OwnId()
    occurrence_date = CivilDate(description="The day that an auto-action is for, such as the birthday itself")
    assigned_to_user_id = Id()
    created_by_user_id = Id()
    completed_by_user_id = Id()
    completed_at = Timestamp()
    created_at = Timestamp(nullable=False)
    updated_at = Timestamp(nullable=False)
    first_name = Text()
    last_name = Text()
    contact_email = Text()
    company_name = Text()
    assigned_to_name = Text()


class ClosedAction(Schema):
    """The outcome for one of many actions."""

    id = Id(nullable=False, description="As it was sent")
    outcome = Choice(("closed", "unchanged", "not_found", "forbidden"), nullable=False)
    action = Part(Action, description="Null where it is not found or forbidden")


class ActionFieldChange(Schema):
    field = Text(nullable=False)
    before = Text(MAX_NOTE_LENGTH)
    after = Text(MAX_NOTE_LENGTH)


class HistoryEntry(Schema):
    id = OwnId(nullable=False)
    kind = Choice(
        ("created", "edited", "reassigned", "snoozed", "moved", "done", "dismissed", "reopened"), nullable=False
    )
    at = Timestamp(nullable=False)
    by = Choice(
        ("user", "message", "plugin", "task"),
        nullable=False,
        description="A user, a message that was sent, the plugin itself, or a task of the application",
    )
    user_id = Id()
    user_name = Text()
    changes = Parts(ActionFieldChange, nullable=False)
