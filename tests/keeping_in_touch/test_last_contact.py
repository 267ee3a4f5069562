"""When somebody was last in touch: only what is real counts, and it only moves forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships.domain.messages import inbound, reports
from flask_relationships.providers.base import Report
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.host import Caller, Host
from tests.marks import databases, hosts, one_host

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def last_contact(api: Caller, contact: str) -> Any:
    return api.get(f"/contacts/{contact}/relationship")["profile"]["last_contact"]


def send(api: Caller, contact: str, **more: Any) -> str:
    return str(api.post(f"/contacts/{contact}/messages", MESSAGE | more)["message"]["id"])


def report(host: Host, message: str, status: str) -> None:
    with host.app.app_context():
        key = host.key(host.models.Message, message)
        reports.take(host.state.context(), key, Report(status), now=host.state.now())
        host.session.commit()


def receive(host: Host, number: str, sid: str = "SM" + "0" * 32) -> None:
    message = inbound.Inbound(sid=sid, channel="sms", sender=number, recipient="+442079460000", body="Hello", media=[])
    with host.app.app_context():
        inbound.receive(host.state.context(), message, now=host.state.now())
        host.session.commit()


def test_a_new_profile_knows_of_none(api: Caller, contact: str) -> None:
    assert last_contact(api, contact) is None


def test_a_message_counts_once_it_has_arrived(host: Host, api: Caller, willing: str) -> None:
    with host.clock_at(MORNING):
        message = send(api, willing)
        assert last_contact(api, willing) is None
        report(host, message, "sent")
        assert last_contact(api, willing) is None
    with host.clock_at(MORNING + timedelta(minutes=1)):
        report(host, message, "delivered")
    assert last_contact(api, willing) == {"at": "2026-03-02T09:01:00Z", "by": api.id, "channel": "sms"}
    with host.clock_at(MORNING + timedelta(minutes=5)):
        report(host, message, "read")
    assert last_contact(api, willing)["at"] == "2026-03-02T09:05:00Z"


@one_host
@pytest.mark.parametrize("status", ["failed", "undelivered", "canceled"])
def test_a_message_that_failed_is_no_contact(host: Host, api: Caller, willing: str, status: str) -> None:
    report(host, send(api, willing), status)
    assert last_contact(api, willing) is None


@one_host
def test_a_message_that_failed_leaves_the_contact_before_it(host: Host, api: Caller, willing: str) -> None:
    with host.clock_at(MORNING):
        report(host, send(api, willing), "delivered")
    with host.clock_at(MORNING + timedelta(days=1)):
        report(host, send(api, willing), "failed")
    assert last_contact(api, willing)["at"] == "2026-03-02T09:00:00Z"


def test_a_message_that_comes_in_is_contact_by_nobody_of_ours(host: Host, api: Caller, willing: str) -> None:
    with host.clock_at(MORNING):
        receive(host, "+442079460018")
    assert last_contact(api, willing) == {"at": "2026-03-02T09:00:00Z", "by": None, "channel": "sms"}


@one_host
def test_a_message_counts_from_when_it_came_though_it_was_matched_later(host: Host, api: Caller, contact: str) -> None:
    api.get(f"/contacts/{contact}/relationship")
    with host.clock_at(MORNING):
        receive(host, "+442079460999")
    message = host.row("Message", direction="inbound")["id"]
    with host.clock_at(MORNING + timedelta(days=3)):
        api.put(f"/contacts/{contact}/messages/{message}")
    assert last_contact(api, contact)["at"] == "2026-03-02T09:00:00Z"


def test_an_action_that_somebody_did_is_contact(host: Host, api: Caller, contact: str) -> None:
    api.get(f"/contacts/{contact}/relationship")
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    assert last_contact(api, contact) is None
    with host.clock_at(MORNING):
        api.patch(f"/relationship-actions/{action}", {"status": "done"})
    assert last_contact(api, contact) == {"at": "2026-03-02T09:00:00Z", "by": api.id, "channel": "card"}


@one_host
def test_an_action_that_is_dismissed_is_no_contact(api: Caller, contact: str) -> None:
    api.get(f"/contacts/{contact}/relationship")
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    api.patch(f"/relationship-actions/{action}", {"status": "dismissed"})
    assert last_contact(api, contact) is None


@one_host
def test_an_action_that_was_not_done_after_all_gives_back_the_contact_before_it(host: Host, api: Caller) -> None:
    contact = host.contact()
    api.get(f"/contacts/{contact}/relationship")
    made = [api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"] for _ in range(2)]
    for days, action in enumerate(made):
        with host.clock_at(MORNING + timedelta(days=days)):
            api.patch(f"/relationship-actions/{action}", {"status": "done"})
    assert last_contact(api, contact)["at"] == "2026-03-03T09:00:00Z"
    api.patch(f"/relationship-actions/{made[1]}", {"status": "dismissed"})
    assert last_contact(api, contact)["at"] == "2026-03-02T09:00:00Z"
    api.patch(f"/relationship-actions/{made[0]}", {"status": "dismissed"})
    assert last_contact(api, contact) is None


@one_host
def test_an_action_that_a_message_did_counts_when_the_message_arrives(host: Host, api: Caller, willing: str) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    message = send(api, willing, auto_action_id=action)
    assert host.row("Action", id=action)["status"] == "done"
    assert last_contact(api, willing) is None
    report(host, message, "delivered")
    assert last_contact(api, willing)["channel"] == "sms"


@one_host
def test_the_later_one_stays_whatever_is_reported_afterwards(host: Host, api: Caller, willing: str) -> None:
    with host.clock_at(MORNING):
        message = send(api, willing)
    with host.clock_at(MORNING + timedelta(days=2)):
        receive(host, "+442079460018")
    with host.clock_at(MORNING + timedelta(days=1)):
        report(host, message, "delivered")
    assert last_contact(api, willing)["at"] == "2026-03-04T09:00:00Z"


@one_host
def test_a_profile_that_is_made_later_knows_of_what_was_done_before(host: Host, api: Caller, contact: str) -> None:
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    with host.clock_at(MORNING):
        api.patch(f"/relationship-actions/{action}", {"status": "done"})
    assert last_contact(api, contact)["at"] == "2026-03-02T09:00:00Z"


@hosts("ordinary", "peculiar", "documented")
def test_the_summary_tells_it_of_each_contact(host: Host, api: Caller) -> None:
    company = host.client()
    silent, spoken = host.contact("Ada", "Byron", company=company), host.contact("Ada", "King", company=company)
    api.get(f"/contacts/{spoken}/relationship")
    action = api.post(f"/contacts/{spoken}/relationship-actions", ACTION)["action"]["id"]
    with host.clock_at(MORNING):
        api.patch(f"/relationship-actions/{action}", {"status": "done"})
    contacts = api.get(f"/clients/{company}/relationship-summary")["contacts"]
    assert {one["id"]: one["last_contact"] for one in contacts} == {
        silent: None,
        spoken: {"at": "2026-03-02T09:00:00Z", "by": api.id, "channel": "card"},
    }


@hosts("peculiar")
@databases("sqlite", "postgresql")
def test_a_colleague_whom_the_caller_may_not_see_is_not_told(host: Host, api: Caller) -> None:
    contact, other = host.contact(), host.person()
    other.get(f"/contacts/{contact}/relationship")
    action = other.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    other.patch(f"/relationship-actions/{action}", {"status": "done"})
    assert last_contact(api, contact)["by"] == other.id
    host.hide_user(other.id)
    assert last_contact(api, contact)["by"] is None
