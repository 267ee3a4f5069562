"""POST /contacts/:id/messages/preview: what would become of a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flask_relationships.domain.keeping_in_touch import reminders
from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import INBOUND, NUMBER, MakeSending, opted_in, preview, send
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

TABLES = ("Profile", "Message", "ConsentEntry", "Action", "MessageCount", "IdempotencyKey")


@databases("sqlite", "postgresql", "mariadb")
def test_what_a_preview_says(api: Caller, willing: str) -> None:
    assert preview(api, willing) == {
        "to_number": NUMBER,
        "segments": 1,
        "encoding": "GSM-7",
        "characters_left": 155,
        "outside_whatsapp_window": None,
        "blocked": None,
        "not_before": None,
        "occurrence_date": None,
        "days_early": None,
    }


@pytest.mark.parametrize(("ahead", "early"), [(7, 7), (0, 0), (400, 400)])
def test_how_many_days_early_a_greeting_is(host: Host, api: Caller, willing: str, ahead: int, early: int) -> None:
    day = (host.today() + timedelta(days=ahead)).isoformat()
    event = {"event_type": "birthday", "title": "Birthday", "event_date": day, "auto_action_days_before": 366}
    action = api.post(f"/contacts/{willing}/life-events", event)["event"]["open_action_id"]
    found = preview(api, willing, auto_action_id=action)
    assert (found["occurrence_date"], found["days_early"]) == (day, early)


def test_how_late_a_greeting_is(host: Host, api: Caller, willing: str) -> None:
    day = (host.today() - timedelta(days=3)).isoformat()
    event = {"event_type": "promotion", "title": "Promotion", "event_date": day}
    action = api.post(f"/contacts/{willing}/life-events", event)["event"]["open_action_id"]
    found = preview(api, willing, auto_action_id=action)
    assert (found["occurrence_date"], found["days_early"]) == (day, -3)


def test_an_action_to_keep_in_touch_is_for_no_day(host: Host, api: Caller, willing: str) -> None:
    api.patch(f"/contacts/{willing}/relationship", {"cadence_days": 1})
    with host.app.app_context():
        day = host.today() + timedelta(days=1)
        action = str(reminders.remind(host.state.context(), day).made[0])
    found = preview(api, willing, auto_action_id=action)
    assert (found["occurrence_date"], found["days_early"]) == (None, None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"body": "x" * 161}, (2, "GSM-7", 145)),
        ({"body": "☺" * 70}, (1, "UCS-2", 0)),
        ({"body": "☺" * 71}, (2, "UCS-2", 63)),
        ({"channel": "whatsapp", "body": "☺" * 600}, (1, None, 1000)),
        ({"channel": "mms", "media_url": "https://example.com/a.png"}, (1, None, 1595)),
        ({"channel": "mms", "body": "x" * 161}, (2, "GSM-7", 145)),
    ],
)
def test_how_it_is_cut(api: Caller, willing: str, fields: dict[str, str], expected: tuple[Any, ...]) -> None:
    found = preview(api, willing, **fields)
    assert (found["segments"], found["encoding"], found["characters_left"]) == expected


@databases("sqlite", "postgresql", "mariadb")
def test_nothing_is_written_or_sent(host: Host, api: Caller, twilio: FakeTwilio) -> None:
    before = {table: host.rows(table) for table in TABLES}
    found = preview(api, host.contact(phone="+44 20 7946 0018"))
    assert (found["to_number"], found["blocked"]["reason"]) == (NUMBER, "not_opted_in"), "as the profile would be made"
    assert {table: host.rows(table) for table in TABLES} == before
    assert twilio.attempts == []


def test_the_linked_action_is_left_alone(host: Host, api: Caller, willing: str) -> None:
    action = api.post(f"/contacts/{willing}/relationship-actions", {"title": "Text", "action_type": "sms"})["action"]
    preview(api, willing, auto_action_id=action["id"])
    assert host.row("Action", id=action["id"])["claimed_by_message_id"] is None


def test_what_blocks_it_is_what_sending_would_be_refused_for(host: Host, api: Caller, twilio: FakeTwilio) -> None:
    contact = host.contact(phone=None)

    def reason() -> Any:
        found = preview(api, contact)["blocked"]
        status = {None: 201, "no_phone_number": 400, "twilio_not_configured": 500}.get(found and found["reason"], 403)
        refused = send(api, contact, status)
        assert (found or {}).get("reason") == refused.get("code")
        return found and (found["channel"], found["reason"], found["since"] is not None)

    def patch(**values: Any) -> None:
        api.patch(f"/contacts/{contact}/relationship", values)

    assert reason() == ("sms", "not_opted_in", False)
    patch(twilio_opt_in=True)
    assert reason() == ("sms", "no_phone_number", False)
    patch(phone_number=NUMBER)
    twilio.receive(INBOUND, NUMBER, twilio.sms_from, "STOP")
    assert reason() == ("sms", "opted_out_by_recipient", True)
    twilio.receive(INBOUND, NUMBER, twilio.sms_from, "START")
    assert reason() is None
    patch(twilio_opt_in=False)
    assert reason() == ("sms", "not_opted_in", True)


def test_a_sender_that_is_missing_blocks(make_host: Callable[..., Host]) -> None:
    host = make_host()
    host.transport.configured = False
    api = host.person()
    assert preview(api, opted_in(host, api))["blocked"]["reason"] == "twilio_not_configured"


def test_a_full_limit_blocks_and_is_not_counted_in(make_sending: MakeSending) -> None:
    host = make_sending(MESSAGES_PER_CONTACT="1 per day")
    api = host.person()
    contact = opted_in(host, api)
    assert [preview(api, contact)["blocked"] for _ in range(3)] == [None] * 3
    send(api, contact)
    assert preview(api, contact)["blocked"] == {"channel": "sms", "reason": "too_many_messages", "since": None}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"body": ""}, "#/body"),
        ({"body": "x" * 1601}, "#/body"),
        ({"media_url": "https://example.com/a.png"}, "#/media_url"),
        ({"content_sid": "HX" + "0" * 32}, "#/content_sid"),
    ],
)
def test_a_body_that_could_not_be_sent_is_refused(
    api: Caller, willing: str, fields: dict[str, str], pointer: str
) -> None:
    assert pointer in members(preview(api, willing, 422, **fields))


def test_it_needs_the_permission_to_send(host: Host, willing: str) -> None:
    assert preview(host.person("view"), willing, 403)["code"] == "forbidden"
