from __future__ import annotations

from ...api.fields import Id, OwnId, Revision, Schema, Timestamp


class CalendarFeed(Schema):
    """A calendar the caller subscribes to. Its address is told when it is made, and never again."""

    id = OwnId(nullable=False)
    revision = Revision()
    company_id = Id(description="Null: the caller's own dates")
    created_at = Timestamp(nullable=False, description="When its address was made, or exchanged")
    last_read_at = Timestamp(description="When a calendar program last asked, to the hour")
