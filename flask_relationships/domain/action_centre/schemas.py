from __future__ import annotations

from ...api.fields import Choice, CivilDate, Id, OwnId, Query, Revision, Schema, Text
from .models import STATUSES


class Item(Schema):
    id = OwnId(nullable=False)
    revision = Revision()
    action_id = OwnId(nullable=False)
    title = Text(nullable=False)
    due_date = CivilDate()
    assigned_to_user_id = Id()
    status = Choice(STATUSES, nullable=False)


class ItemFilter(Query):
    """The query of the list. ``due_before`` and ``due_after`` leave out the day itself."""

    status = Choice(STATUSES)
    assigned_to_user_id = Id()
    due_before = CivilDate(description="Due before this day, which is left out")
    due_after = CivilDate(description="Due after this day, which is left out")
