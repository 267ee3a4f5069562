"""RELATIONSHIPS_QUIET_HOURS: what is written in them waits for their end, and is never dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from flask_relationships import signals
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing import FakeTwilio
from tests.hosts.host import Caller, Host
from tests.limits.conftest import LONDON, NEW_YORK, opted_in, send
from tests.marks import databases, hosts, one_host

pytestmark = one_host

SEVERAL_ZONES = "+1 800 555 0100"
"""A toll-free number, which may be anywhere."""


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    return make_host(RELATIONSHIPS_QUIET_HOURS="21:00-08:00", RELATIONSHIPS_TIMEZONE="Asia/Tokyo")


@pytest.fixture
def api(host: Host) -> Caller:
    return host.person()


def at(host: Host, moment: str) -> Any:
    """The host's clock, in UTC."""
    return host.clock_at(datetime.fromisoformat(moment).replace(tzinfo=UTC))


def run(host: Host, moment: str) -> int:
    """How many messages are sent then."""
    with host.app.app_context(), at(host, moment):
        return run_due()["waiting_messages"]["sent"]


@pytest.mark.parametrize(
    ("phone", "written", "leaves"),
    [
        (LONDON, "2026-01-15T20:59:59", None),
        (LONDON, "2026-01-15T21:00:00", "2026-01-16T08:00:00Z"),
        (LONDON, "2026-01-16T07:59:59", "2026-01-16T08:00:00Z"),
        (LONDON, "2026-01-16T08:00:00", None),
        (LONDON, "2026-07-15T19:59:59", None),
        (LONDON, "2026-07-15T20:00:00", "2026-07-16T07:00:00Z"),
        (LONDON, "2026-03-28T22:00:00", "2026-03-29T07:00:00Z"),
        (LONDON, "2026-10-24T22:00:00", "2026-10-25T08:00:00Z"),
        (NEW_YORK, "2026-01-15T21:00:00", None),
        (NEW_YORK, "2026-01-16T02:00:00", "2026-01-16T13:00:00Z"),
        (SEVERAL_ZONES, "2026-01-15T12:00:00", "2026-01-15T23:00:00Z"),
        (SEVERAL_ZONES, "2026-01-15T11:59:59", None),
    ],
)
@databases("sqlite")
def test_they_are_those_of_the_contact_s_clock(
    host: Host, api: Caller, phone: str, written: str, leaves: str | None
) -> None:
    """Summer time and the nights in which it begins and ends included."""
    contact = opted_in(host, phone)
    with at(host, written):
        shown = api.post(f"/contacts/{contact}/messages/preview", {"channel": "sms", "body": "Hello"}, 200)["preview"]
        message = send(api, contact)
    assert message["not_before"] == shown["not_before"] == leaves
    assert message["status"] == "queued"
    assert (message["provider_sid"] is None) == (leaves is not None)
    assert len(host.transport.sent) == (leaves is None)


@databases("sqlite")
def test_they_may_be_within_a_day(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_QUIET_HOURS="12:00-14:00")
    api, contact = host.person(), opted_in(host)
    found = []
    for hour in (11, 12, 13, 14):
        with at(host, f"2026-01-15T{hour}:00:00"):
            found.append(send(api, contact)["not_before"])
    assert found == [None, "2026-01-15T14:00:00Z", "2026-01-15T14:00:00Z", None]


def test_a_message_that_waits_is_sent_once_they_are_over(host: Host, api: Caller) -> None:
    contact = opted_in(host)
    action = api.post(f"/contacts/{contact}/relationship-actions", {"title": "Text", "action_type": "sms"})["action"]
    with at(host, "2026-01-15T22:00:00"):
        message = send(api, contact, auto_action_id=action["id"])
    told: list[tuple[str, Any]] = []

    def note(app: Flask, row: Any, user: Any) -> None:
        told.append((str(row.id), user))

    assert run(host, "2026-01-16T07:59:59") == 0
    assert host.row("Action", id=action["id"])["status"] == "pending"
    with signals.message_sent.connected_to(note, host.app):
        assert run(host, "2026-01-16T08:00:00") == 1
    assert run(host, "2026-01-16T08:00:01") == 0
    (sent,) = host.transport.sent
    assert sent.id == message["id"]
    assert told == [(message["id"], None)]
    row = host.row("Message", id=message["id"])
    assert (row["status"], row["provider_sid"] is not None, row["attempt"]) == ("queued", True, 1)
    assert host.row("Action", id=action["id"])["status"] == "done"


@databases("sqlite")
def test_a_run_that_is_late_waits_for_the_next_morning(host: Host, api: Caller) -> None:
    contact = opted_in(host)
    with at(host, "2026-01-15T22:00:00"):
        message = send(api, contact)
    assert run(host, "2026-01-16T23:00:00") == 0
    assert host.row("Message", id=message["id"])["not_before"].isoformat() == "2026-01-17T08:00:00"
    assert run(host, "2026-01-17T08:05:00") == 1


