from __future__ import annotations

from ...api.fields import Id, OwnId, Revision, Schema, Timestamp


class CalendarFeed(Schema):
    """A calendar feed of the current user. Its address is shown once, when it is created."""

    id = OwnId(nullable=False)
    revision = Revision()
    company_id = Id(description="Null: the caller's own dates")
    created_at = Timestamp(nullable=False, description="When its address was created or exchanged")
    last_read_at = Timestamp(description="When a calendar program last read it, to the hour")
