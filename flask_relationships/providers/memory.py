"""A transport for tests: it keeps what it was asked to send, and fails when told to."""

from __future__ import annotations

from uuid import uuid4

from .base import Channel, OutboundMessage, Receipt, TransportDisabled, TransportNotConfigured


def made_up_receipt(message: OutboundMessage, from_number: str) -> Receipt:
    """What Twilio would have answered: a SID of the right form, which no account has."""
    if message.sender is not None:
        from_number = message.sender.address_for(message.channel)[0] or from_number
    kind = "MM" if message.channel == "mms" else "SM"
    return Receipt(provider_sid=kind + uuid4().hex, status="queued", from_number=from_number)


class MemoryTransport:
    """Sends nothing. Every attribute may be changed at any time.

    ``sent``: the messages accepted, oldest first. ``configured`` and ``disabled``: switches for
    `TransportNotConfigured` and `TransportDisabled`. ``failure``: an exception that every `send` raises from
    now on, or a list of them, one for each of the next sends; None, or a list used up, is success.
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
            raise TransportNotConfigured("This transport was told to be not configured.")
        if self.disabled:
            raise TransportDisabled("This transport was told to be disabled.")

    def send(self, message: OutboundMessage) -> Receipt:
        self.require_ready(message.channel)
        failure = self.failure
        if isinstance(failure, list):
            failure = failure.pop(0) if failure else None
        if failure is not None:
            raise failure
        self.sent.append(message)
        return made_up_receipt(message, self.from_number)
