"""The transport of a host's own tests."""

from __future__ import annotations

import pytest

from flask_relationships.providers.base import (
    MessageTransport,
    OutboundMessage,
    TransportDisabled,
    TransportNotConfigured,
    TransportRefused,
    TransportUnclear,
)
from flask_relationships.providers.memory import MemoryTransport


def test_it_keeps_what_it_is_asked_to_send(message: OutboundMessage) -> None:
    memory = MemoryTransport()
    transport: MessageTransport = memory
    assert transport.connected
    receipts = [transport.send(message), transport.send(message)]
    assert memory.sent == [message, message]
    assert len({receipt.provider_sid for receipt in receipts}) == 2
    assert receipts[0].status == "queued"


def test_switches(message: OutboundMessage) -> None:
    transport = MemoryTransport(configured=False, disabled=True)
    for error in (TransportNotConfigured, TransportDisabled):
        assert not transport.connected
        with pytest.raises(error):
            transport.require_ready("sms")
        with pytest.raises(error):
            transport.send(message)
        transport.configured = True
    transport.disabled = False
    assert transport.connected
    transport.require_ready("sms")
    assert transport.sent == []


def test_one_failure_stays_until_it_is_taken_back(message: OutboundMessage) -> None:
    transport = MemoryTransport()
    transport.failure = TransportUnclear("Nobody knows.")
    for _ in range(2):
        with pytest.raises(TransportUnclear):
            transport.send(message)
    transport.failure = None
    transport.send(message)
    assert transport.sent == [message]


def test_a_list_of_failures_is_used_up(message: OutboundMessage) -> None:
    transport = MemoryTransport()
    transport.failure = [TransportUnclear("Nobody knows."), TransportRefused("No.")]
    for error in (TransportUnclear, TransportRefused):
        with pytest.raises(error):
            transport.send(message)
    transport.send(message)
    transport.send(message)
    assert transport.sent == [message, message]
