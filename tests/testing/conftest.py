"""A fake Twilio, and Twilio's real client that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from flask_relationships.testing import FakeTwilio

TO = "+447700900123"
CALLBACK = "https://crm.example.com/twilio/status/7?team=a%2Fb"

Client = Any
"""``twilio.rest.Client``, which has no types."""


@pytest.fixture(autouse=True)
def with_a_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is meant for the fake may go there: nobody listens on this port."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    with FakeTwilio() as server:
        yield server


@pytest.fixture
def client(fake: FakeTwilio) -> Client:
    return client_of(fake)


def client_of(fake: FakeTwilio, **options: Any) -> Client:
    """The client inside the transport: what it reads is more than a receipt."""
    return fake.transport(**options)._client()


def create(client: Client, **form: Any) -> Any:
    return client.messages.create(**({"to": TO, "from_": FakeTwilio.sms_from, "body": "Hello, Ada"} | form))


def ask(method: str, fake: FakeTwilio, path: str, login: bool = True, **options: Any) -> requests.Response:
    """A request without the client. ``path`` is that behind the account's, or a whole one."""
    if not path.startswith("/2010"):
        path = f"/2010-04-01/Accounts/{fake.account_sid}{path}"
    auth = (fake.account_sid, fake.auth_token) if login else None
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, fake.url + path, auth=auth, timeout=5, **options)
