"""A request that closes an action on the way asks the permission callback for it. If refused, nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host

EVENT = {"event_type": "anniversary", "title": "Wedding", "event_date": "2031-05-15"}


@pytest.fixture
def refused(host: Host, api: Caller, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The ids of the actions that the permission callback refuses."""
    api.get("/openapi.json")  # the first request settles the callbacks
    callbacks, ids = host.app.extensions["relationships"].callbacks, list[Any]()
    allowed = callbacks.permission

    def strict(user: Any, permission: str, target: Any) -> bool:
        return str(getattr(target, "id", None)) not in ids and bool(allowed(user, permission, target))

    monkeypatch.setattr(callbacks, "permission", strict)
    return ids


def everything(host: Host) -> list[list[str]]:
    """Every row that such a request could change."""
    tables = ("Action", "ActionChange", "LifeEvent", "Message", "ActionCentreItem", "Profile")
    return [sorted(map(str, host.rows(table))) for table in tables]


def opted_in(api: Caller, contact: str) -> None:
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})


@pytest.mark.parametrize("path", ["messages", "messages/preview"])
def test_sending_with_an_action_that_is_refused(
    host: Host, api: Caller, contact: str, refused: list[Any], path: str
) -> None:
    opted_in(api, contact)
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    refused.append(action)
    before = everything(host)
    body = {"channel": "sms", "body": "Hello", "auto_action_id": action}
    assert api.post(f"/contacts/{contact}/{path}", body, 403)["code"] == "forbidden"
    assert everything(host) == before
    refused.clear()
    api.post(f"/contacts/{contact}/{path}", body, 201 if path == "messages" else 200)


CLOSING = [{"auto_action_enabled": False}, {"event_date": None, "auto_action_enabled": False}]


@pytest.mark.parametrize("change", CLOSING, ids=["switched off", "and undated"])
def test_editing_an_event_whose_open_action_is_refused(
    host: Host, api: Caller, contact: str, refused: list[Any], change: dict[str, Any]
) -> None:
    event = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]
    refused.append(event["open_action_id"])
    before = everything(host)
    path = f"/contacts/{contact}/life-events/{event['id']}"
    assert api.patch(path, change, 403)["code"] == "forbidden"
    assert everything(host) == before
    refused.clear()
    assert api.patch(path, change)["event"]["open_action_id"] is None


def test_deleting_an_event_whose_open_action_is_refused(
    host: Host, api: Caller, contact: str, refused: list[Any]
) -> None:
    event = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]
    refused.append(event["open_action_id"])
    before = everything(host)
    path = f"/contacts/{contact}/life-events/{event['id']}"
    assert api.delete(path, 403)["code"] == "forbidden"
    assert everything(host) == before
    refused.clear()
    api.delete(path)


def test_a_birthday_whose_open_action_is_refused_stays(
    make_host: Any, refused: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile's birthday keeps a linked event; taking it away would dismiss that event's action."""
    host = make_host()
    monkeypatch.setattr(
        host.app.extensions["relationships"],
        "settings",
        host.app.extensions["relationships"].settings._replace(birthday_events=True),
    )
    api, contact = host.person("manage", level="executive"), host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"birthday": "05-15"})
    refused.append(api.get(f"/contacts/{contact}/life-events")["events"][0]["open_action_id"])
    before = everything(host)
    api.patch(f"/contacts/{contact}/relationship", {"birthday": None}, 403)
    assert everything(host) == before


def test_an_action_that_is_done_already_is_not_asked_for(
    host: Host, api: Caller, contact: str, refused: list[Any]
) -> None:
    event = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]
    api.patch(f"/relationship-actions/{event['open_action_id']}", {"status": "done"})
    refused.append(event["open_action_id"])
    api.delete(f"/contacts/{contact}/life-events/{event['id']}")
