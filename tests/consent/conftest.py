"""A contact, and the history of what was said about messages to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import PUBLIC_URL
from tests.hosts.host import Caller, Host


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
def contact(host: Host) -> str:
    return host.contact(phone="+44 20 7946 0018")


def history(api: Caller, contact: str, **query: Any) -> dict[str, Any]:
    return dict(api.get(f"/contacts/{contact}/consent", **query))


def say(api: Caller, contact: str, opt_in: bool, status: int = 200, /, **more: Any) -> dict[str, Any]:
    answer = api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": opt_in, **more}, status)
    return dict(answer.get("profile", answer))
