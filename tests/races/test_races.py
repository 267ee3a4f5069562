"""Many at once, on real databases: whoever wins, it is one, and nobody meets an error."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")

THREADS, ROUNDS = 6, 5

TWICE = {"headers": {"Idempotency-Key": "the-same"}}


def at_once(ask: Callable[[], TestResponse]) -> list[TestResponse]:
    """The answers to one request that several make at the same moment."""
    barrier = Barrier(THREADS)

    def start() -> TestResponse:
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(start) for _ in range(THREADS)]]


def statuses(answers: list[TestResponse]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


@pytest.fixture
def opted_in(host: Host, api: Caller) -> str:
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def test_a_profile_is_created_once(host: Host, api: Caller) -> None:
    for _ in range(ROUNDS):
        contact = host.contact()
        answers = at_once(lambda: api.ask("GET", f"/contacts/{contact}/relationship"))  # noqa: B023
        assert statuses(answers) == {200: THREADS}
        assert len({answer.json["profile"]["id"] for answer in answers if answer.json}) == 1
        assert len([row for row in host.rows("Profile") if row["contact_id"] == contact]) == 1


def test_a_birthday_keeps_one_event(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    api = host.person()
    for _ in range(ROUNDS):
        contact = host.contact()
        api.get(f"/contacts/{contact}/relationship")
        body = {"birthday": "05-15"}
        answers = at_once(lambda: api.ask("PATCH", f"/contacts/{contact}/relationship", body))  # noqa: B023
        assert statuses(answers) == {200: THREADS}
        events = [row for row in host.rows("LifeEvent") if row["contact_id"] == contact]
        assert len(events) == 1
        assert len([row for row in host.rows("Action") if row["life_event_id"] == events[0]["id"]]) == 1


def test_switching_on_makes_one_auto_action(host: Host, api: Caller) -> None:
    for _ in range(ROUNDS):
        contact = host.contact()
        off = {"event_type": "visit", "title": "Visit", "event_date": "2030-01-01", "auto_action_enabled": False}
        event = api.post(f"/contacts/{contact}/life-events", off)["event"]["id"]
        path = f"/contacts/{contact}/life-events/{event}"
        answers = at_once(lambda: api.ask("PATCH", path, {"auto_action_enabled": True}))  # noqa: B023
        assert statuses(answers) == {200: THREADS}
        made = [row for row in host.rows("Action") if row["life_event_id"] == event]
        assert len(made) == 1
        assert len([row for row in host.rows("ActionCentreItem") if row["action_id"] == made[0]["id"]]) == 1


def test_an_action_is_fulfilled_by_one_message(host: Host, api: Caller, opted_in: str) -> None:
    for round_ in range(ROUNDS):
        sent_before = len(host.transport.sent)
        new = {"title": f"Text {round_}", "action_type": "sms"}
        action = api.post(f"/contacts/{opted_in}/relationship-actions", new)["action"]["id"]
        body = {"channel": "sms", "body": "Hello", "auto_action_id": action}
        answers = at_once(lambda: api.ask("POST", f"/contacts/{opted_in}/messages", body))  # noqa: B023
        assert statuses(answers) == {201: 1, 409: THREADS - 1}
        assert len(host.transport.sent) == sent_before + 1
        assert host.row("Action", id=action)["status"] == "done"


def test_one_key_sends_one_message(host: Host, api: Caller, opted_in: str) -> None:
    host.transport.during = lambda: time.sleep(0.05)
    body = {"channel": "sms", "body": "Hello"}
    answers = at_once(lambda: api.ask("POST", f"/contacts/{opted_in}/messages", body, **TWICE))
    assert len(host.transport.sent) == 1
    assert statuses(answers)[201] >= 1
    assert statuses(answers).keys() <= {201, 409}
    assert len(host.rows("Message")) == 1
    again = api.ask("POST", f"/contacts/{opted_in}/messages", body, **TWICE)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")


def test_one_key_creates_one_event(host: Host, api: Caller) -> None:
    contact = host.contact()
    body = {"event_type": "visit", "title": "Visit"}
    answers = at_once(lambda: api.ask("POST", f"/contacts/{contact}/life-events", body, **TWICE))
    assert statuses(answers) == {201: THREADS}
    assert len({answer.json["event"]["id"] for answer in answers if answer.json}) == 1
    assert len(host.rows("LifeEvent")) == len(host.rows("Action")) == 1


def test_an_action_is_closed_by_one(host: Host, api: Caller) -> None:
    contact = host.contact()
    new = {"title": "Call", "action_type": "call"}
    action = api.post(f"/contacts/{contact}/relationship-actions", new)["action"]["id"]
    answers = at_once(lambda: api.ask("PATCH", f"/relationship-actions/{action}", {"status": "done"}))
    assert statuses(answers) == {200: THREADS}
    assert host.row("ActionCentreItem", action_id=action)["status"] == "done"


def test_a_company_becomes_a_client_once(host: Host, api: Caller) -> None:
    company = host.company()
    answers = at_once(lambda: api.ask("PUT", f"/companies/{company}/client-profile"))
    assert statuses(answers) == {201: 1, 200: THREADS - 1}
    assert len(host.rows("ClientProfile")) == 1


def test_no_connection_is_held_while_the_provider_is_waited_for(host: Host, api: Caller, opted_in: str) -> None:
    with host.app.app_context():
        pool: Any = host.db.engine.pool
    held: list[int] = []
    host.transport.during = lambda: held.append(pool.checkedout())
    api.post(f"/contacts/{opted_in}/messages", {"channel": "sms", "body": "Hello"})
    assert held == [0]
