"""The addresses that the provider calls back."""

from __future__ import annotations

from uuid import UUID

from ..state import state

STATUS = "/webhooks/twilio/status/"
INBOUND = "/webhooks/twilio/inbound"


def status_callback(message_id: UUID) -> str | None:
    """Where the provider reports what becomes of a message; None where the application has no public address."""
    public = state.settings.public_url
    return None if public is None else f"{public}{state.settings.url_prefix}{STATUS}{message_id}"
