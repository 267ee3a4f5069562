"""Reports of what became of a message: in any order, any number of times."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.host import Caller, Host, Row
from tests.marks import one_host
from tests.webhooks.conftest import STATUS

pytestmark = one_host

ARRIVING = ("sent", "delivered", "read")
FAILING = ("sent", "undelivered")


def send(api: Caller, contact: str, **fields: Any) -> Row:
    message: Row = api.post(f"/contacts/{contact}/messages", {**MESSAGE, **fields})["message"]
    return message


def only(api: Caller, contact: str) -> Row:
    (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
    return dict(message)


def action_of(api: Caller, contact: str) -> Row:
    (action,) = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    return dict(action)


@pytest.mark.on_databases("sqlite")
@pytest.mark.parametrize("order", list(itertools.permutations(ARRIVING)), ids="-".join)
def test_whatever_the_order_a_message_that_was_read_is_read(
    api: Caller, twilio: FakeTwilio, willing: str, order: tuple[str, ...]
) -> None:
    sid = send(api, willing)["provider_sid"]
    assert twilio.deliver(sid, *order, *order[:2]) == [204] * 5
    message = only(api, willing)
    assert (message["status"], message["error_code"]) == ("read", None)
    assert message["read_at"] is not None


@pytest.mark.parametrize("order", [("read",), ("read", "delivered"), ("delivered", "read")], ids="-".join)
def test_what_was_read_has_arrived(api: Caller, twilio: FakeTwilio, willing: str, order: tuple[str, ...]) -> None:
    twilio.deliver(send(api, willing)["provider_sid"], *order)
    message = only(api, willing)
    assert message["delivered_at"] is not None
    assert message["read_at"] is not None


@pytest.mark.parametrize(
    ("status", "sent"), [("failed", False), ("canceled", False), ("undelivered", True), ("delivered", True)]
)
def test_what_never_left_the_provider_was_not_sent(
    api: Caller, twilio: FakeTwilio, willing: str, status: str, sent: bool
) -> None:
    sid = send(api, willing)["provider_sid"]
    assert only(api, willing)["sent_at"] is not None
    twilio.deliver(sid, status)
    assert (only(api, willing)["sent_at"] is not None) is sent
    twilio.deliver(sid, "delivered")
    assert only(api, willing)["sent_at"] is not None


def test_a_report_names_the_sender_that_the_provider_chose(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    sid = send(api, willing)["provider_sid"]
    with host.app.app_context():
        host.session.query(host.models.Message).update({"from_number": None})
        host.session.commit()
    twilio.deliver(sid, "sent", From="+14155559999")
    assert only(api, willing)["from_number"] == "+14155559999"


@pytest.mark.on_databases("sqlite")
@pytest.mark.parametrize("order", list(itertools.permutations(FAILING)), ids="-".join)
def test_whatever_the_order_a_message_that_failed_has_failed_and_its_action_is_open_again(
    api: Caller, twilio: FakeTwilio, willing: str, order: tuple[str, ...]
) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    sid = send(api, willing, auto_action_id=action)["provider_sid"]
    assert action_of(api, willing)["status"] == "done"
    for status in (*order, *order):
        twilio.deliver(sid, status, error_code=30003 if status == "undelivered" else None)
    message = only(api, willing)
    assert (message["status"], message["error_code"]) == ("undelivered", "30003")
    assert "could not be reached" in message["error_message"]
    assert action_of(api, willing)["status"] == "pending"
    assert [item["status"] for item in api.get("/action-centre")["items"]] == ["open"]
    send(api, willing, auto_action_id=action)
    assert action_of(api, willing)["status"] == "done"


@pytest.mark.parametrize(
    ("reported", "ends"),
    [
        (("queued", "sent", "delivered", "read"), ("read", "done")),
        (("queued", "sent", "failed", "undelivered", "delivered"), ("delivered", "done")),
        (("queued", "sent", "failed", "undelivered"), ("failed or undelivered", "pending")),
    ],
    ids=["read", "delivered", "failed"],
)
def test_in_every_order_and_with_repetitions_a_message_ends_where_it_has_to(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, reported: tuple[str, ...], ends: tuple[str, str]
) -> None:
    """Every order on SQLite. On the other databases, where each takes longer, every eleventh."""
    with host.app.app_context():
        step = 1 if host.db.engine.dialect.name == "sqlite" else 11
    wrong = []
    for order in list(itertools.permutations(reported))[::step]:
        action = api.post(f"/contacts/{willing}/relationship-actions", ACTION)["action"]["id"]
        sent = send(api, willing, auto_action_id=action)
        for status in (order[0], *order, *order[:2], order[-1]):
            failed = status in ("failed", "undelivered")
            assert twilio.deliver(sent["provider_sid"], status, error_code=30003 if failed else None) == [204]
        (message,) = [one for one in api.get(f"/contacts/{willing}/messages")["messages"] if one["id"] == sent["id"]]
        first_failure = next((status for status in order if status in ("failed", "undelivered")), None)
        status = first_failure if ends[0] == "failed or undelivered" else ends[0]
        error = "30003" if ends[1] == "pending" else None
        expected = (status, error, ends[1])
        found = (message["status"], message["error_code"], host.row("Action", id=action)["status"])
        if found != expected:
            wrong.append((order, found, expected))
    assert wrong == []


def test_a_delivery_clears_the_failure_before_it(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    sid = send(api, willing, auto_action_id=action)["provider_sid"]
    twilio.deliver(sid, "failed", error_code=30008)
    assert (only(api, willing)["error_code"], action_of(api, willing)["status"]) == ("30008", "pending")
    twilio.deliver(sid, "delivered")
    message = only(api, willing)
    assert (message["status"], message["error_code"], message["error_message"]) == ("delivered", None, None)
    assert action_of(api, willing)["status"] == "done"


def test_a_delivery_takes_no_action_from_the_message_that_came_instead(
    api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    first = send(api, willing, auto_action_id=action)["provider_sid"]
    twilio.deliver(first, "failed", error_code=30008)
    second = send(api, willing, auto_action_id=action)["provider_sid"]
    twilio.deliver(first, "delivered")
    twilio.deliver(second, "failed", error_code=30008)
    assert action_of(api, willing)["status"] == "pending"


def test_a_report_adopts_a_message_whose_answer_was_lost(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    """The address names the message, so nobody has to guess which one it was."""
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    twilio.fail("drop_after")
    body = {**MESSAGE, "auto_action_id": action}
    assert api.post(f"/contacts/{willing}/messages", body, 202)["message"]["status"] == "unconfirmed"
    (accepted,) = twilio.messages
    assert twilio.deliver(accepted.sid, "sent") == [204]
    message = only(api, willing)
    assert (message["status"], message["provider_sid"]) == ("sent", accepted.sid)
    assert action_of(api, willing)["status"] == "done"
    assert len(twilio.messages) == 1


def test_a_call_that_is_refused_since_stop_was_said_suppresses_the_number(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    twilio.fail("refuse", code=21610)
    told: list[str] = []

    def note(_app: Any, row: Any, user: Any) -> None:
        told.append(row.event)

    with signals.consent_changed.connected_to(note, host.app):
        assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"
        api.post(f"/contacts/{willing}/messages", MESSAGE, 403)
    assert told == ["refused"]
    assert len(twilio.attempts) == 1


def test_a_report_that_stop_was_said_suppresses_the_number(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    sid = send(api, willing)["provider_sid"]
    told: list[str] = []

    def note(_app: Any, row: Any, user: Any) -> None:
        told.append(row.event)

    with signals.consent_changed.connected_to(note, host.app):
        twilio.deliver(sid, "failed", error_code=21610)
    assert told == ["refused"]
    assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"


def test_what_makes_no_sense_is_answered_and_changes_nothing(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    first, second = send(api, willing), send(api, willing)
    before = api.get(f"/contacts/{willing}/messages")
    client = host.app.test_client()
    absent = "00000000-0000-7000-8000-000000000000"
    for path, form in [
        (absent, {}),
        ("not-an-id", {}),
        (first["id"], {"MessageSid": second["provider_sid"]}),
        (first["id"], {"MessageStatus": "levitating"}),
    ]:
        request = twilio.status_callback(first["provider_sid"], "queued")
        signed = twilio.signed(f"{STATUS}{path}", {**request.form, **form})
        address = f"/api/relationships/webhooks/twilio/status/{path}"
        assert client.post(address, data=signed.body, headers=dict(signed.headers)).status_code == 204
    assert api.get(f"/contacts/{willing}/messages") == before


def test_a_receiver_is_told(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    told: list[Any] = []

    def receiver(_app: Any, row: Any, user: Any) -> None:
        told.append((str(row.id), row.status, user))

    sent = send(api, willing)
    with signals.message_status_changed.connected_to(receiver, host.app):
        twilio.deliver(sent["provider_sid"], "delivered", "delivered", "sent")
    assert told == [(sent["id"], "delivered", None)]


def test_with_a_messaging_service_a_report_is_signed_alike(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    sid = send(api, willing)["provider_sid"]
    posted = twilio.deliver(sid, "sent", MessagingServiceSid=twilio.messaging_service_sid, Foo="a new field")
    assert posted == [204]
    assert only(api, willing)["status"] == "sent"
