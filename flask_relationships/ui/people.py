"""List the users to whom an action can be assigned: those whom the current user may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ..api.permissions import current_user
from ..db.statements import execute
from ..hosts.bound import Host

MAX_PEOPLE = 500
"""A list of more users is too long to choose from. A page then passes its own ``people``."""


def people(session: Session, users: Host) -> list[dict[str, Any]]:
    """Return ``{"id", "name"}`` of each user by name; an empty list for more than `MAX_PEOPLE` users."""
    viewer = current_user().given
    keys = [row[0] for row in execute(session, users.mapper, users.keys(viewer).limit(MAX_PEOPLE + 1))]
    if len(keys) > MAX_PEOPLE:
        return []
    named = users.values(session, keys, ("name",), viewer)
    found = [{"id": str(key), "name": name or str(key)} for key, (name,) in named.items()]
    return sorted(found, key=lambda person: (person["name"].casefold(), person["id"]))
