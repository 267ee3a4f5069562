"""A statement that is built for one request is forgotten with it."""

from __future__ import annotations

import gc

import pytest

from flask_relationships.db.statements import _core
from tests.hosts.host import Caller, Host

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("sqlite")]


def test_statements_of_requests_are_not_kept(host: Host, api: Caller, contact: str) -> None:
    new = {"title": "Call", "action_type": "call"}
    action = api.post(f"/contacts/{contact}/relationship-actions", new)["action"]["id"]
    path = f"/contacts/{contact}/relationship-actions/{action}"

    def kept(requests: int) -> int:
        for number in range(requests):
            api.patch(path, {"title": f"Call {number}"})
            api.get("/relationship-actions", contact_id=contact)
        gc.collect()
        return len(_core)

    assert kept(3) == kept(20)
