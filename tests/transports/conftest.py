"""A transport with made-up credentials, a message, and two stand-ins for Twilio behind its real client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import responses

from flask_relationships.providers.base import OutboundMessage
from flask_relationships.providers.twilio.transport import TwilioTransport
from flask_relationships.testing import FakeTwilio

ACCOUNT = "AC" + "a1" * 16
SID = "SM" + "5e" * 16


@pytest.fixture(autouse=True)
def without_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own Twilio account and proxy stay out of these tests."""
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "REGION", "EDGE"):
        monkeypatch.delenv(f"TWILIO_{name}", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def make_transport() -> Callable[..., TwilioTransport]:
    def make(**given: Any) -> TwilioTransport:
        defaults = {"account_sid": ACCOUNT, "auth_token": "t0ken", "sms_from": "+15005550006"}
        return TwilioTransport(**(defaults | given))

    return make


@pytest.fixture
def make_message() -> Callable[..., OutboundMessage]:
    message = OutboundMessage(id="m-1", channel="sms", to="+447700900123", body="Happy birthday, Ada!")

    def make(**given: Any) -> OutboundMessage:
        return replace(message, **given)

    return make


@pytest.fixture
def message(make_message: Callable[..., OutboundMessage]) -> OutboundMessage:
    return make_message()


@pytest.fixture
def twilio() -> Iterator[TwilioDouble]:
    """Twilio's answers, written by the test; no socket is opened."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield TwilioDouble(mock)


class TwilioDouble:
    """`answer` adds one; they are given in order, and the last again and again."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    def answer(self, status: int = 201, json: Any = None, *, host: str = "api.twilio.com", **how: Any) -> None:
        if json is None and "body" not in how:
            json = {"sid": SID, "status": "queued", "from": "+15005550006"}
        url = f"https://{host}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        self.mock.add(responses.POST, url, status=status, json=json, **how)

    @property
    def calls(self) -> responses.CallList:
        return self.mock.calls


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    """A real server on this machine, for what only sockets show."""
    with FakeTwilio() as server:
        yield server
