"""RELATIONSHIPS_MESSAGES_PER_USER, _PER_CONTACT and _PER_APPLICATION."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle
from threading import Lock

import pytest

from flask_relationships.jobs.registry import run_due
from tests.hosts.host import Caller, Host
from tests.limits.conftest import opted_in, send
from tests.marks import databases, one_host

pytestmark = one_host

CAP, MORE, THREADS = 12, 50, 8


@pytest.mark.parametrize("scope", ["USER", "CONTACT", "APPLICATION"])
def test_it_is_exact_however_many_come_at_once(make_host: Callable[..., Host], scope: str) -> None:
    host = make_host(**{f"RELATIONSHIPS_MESSAGES_PER_{scope}": f"{CAP} per hour"})
    callers, contacts = [host.person() for _ in range(4)], [opted_in(host) for _ in range(4)]
    pairs = {
        "USER": [(callers[0], contact) for contact in contacts],
        "CONTACT": [(caller, contacts[0]) for caller in callers],
        "APPLICATION": list(zip(callers, contacts, strict=True)),
    }[scope]
    turns, lock = cycle(pairs), Lock()

    def ask(_: int) -> int:
        with lock:
            caller, contact = next(turns)
        return caller.ask("POST", f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"}).status_code

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = Counter(pool.map(ask, range(CAP + MORE)))
    assert statuses == {201: CAP, 429: MORE}
    assert len(host.transport.sent) == len(host.rows("Message")) == CAP
    assert [row["count"] for row in host.rows("MessageCount")] == [CAP]


def test_each_has_its_own_and_a_new_window_begins_anew(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="2 per hour", RELATIONSHIPS_MESSAGES_PER_CONTACT="3 per hour")
    grace, mary, contact = host.person(), host.person(), opted_in(host)
    noon = host.state.clock().replace(minute=0, second=0)
    with host.clock_at(noon + timedelta(minutes=50)):
        for _ in range(2):
            send(grace, contact)
        assert "you" in send(grace, contact, 429)["detail"]
        send(mary, contact)
        assert "contact" in send(mary, contact, 429)["detail"]
        send(mary, opted_in(host))
        answer = grace.ask("POST", f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"})
        assert (answer.get_json()["code"], answer.headers["Retry-After"]) == ("too_many_messages", "600")
    with host.clock_at(noon + timedelta(minutes=60)):
        send(grace, contact)


def test_one_that_is_refused_for_another_reason_is_not_counted(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="1 per day", RELATIONSHIPS_MESSAGES_PER_APPLICATION="2 per day")
    grace, mary, contact = host.person(), host.person(), opted_in(host)
    send(grace, contact, 422, channel="sms", media_url="https://example.com/a.png")
    send(grace, host.contact(), 403)
    send(grace, contact)
    for _ in range(3):
        send(grace, contact, 429)
    send(mary, contact)
    send(host.person(), contact, 429)


@databases("sqlite")
def test_a_repeated_answer_is_not_counted_and_a_refusal_leaves_the_key_free(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="1 per hour")
    api, contact, begun = host.person(), opted_in(host), host.state.clock()

    def ask(key: str) -> tuple[int, str | None]:
        body = {"channel": "sms", "body": "Hello"}
        answer = api.ask("POST", f"/contacts/{contact}/messages", body, headers={"Idempotency-Key": key})
        return answer.status_code, answer.headers.get("Idempotent-Replayed")

    with host.clock_at(begun):
        assert [ask("first"), ask("first"), ask("second")] == [(201, None), (201, "true"), (429, None)]
    with host.clock_at(begun + timedelta(hours=1)):
        assert ask("second") == (201, None)
    assert len(host.transport.sent) == 2


@databases("sqlite")
def test_a_linked_action_is_free_again(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="1 per day")
    api, contact = host.person(), opted_in(host)
    send(api, contact)
    action = api.post(f"/contacts/{contact}/relationship-actions", {"title": "Text", "action_type": "sms"})["action"]
    send(api, contact, 429, auto_action_id=action["id"])
    send(host.person(), contact, auto_action_id=action["id"])


def test_old_windows_are_forgotten(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="5 per hour", RELATIONSHIPS_MESSAGES_PER_CONTACT="5 per week")
    send(host.person(), opted_in(host))
    with host.app.app_context(), host.clock_at(host.state.clock() + timedelta(hours=26)):
        run_due()
    (kept,) = host.rows("MessageCount")
    assert kept["ends_at"] - kept["begins_at"] == timedelta(weeks=1)


@databases("sqlite")
def test_without_a_limit_nothing_is_counted(host: Host, api: Caller) -> None:
    send(api, opted_in(host))
    assert host.rows("MessageCount") == []
