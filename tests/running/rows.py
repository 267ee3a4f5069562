"""Rows that a run finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_relationships.domain.contacts.addresses import address_key
from tests.hosts.host import Host


def waiting_message(host: Host, contact: str, body: str, **columns: Any) -> str:
    """A message that waits to be sent, or one in another state of the same age: an hour."""
    with host.app.app_context():
        written = host.state.now() - timedelta(hours=1)
    number = "+442079460018"
    values = {"direction": "outbound", "channel": "sms", "to_number": number, "created_at": written}
    values |= {"address_key": address_key(number)}
    contact_id = host.key(host.state.hosts.contact.model, contact)
    values |= {"status": "queued", "status_rank": -10, "body": body, "contact_id": contact_id, **columns}
    return host.add(host.models.Message(**values))
