"""Store messages instead of sending them, for tests."""

from __future__ import annotations

from uuid import uuid4

from .base import Channel, OutboundMessage, Receipt, TransportDisabled, TransportNotConfigured


def made_up_receipt(message: OutboundMessage, from_number: str) -> Receipt:
    """Return a receipt as Twilio would answer it. No account has its SID."""
    if message.sender is not None:
        from_number = message.sender.address_for(message.channel)[0] or from_number
    kind = "MM" if message.channel == "mms" else "SM"
    return Receipt(provider_sid=kind + uuid4().hex, status="queued", from_number=from_number)


class MemoryTransport:
    """Send nothing. Every attribute may be changed at any time.

    ``sent``: the accepted messages, the oldest first. ``configured`` and ``disabled``: switches for
    `TransportNotConfigured` and `TransportDisabled`. ``failure``: an exception that every `send` raises, or a list with
    one for each of the next sends. None and an empty list are success.
    """

    def __init__(self, *, configured: bool = True, disabled: bool = False, from_number: str = "+12025550100") -> None:
        self.configured, self.disabled, self.from_number = configured, disabled, from_number
        self.sent: list[OutboundMessage] = []
        self.failure: Exception | list[Exception] | None = None

    @property
    def connected(self) -> bool:
        return self.configured and not self.disabled

    def require_ready(self, channel: Channel) -> None:
        if not self.configured:
            raise TransportNotConfigured("The attribute configured of this transport is False.")
        if self.disabled:
            raise TransportDisabled("The attribute disabled of this transport is True.")

    def send(self, message: OutboundMessage) -> Receipt:
        self.require_ready(message.channel)
        failure = self.failure
        if isinstance(failure, list):
            failure = failure.pop(0) if failure else None
        if failure is not None:
            raise failure
        self.sent.append(message)
        return made_up_receipt(message, self.from_number)
