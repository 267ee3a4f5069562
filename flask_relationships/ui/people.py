"""Who may be given an action: the users that whoever is asking may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ..api.permissions import current_user
from ..db.statements import execute
from ..hosts.bound import Host

MOST = 500
"""Of more users than these a list is no choice: a page then gives its own ``people``."""


def people(session: Session, users: Host) -> list[dict[str, Any]]:
    """``{"id", "name"}`` of each, by name, as texts; none at all where there are more than `MOST`."""
    viewer = current_user().given
    keys = [row[0] for row in execute(session, users.mapper, users.keys(viewer).limit(MOST + 1))]
    if len(keys) > MOST:
        return []
    named = users.values(session, keys, ("name",), viewer)
    told = [{"id": str(key), "name": name or str(key)} for key, (name,) in named.items()]
    return sorted(told, key=lambda one: (one["name"].casefold(), one["id"]))
