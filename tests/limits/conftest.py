"""A host with limits, and a contact of it who has opted in."""

from __future__ import annotations

from typing import Any

from tests.hosts.host import Caller, Host

LONDON, NEW_YORK = "+44 20 7946 0018", "+1 202 555 0123"


def opted_in(host: Host, phone: str = LONDON) -> str:
    contact = host.contact(phone=phone)
    host.person().patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def send(api: Caller, contact: str, status: int = 201, /, **fields: Any) -> dict[str, Any]:
    """The message, or the problem."""
    answer = api.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello", **fields}, status)
    return dict(answer.get("message", answer))
