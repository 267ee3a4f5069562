"""A person settles a message of which nobody else can say what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import EVENT, MESSAGE
from tests.hosts.host import Caller, Host
from tests.jobs.test_recovery import HOURS, only, run, send, statuses
from tests.marks import databases, one_host

pytestmark = one_host


@pytest.fixture
def unsure(make_host: Callable[..., Host]) -> Any:
    """An unconfirmed message that holds an action, by a transport that keeps no list."""
    host = make_host()
    api, contact = host.person(), host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    action = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]["open_action_id"]
    host.transport.failure = [RuntimeError("broken")]
    message = send(api, contact, auto_action_id=action)
    return host, api, contact, action, message["id"]


def test_one_that_was_not_sent_gives_back_its_action(unsure: Any) -> None:
    host, api, contact, action, message = unsure
    body = {**MESSAGE, "auto_action_id": action}
    assert api.post(f"/contacts/{contact}/messages", body, 409)["code"] == "action_not_pending"
    assert run(host, 5 * HOURS) == {"still_unclear": 1}
    settled = api.patch(f"/contacts/{contact}/messages/{message}", {"status": "not_sent"})["message"]
    assert (settled["status"], settled["error_code"], settled["sent_at"]) == ("failed", "not_sent", None)
    assert host.transport.sent == []
    api.post(f"/contacts/{contact}/messages", body)
    assert statuses(api, contact) == ["done"]


def test_one_that_was_sent_does_its_action(unsure: Any) -> None:
    host, api, contact, _, message = unsure
    told: list[str] = []

    def note(_app: Any, row: Any, user: Any) -> None:
        told.append(row.status)

    with signals.message_status_changed.connected_to(note), signals.action_closed.connected_to(note):
        settled = api.patch(f"/contacts/{contact}/messages/{message}", {"status": "sent"})["message"]
    assert settled["status"] == "sent"
    assert settled["sent_at"] is not None
    assert told == ["sent", "done"]
    assert statuses(api, contact) == ["done"]
    assert host.transport.sent == []
    assert run(host, 5 * HOURS) == {}


@pytest.mark.parametrize("status", ["sent", "not_sent"])
def test_it_is_settled_once(unsure: Any, status: str) -> None:
    _, api, contact, _, message = unsure
    api.patch(f"/contacts/{contact}/messages/{message}", {"status": status})
    for again in ("sent", "not_sent"):
        answer = api.patch(f"/contacts/{contact}/messages/{message}", {"status": again}, 409)
        assert answer["code"] == "message_settled"


@databases("sqlite")
def test_only_an_unconfirmed_message_of_the_contact_is_settled(host: Host, api: Caller, willing: str) -> None:
    sent = send(api, willing, 201)
    path = f"/contacts/{willing}/messages/{sent['id']}"
    assert api.patch(path, {"status": "not_sent"}, 409)["code"] == "message_settled"
    assert api.patch(f"/contacts/{host.contact()}/messages/{sent['id']}", {"status": "sent"}, 404)
    assert api.patch(path, {"status": "delivered"}, 422)
    assert api.patch(path, {}, 422)


def test_a_person_chooses_one_of_the_candidates(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    message = send(api, willing, body="Hello")
    twilio.listed = lambda message: {**message, "body": "Quite another text"}
    run(host, 2 * HOURS)
    (candidate,) = only(api, willing)["candidates"]
    path = f"/contacts/{willing}/messages/{message['id']}"
    for sid, status in (("SM" + "0" * 32, "sent"), (candidate["provider_sid"], "not_sent")):
        answer = api.patch(path, {"status": status, "provider_sid": sid}, 422)
        assert answer["errors"][0]["code"] == "no_candidate"
    settled = api.patch(path, {"status": "sent", "provider_sid": candidate["provider_sid"]})["message"]
    assert (settled["status"], settled["provider_sid"]) == ("queued", twilio.messages[0].sid)
    assert settled["candidates"] == []


def test_a_report_counts_more_than_what_a_person_said(make_host: Callable[..., Host], twilio: FakeTwilio) -> None:
    host = make_host(**twilio.config(PUBLIC_URL="https://crm.example.com"))
    twilio.connect(host.app)
    api, contact = host.person(), host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    for said in ("not_sent", "sent"):
        twilio.fail("drop_after")
        message = send(api, contact, body=said)
        api.patch(f"/contacts/{contact}/messages/{message['id']}", {"status": said})
        assert twilio.deliver(twilio.messages[-1].sid, "delivered") == [204]
    assert {one["status"] for one in api.get(f"/contacts/{contact}/messages")["messages"]} == {"delivered"}
