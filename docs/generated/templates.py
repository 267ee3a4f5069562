"""The table of what auto-actions say."""

from __future__ import annotations

from docs.generated.markdown import table
from flask_relationships.life_events.templates import ANY_OTHER, TEMPLATES


def templates() -> str:
    """The type, title and drafted message of the auto-action, by the type of the event."""
    rows = [
        (f"`{event_type}`", f"`{template.action_type}`", template.title, template.message or "")
        for event_type, template in TEMPLATES.items()
    ]
    other = ("any other", f"`{ANY_OTHER.action_type}`", ANY_OTHER.title, ANY_OTHER.message or "")
    return table(("Type of the event", "Type of the action", "Title", "Drafted message"), [*rows, other])
