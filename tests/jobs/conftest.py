"""A host whose messages go to a fake Twilio, by today's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from flask_relationships.testing import FakeTwilio
from tests.hosts.host import Caller, Host


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def host(make_host: Callable[..., Host], twilio: FakeTwilio) -> Host:
    host = make_host(**twilio.config())
    twilio.connect(host.app)
    host.state.clock = lambda: datetime.now(UTC)  # the fake's dates are of today's clock
    return host


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact
