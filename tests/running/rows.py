"""Rows that a run finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.hosts.host import Host


def waiting_message(host: Host, contact: str, body: str, **columns: Any) -> str:
    """A message that waits to be sent, or one in another state of the same age: an hour."""
    with host.app.app_context():
        written = host.state.now() - timedelta(hours=1)
    values = {"direction": "outbound", "channel": "sms", "to_number": "+442079460018", "created_at": written}
    contact_id = host.key(host.state.hosts.contact.model, contact)
    values |= {"status": "queued", "status_rank": -10, "body": body, "contact_id": contact_id, **columns}
    return host.add(host.models.Message(**values))