@pytest.mark.parametrize("by", ["recipient", "staff"])
@databases("sqlite")
def test_who_says_no_meanwhile_gets_no_message(host: Host, api: Caller, by: str) -> None:
    contact = opted_in(host)
    action = api.post(f"/contacts/{contact}/relationship-actions", {"title": "Text", "action_type": "sms"})["action"]
    with at(host, "2026-01-15T22:00:00"):
        message = send(api, contact, auto_action_id=action["id"])
    if by == "staff":
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": False})
    else:
        stop = {"number": message["to_number"], "reason": "stop"}
        host.add(host.models.Suppression(**stop, created_at=datetime.now(UTC).replace(tzinfo=None)))
    assert run(host, "2026-01-16T08:00:00") == 0
    assert host.transport.sent == []
    row = host.row("Message", id=message["id"])
    code = "not_opted_in" if by == "staff" else "opted_out_by_recipient"
    assert (row["status"], row["error_code"]) == ("failed", code)
    assert host.row("Action", id=action["id"])["claimed_by_message_id"] is None


@hosts("peculiar")
def test_a_contact_who_is_removed_meanwhile_gets_no_message(host: Host, api: Caller) -> None:
    contact = opted_in(host)
    with at(host, "2026-01-15T22:00:00"):
        message = send(api, contact)
    host.delete_contact(contact)
    assert run(host, "2026-01-16T08:00:00") == 0
    assert host.transport.sent == []
    row = host.row("Message", id=message["id"])
    assert (row["status"], row["error_code"]) == ("failed", "contact_gone")


def test_one_who_is_really_deleted_takes_it_along(host: Host, api: Caller) -> None:
    contact = opted_in(host)
    with at(host, "2026-01-15T22:00:00"):
        send(api, contact)
    host.delete_contact(contact)
    assert host.rows("Message") == []
    assert run(host, "2026-01-16T08:00:00") == 0
    assert host.transport.sent == []


def test_a_message_that_waits_may_be_cancelled(host: Host, api: Caller) -> None:
    contact, other = opted_in(host), opted_in(host)
    action = api.post(f"/contacts/{contact}/relationship-actions", {"title": "Text", "action_type": "sms"})["action"]
    with at(host, "2026-01-15T22:00:00"):
        message = send(api, contact, auto_action_id=action["id"])
    assert api.delete(f"/contacts/{other}/messages/{message['id']}", 404)["code"] == "not_found"
    told: list[str] = []

    def note(app: Flask, row: Any, user: Any) -> None:
        told.append(row.status)

    with signals.message_status_changed.connected_to(note, host.app):
        assert api.delete(f"/contacts/{contact}/messages/{message['id']}")["message"]["status"] == "canceled"
    assert told == ["canceled"]
    assert run(host, "2026-01-16T08:00:00") == 0
    assert host.transport.sent == []
    assert host.row("Action", id=action["id"])["claimed_by_message_id"] is None
    assert api.delete(f"/contacts/{contact}/messages/{message['id']}")["message"]["status"] == "canceled", "again"
    assert told == ["canceled"]


def test_a_message_that_has_left_may_not(host: Host, api: Caller) -> None:
    contact = opted_in(host)
    with at(host, "2026-01-15T12:00:00"):
        message = send(api, contact)
    assert message["status"] == "queued", "at the provider"
    assert api.delete(f"/contacts/{contact}/messages/{message['id']}", 409)["code"] == "message_not_waiting"
    assert host.row("Message", id=message["id"])["status"] == "queued"


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [("2026-01-15T20:00:00", 3600), ("2026-01-15T08:00:00", 36_000), ("2026-01-15T20:59:58", 60)],
)
@databases("sqlite")
def test_the_provider_is_told_how_long_it_may_take(host: Host, api: Caller, moment: str, seconds: int) -> None:
    with at(host, moment):
        send(api, opted_in(host))
    assert host.transport.sent[0].validity_period == seconds


@databases("sqlite")
def test_twilio_is_told_too(make_host: Callable[..., Host]) -> None:
    with FakeTwilio() as twilio:
        host = make_host(**twilio.config(QUIET_HOURS="21:00-08:00"))
        twilio.connect(host.app)
        with at(host, "2026-01-15T20:00:00"):
            send(host.person(), opted_in(host))
        assert twilio.attempts[0].form["ValidityPeriod"] == ["3600"]


@databases("sqlite")
def test_without_quiet_hours_it_is_not(make_host: Callable[..., Host]) -> None:
    host = make_host()
    send(host.person(), opted_in(host))
    assert host.transport.sent[0].validity_period is None


@databases("sqlite")
def test_a_repeated_answer_of_one_that_waits(host: Host, api: Caller) -> None:
    contact, body = opted_in(host), {"channel": "sms", "body": "Hello"}
    with at(host, "2026-01-15T22:00:00"):
        answers = [
            api.ask("POST", f"/contacts/{contact}/messages", body, headers={"Idempotency-Key": "one"}) for _ in "ab"
        ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_data() == answers[1].get_data()
    assert len(host.rows("Message")) == 1
