from __future__ import annotations

from ..fields import Choice, CivilDate, Id, Schema, Text


class Item(Schema):
    id = Id(nullable=False)
    action_id = Id(nullable=False)
    title = Text(nullable=False)
    due_date = CivilDate()
    assigned_to_user_id = Id()
    status = Choice(("open", "done", "dismissed"), nullable=False)
