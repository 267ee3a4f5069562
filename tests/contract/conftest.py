"""Fixtures of the contract suite."""

from __future__ import annotations

import pytest

from flask_relationships.testing.contract.specification import EVENT
from tests.hosts.host import Caller, Host


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    """A contact who has opted in."""
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


@pytest.fixture
def action(api: Caller, willing: str) -> str:
    """A pending auto-action of the `willing` contact."""
    event = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]
    return str(event["open_action_id"])
