from __future__ import annotations

from typing import Any

from ..fields import Choice, CivilDate, Id, Name, Note, Received, Schema, Text, Timestamp

STATUSES = ("pending", "done", "dismissed")


class NewAction(Received):
    title = Text(Name, blank=False, required=True, description="Action title")
    action_type = Text(Name, blank=False, required=True, description="gift, whatsapp, call, linkedin, card ...")
    description = Text(Note, load_default=None)
    assigned_to_user_id = Id(description="Assigned user (default: current user; null: nobody)")
    due_date = CivilDate(load_default=None)
    message_body = Text(Note, load_default=None, description="Pre-drafted message body")
    company_id = Id(load_default=None)


class ActionChange(Received):
    status = Choice(("done", "dismissed"), required=True, description="New status")


class ActionFilter(Received):
    """The query of a list of actions. ``due_before`` and ``due_after`` leave out the day itself."""

    status = Choice(STATUSES)
    action_type = Text(Name)
    assigned_to_user_id = Id()
    contact_id = Id()
    due_before = CivilDate(description="Due before this day, which is left out")
    due_after = CivilDate(description="Due after this day, which is left out")
    sort = Choice(("due_date", "-created_at"), description="soonest due first, or newest first")


class Action(Schema):
    id = Id(nullable=False)
    contact_id = Id(nullable=False)
    company_id = Id()
    title = Text(nullable=False)
    action_type = Text(nullable=False)
    description = Text(Note)
    message_body = Text(Note)
    due_date = CivilDate()
    status = Choice(STATUSES, nullable=False)
    source = Choice(("manual", "auto"), nullable=False)
    life_event_id = Id()
    occurrence_date = CivilDate()
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


JOINED: dict[str, Any] = {
    "contact": {"first_name": "first_name", "last_name": "last_name", "contact_email": "email"},
    "company": {"company_name": "name"},
    "user": {"assigned_to_name": "name"},
}
"""The five members of an action that come from the host's rows, and the mapping fields they show."""
