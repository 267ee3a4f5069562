"""Applications whose one user is told by a callback, or by the application's log-in, as a test needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.hosts.made import KEYS, Made, Models

ACTIONS = "/relationship-actions"

Make = Callable[..., Made]

MODELS = {kind: Models(KEYS[kind]) for kind in ("int", "uuid", "string")}


def creator(made: Made, **options: Any) -> str | None:
    """The id of the user that an action is said to be created by, or None where nobody is asking."""
    contact = made.add(made.models.Contact, **({"id": 1} if made.models is MODELS["int"] else {}))
    body = {"title": "Call", "action_type": "call"}
    answer = made.caller().ask("POST", f"/contacts/{contact}{ACTIONS}", body, **options)
    if answer.status_code == 401:
        assert answer.get_json()["code"] == "not_authenticated"
        return None
    assert answer.status_code == 201, answer.get_data(as_text=True)
    by: str = answer.get_json()["action"]["created_by_user_id"]
    return by
