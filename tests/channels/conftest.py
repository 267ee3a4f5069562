"""A host that sends through Twilio's real client to a fake Twilio, and gets its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flask_relationships.testing import FakeTwilio
from tests.hosts.host import PREFIX, Caller, Host

PUBLIC_URL = "https://crm.example.com"
INBOUND = f"{PUBLIC_URL}{PREFIX}/webhooks/twilio/inbound"
NUMBER = "+442079460018"

MakeSending = Callable[..., Host]


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def make_sending(make_host: Callable[..., Host], twilio: FakeTwilio) -> MakeSending:
    """The host with other configuration: ``make_sending(WHATSAPP_WINDOW="enforce")``."""

    def make(**config: Any) -> Host:
        host = make_host(**twilio.config(PUBLIC_URL=PUBLIC_URL, **config))
        twilio.connect(host.app)
        return host

    return make


@pytest.fixture
def host(make_sending: MakeSending) -> Host:
    return make_sending()


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    return opted_in(host, api)


def opted_in(host: Host, api: Caller) -> str:
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def send(api: Caller, contact: str, status: int = 201, /, **fields: Any) -> dict[str, Any]:
    """The message, or the problem."""
    answer = api.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello", **fields}, status)
    return dict(answer.get("message", answer))


def preview(api: Caller, contact: str, status: int = 200, /, **fields: Any) -> dict[str, Any]:
    answer = api.post(f"/contacts/{contact}/messages/preview", {"channel": "sms", "body": "Hello", **fields}, status)
    return dict(answer.get("preview", answer))


def blocked(api: Caller, contact: str) -> Any:
    return api.get(f"/contacts/{contact}/relationship")["profile"]["messaging_blocked"]
