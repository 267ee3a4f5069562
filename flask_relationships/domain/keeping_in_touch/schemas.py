from __future__ import annotations

from ...api.fields import CivilDate, Id, JSONInt, OwnId, Part, Schema, Text, Timestamp


class LastContact(Schema):
    """The last contact: a message that was delivered or received, or an action that a user did."""

    at = Timestamp(nullable=False)
    by = Id(description="The user who wrote or did it; null where the contact wrote")
    channel = Text(nullable=False, description="The message's channel, or the action's type")


class Neglected(Schema):
    """A contact whose last contact is longer ago than its cadence."""

    id = Id(nullable=False, description="The contact's id")
    first_name = Text()
    last_name = Text()
    email = Text()
    company_name = Text()
    cadence_days = JSONInt(1, 3660, nullable=False)
    in_touch_due = CivilDate(nullable=False)
    days_overdue = JSONInt(0, 4_000_000, nullable=False)
    last_contact = Part(LastContact)
    assigned_to_user_id = Id(description="The contact's owner, else the user who set the cadence")
    assigned_to_name = Text()
    open_action_id = OwnId(description="The open reminder")
