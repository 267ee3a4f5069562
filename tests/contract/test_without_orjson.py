"""Answers are the same whichever encoder writes them: orjson, where it is installed, or the standard library."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import pytest

from flask_relationships.api import strict_json
from flask_relationships.api import view as http
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.host import Caller, Host

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("sqlite", "postgresql", "mariadb")]


def encoder_without_orjson(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(sys.modules, "orjson", None)
    found = importlib.util.spec_from_file_location("flask_relationships.api.strict_json_alone", strict_json.__file__)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.encode


def test_every_list_and_summary(host: Host, api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("orjson")
    company = host.client()
    contact = host.contact("Zoë", company=company)
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True, "interests": ["Fußball", "“tea”"]})
    for body in (EVENT, {**EVENT, "recurs_annually": True, "event_date": "2000-02-29"}):
        api.post(f"/contacts/{contact}/life-events", {**body, "company_id": company})
    action = api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "due_date": "2031-01-31"})["action"]
    api.patch(f"/relationship-actions/{action['id']}", {"status": "done"})
    api.post(f"/contacts/{contact}/messages", MESSAGE)
    paths = [
        f"/contacts/{contact}/relationship",
        f"/contacts/{contact}/life-events",
        f"/contacts/{contact}/messages",
        f"/contacts/{contact}/consent",
        f"/relationship-actions/{action['id']}/history",
        f"/clients/{company}/relationship-summary",
        "/relationship-actions",
        "/action-centre",
    ]
    fast = [api.ask("GET", path).data for path in paths]
    encode = encoder_without_orjson(monkeypatch)
    assert encode is not strict_json.encode
    monkeypatch.setattr(http, "encode", encode)
    assert [api.ask("GET", path).data for path in paths] == fast
