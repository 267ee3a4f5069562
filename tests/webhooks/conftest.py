"""A host that Twilio can call, and a fake Twilio that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from flask_relationships.testing import FakeTwilio
from tests.hosts.host import PREFIX, Caller, Host

PUBLIC_URL = "https://crm.example.com"
INBOUND = f"{PUBLIC_URL}{PREFIX}/webhooks/twilio/inbound"
STATUS = f"{PUBLIC_URL}{PREFIX}/webhooks/twilio/status/"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def host(make_host: Callable[..., Host], twilio: FakeTwilio) -> Host:
    host = make_host(**twilio.config(PUBLIC_URL=PUBLIC_URL))
    twilio.connect(host.app)
    return host


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact
