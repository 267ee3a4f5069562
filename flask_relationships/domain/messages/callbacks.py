"""The addresses that the provider calls back."""

from __future__ import annotations

from uuid import UUID

from ...context import Context

STATUS = "/webhooks/twilio/status/"
RETRIES = "#rc=3&rp=5xx,ct,rt"
"""Twilio's connection overrides: three retries after a 5xx answer, or a timeout of the connection or the answer.

By default Twilio retries once, and only where the connection failed. The fragment is not part of the signed URL.
"""

INBOUND = "/webhooks/twilio/inbound"


def status_callback(ctx: Context, message_id: UUID) -> str | None:
    """Where the provider reports what becomes of a message; None where the application has no public address."""
    public = ctx.settings.public_url
    return None if public is None else f"{public}{ctx.settings.url_prefix}{STATUS}{message_id}{RETRIES}"
