"""The table of the templates of auto-actions."""

from __future__ import annotations

from docs.generated.markdown import table
from flask_relationships.domain.life_events.templates import ANY_OTHER, TEMPLATES, Wording


def templates() -> str:
    """The type, title and drafted message of the auto-action, by the type of the event."""
    named = {**{f"`{event_type}`": template for event_type, template in TEMPLATES.items()}, "any other": ANY_OTHER}
    rows = [
        (event_type, f"`{template.action_type}`", _wording(template.title), _wording(template.message))
        for event_type, template in named.items()
    ]
    return table(("Type of the event", "Type of the action", "Title", "Drafted message"), rows)


def _wording(wording: Wording) -> str:
    """The first of several texts; the others are for contacts with fewer known values."""
    return wording if isinstance(wording, str) else next(iter(wording), "")
