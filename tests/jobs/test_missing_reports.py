"""``run_due``: messages without a final status are asked for, since a report may have been lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import EVENT, MESSAGE
from tests.hosts.host import Caller, Host
from tests.jobs.test_recovery import only, statuses
from tests.marks import databases, one_host

pytestmark = one_host

MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def run(host: Host, later: timedelta, dry_run: bool = False) -> dict[str, int]:
    with host.app.app_context(), host.clock_at(datetime.now(UTC) + later):
        done = run_due(dry_run=dry_run)
    assert done.failed == ()
    return {name: number for name, number in done["missing_reports"].items() if number}


def send(api: Caller, contact: str, **fields: Any) -> dict[str, Any]:
    return dict(api.post(f"/contacts/{contact}/messages", {**MESSAGE, **fields})["message"])


def test_a_lost_report_is_made_good(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    sid = send(api, willing)["provider_sid"]
    twilio._api.rise(sid, "delivered", None)
    assert run(host, 5 * MINUTES) == {}
    assert only(api, willing)["status"] == "queued"
    assert run(host, 11 * MINUTES, dry_run=True) == {"asked_for": 1}
    assert run(host, 11 * MINUTES) == {"asked_for": 1, "changed": 1}
    message = only(api, willing)
    assert (message["status"], message["from_number"]) == ("delivered", twilio.sms_from)
    assert message["delivered_at"] is not None
    assert run(host, 30 * HOURS) == {}


def test_a_lost_failure_opens_the_action_again_and_is_told(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    sid = send(api, willing, auto_action_id=action)["provider_sid"]
    twilio._api.rise(sid, "failed", 21610)
    told: list[str] = []

    def note(_app: Any, row: Any, user: Any) -> None:
        told.append(row.__class__.__name__)

    with signals.message_status_changed.connected_to(note), signals.consent_changed.connected_to(note):
        assert run(host, 11 * MINUTES) == {"asked_for": 1, "changed": 1}
    assert told == ["Message", "ConsentEntry"]
    assert statuses(api, willing) == ["pending"]
    assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"


def test_it_is_asked_for_three_times(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    send(api, willing)
    asked = [run(host, 11 * MINUTES), run(host, 12 * MINUTES), run(host, 50 * MINUTES), run(host, 61 * MINUTES)]
    asked += [run(host, 23 * HOURS), run(host, 25 * HOURS), run(host, 26 * HOURS), run(host, 7 * DAYS)]
    once, never = {"asked_for": 1}, dict[str, int]()
    assert asked == [once, never, never, once, never, once, never, never]


def test_what_was_missed_in_an_outage_is_one_request(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    send(api, willing)
    assert [run(host, 30 * HOURS), run(host, 31 * HOURS)] == [{"asked_for": 1}, {}]


@databases("sqlite")
def test_old_messages_are_not_asked_for(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    send(api, willing)
    assert run(host, 9 * DAYS) == {}


@databases("sqlite")
def test_a_request_that_fails_does_not_count(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio._api.rise(send(api, willing)["provider_sid"], "delivered", None)
    for fault in ("error_before", "html_error", "drop_before", "busy"):
        twilio.fail(fault, on="fetch", times=1)  # type: ignore[arg-type]
        assert run(host, 25 * HOURS) == {"asked_for": 1}
        twilio.recover()
    assert run(host, 25 * HOURS) == {"asked_for": 1, "changed": 1}


@databases("sqlite")
def test_a_provider_that_fails_is_not_asked_for_every_message(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    for number in range(5):
        send(api, willing, body=str(number))
    twilio.fail("error_before", on="fetch", share=1)
    assert run(host, 11 * MINUTES) == {"asked_for": 3}


@databases("sqlite")
def test_a_message_that_the_provider_does_not_know_stays_as_it_is(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    send(api, willing)
    twilio._log._messages.clear()
    assert run(host, 11 * MINUTES) == {"asked_for": 1}
    assert only(api, willing)["status"] == "queued"


@databases("sqlite")
def test_a_run_makes_a_bounded_number_of_requests(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_relationships.jobs.registry.MAX_STATUS_REQUESTS", 2)
    for number in range(3):
        send(api, willing, body=str(number))
    assert [run(host, 11 * MINUTES) for _ in range(3)] == [{"asked_for": 2}, {"asked_for": 1}, {}]


@databases("sqlite")
def test_a_transport_without_that_method_is_not_asked(make_host: Callable[..., Host]) -> None:
    host = make_host()
    api, contact = host.person(), host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    send(api, contact)
    assert run(host, 11 * MINUTES) == {}
    assert run(host, 11 * MINUTES, dry_run=True) == {}
