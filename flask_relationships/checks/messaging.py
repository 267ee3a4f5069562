"""What sends the messages: whether it can, on which channels, and whether anything would really leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from flask import current_app

from ..api.application import state
from ..domain.messages import senders
from ..errors import place_of
from ..providers.base import Channel, TransportDisabled, TransportNotConfigured
from ..providers.console import ConsoleTransport
from ..providers.memory import MemoryTransport
from .examination import Examination
from .findings import Finding, Kind

PAGE = "configuration.md#twilio"
TRANSPORTS = "messages.md#transports"

TRANSPORT = Kind("transport", "ok", "What sends the messages, and on which channels.", PAGE)
NOT_CONNECTED = Kind(
    "transport_not_connected",
    "warning",
    "Messages cannot be sent on any channel: credentials or senders are missing.",
    PAGE,
    "Set RELATIONSHIPS_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and a sender, or pass transport=.",
)
DISABLED = Kind(
    "transport_disabled",
    "warning",
    "Sending is switched off.",
    PAGE,
    "Set RELATIONSHIPS_TWILIO_ENABLED to True when messages may leave.",
)
NOT_SENDING = Kind(
    "transport_sends_nothing",
    "warning",
    "The transport is one for demonstrations or tests, and the application is neither in debug mode nor tested.",
    TRANSPORTS,
    "Leave transport= out to send through Twilio, or give your own.",
)
TRANSPORT_FAILS = Kind(
    "transport_fails",
    "error",
    "The transport raises where it is asked whether it could send.",
    TRANSPORTS,
    "connected is True or False; require_ready raises TransportNotConfigured or TransportDisabled.",
)


TENANTS_SHARE_SENDER = Kind(
    "tenants_share_sender",
    "warning",
    "Contacts have a tenant, and all tenants write from one sender: a reply belongs to the contact last written to, of "
    "whichever tenant, and messages of strangers are shown to nobody.",
    "webhooks.md#tenants-and-senders",
    "Give each tenant a number: senders={tenant: Sender(number=...)}, or @relationships.sender_callback.",
)


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    name, at_work = type(state.transport).__name__, current_app.debug or current_app.testing
    ready: list[str] = []
    refused: list[Exception] = []
    for channel in get_args(Channel):
        try:
            _require_ready(channel)
        except (TransportNotConfigured, TransportDisabled) as error:
            refused.append(error)
        except Exception as error:
            yield TRANSPORT_FAILS.found(f"{name}.require_ready raises {place_of(error)}.")
            return
        else:
            ready.append(channel)
    if not ready:
        # What a transport says may be the host's; ours is known to name no secret.
        detail = f": {refused[0]}" if type(state.transport).__module__.startswith(__package__.split(".")[0]) else "."
        kind = DISABLED if any(isinstance(error, TransportDisabled) for error in refused) else NOT_CONNECTED
        yield kind.found(f"{name} cannot send messages{detail}")
    elif isinstance(state.transport, (ConsoleTransport, MemoryTransport)) and not at_work:
        does = "prints messages" if isinstance(state.transport, ConsoleTransport) else "keeps messages"
        yield NOT_SENDING.found(f"{name} {does} and sends none, and the application is not in debug mode.")
    else:
        lacking = [channel for channel in get_args(Channel) if channel not in ready]
        without = f", not by {' or '.join(lacking)}" if lacking else ""
        yield TRANSPORT.found(f"Messages are sent through {name} by {', '.join(ready)}{without}.")
        yield from _shared_sender()


def _require_ready(channel: Channel) -> None:
    """Raise what the transport raises if neither its own sender nor that of any tenant can send on a channel."""
    refusals: list[Exception] = []
    for sender in (None, *state.senders.by_tenant.values()):
        try:
            senders.require_ready(state.transport, channel, sender)
        except (TransportNotConfigured, TransportDisabled) as error:
            refusals.append(error)
        else:
            return
    raise refusals[0]


def _shared_sender() -> Iterator[Finding]:
    named = state.senders.by_tenant or state.callbacks.sender is not None
    if state.hosts.contact.mapping.tenant is not None and not named:
        yield TENANTS_SHARE_SENDER.found("Contacts have a tenant, and all tenants write from one sender.")
