"""Build the addresses that the provider calls."""

from __future__ import annotations

from uuid import UUID

from ...context import Context

STATUS_PATH = "/webhooks/twilio/status/"
INBOUND_PATH = "/webhooks/twilio/inbound"

RETRY_OPTIONS = "#rc=3&rp=5xx,ct,rt"
"""Twilio's connection overrides: retry three times after a 5xx answer, or a timeout of the connection or the answer.

By default Twilio retries once, and only if the connection failed. The fragment is not part of the signed URL.
"""


def status_callback(ctx: Context, message_id: UUID) -> str | None:
    """Return the address for delivery reports of a message; None if ``RELATIONSHIPS_PUBLIC_URL`` is not set."""
    public = ctx.settings.public_url
    return None if public is None else f"{public}{ctx.settings.url_prefix}{STATUS_PATH}{message_id}{RETRY_OPTIONS}"
