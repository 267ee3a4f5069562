"""Check whether the transport can send, on which channels, and whether messages leave the application."""

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
from .check_run import CheckRun
from .results import CheckResult, Kind

TWILIO_PAGE = "configuration.md#twilio"
TRANSPORTS_PAGE = "messages.md#transports"

TRANSPORT = Kind("transport", "ok", "The transport, and the channels it can send on.", TWILIO_PAGE)
NOT_CONNECTED = Kind(
    "transport_not_connected",
    "warning",
    "Messages cannot be sent on any channel: credentials or senders are missing.",
    TWILIO_PAGE,
    "Set RELATIONSHIPS_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and a sender, or pass transport=.",
)
DISABLED = Kind(
    "transport_disabled",
    "warning",
    "Sending is switched off.",
    TWILIO_PAGE,
    "Set RELATIONSHIPS_TWILIO_ENABLED to True to send messages.",
)
NOT_SENDING = Kind(
    "transport_sends_nothing",
    "warning",
    "The transport is for demonstrations or tests, but the application is not in debug mode or under test.",
    TRANSPORTS_PAGE,
    "Leave transport= out to send through Twilio, or pass your own transport.",
)
TRANSPORT_FAILS = Kind(
    "transport_fails",
    "error",
    "`require_ready` of the transport raises an unexpected exception.",
    TRANSPORTS_PAGE,
    "Return True or False from connected. Raise TransportNotConfigured or TransportDisabled in require_ready.",
)
TENANTS_SHARE_SENDER = Kind(
    "tenants_share_sender",
    "warning",
    "Contacts have a tenant, and all tenants send from one number. A reply is stored for the contact last written to, "
    "of any tenant, and unmatched messages are shown to no user.",
    "webhooks.md#tenants-and-senders",
    "Give each tenant a number: senders={tenant: Sender(number=...)}, or @relationships.sender_callback.",
)

TEST_TRANSPORTS = (ConsoleTransport, MemoryTransport)


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check the transport on every channel."""
    del run
    transport = type(state.transport)
    try:
        refusals = {channel: _refusal(channel) for channel in get_args(Channel)}
    except Exception as error:
        yield TRANSPORT_FAILS.result(f"{transport.__name__}.require_ready raises {place_of(error)}.")
        return
    unusable = [channel for channel, refusal in refusals.items() if refusal is not None]
    usable = [channel for channel in refusals if channel not in unusable]
    if not usable:
        yield _not_usable(transport, refusals)
    elif isinstance(state.transport, TEST_TRANSPORTS) and not (current_app.debug or current_app.testing):
        yield NOT_SENDING.result(f"{transport.__name__} sends no messages, and the application is not in debug mode.")
    else:
        without = f", not by {' or '.join(unusable)}" if unusable else ""
        yield TRANSPORT.result(f"Messages are sent through {transport.__name__} by {', '.join(usable)}{without}.")
        yield from _shared_sender()


def _refusal(channel: Channel) -> Exception | None:
    """Return why nothing can be sent on a channel; None if the transport's or any tenant's sender can."""
    refusals: list[Exception] = []
    for sender in (None, *state.senders.by_tenant.values()):
        try:
            senders.require_ready(state.transport, channel, sender)
        except (TransportNotConfigured, TransportDisabled) as error:
            refusals.append(error)
        else:
            return None
    return refusals[0]


def _not_usable(transport: type[object], refusals: dict[Channel, Exception | None]) -> CheckResult:
    # The text of a host's transport may contain secrets. Ours does not.
    is_ours = transport.__module__.startswith("flask_relationships.")
    detail = f": {next(iter(refusals.values()))}" if is_ours else "."
    is_disabled = any(isinstance(refusal, TransportDisabled) for refusal in refusals.values())
    kind = DISABLED if is_disabled else NOT_CONNECTED
    return kind.result(f"{transport.__name__} cannot send messages{detail}")


def _shared_sender() -> Iterator[CheckResult]:
    has_senders = state.senders.by_tenant or state.callbacks.sender is not None
    if state.hosts.contact.mapping.tenant is not None and not has_senders:
        yield TENANTS_SHARE_SENDER.result("Contacts have a tenant, and all tenants send from one number.")
