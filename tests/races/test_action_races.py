"""Several people and an event at one action at once: one of them wins, and the history says in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.hosts.host import Caller, Host, Row

pytestmark = pytest.mark.on_hosts("ordinary")

ROUNDS = 5


def together(*asks: Callable[[], TestResponse]) -> list[TestResponse]:
    """The answers to requests that are made at the same moment."""
    barrier = Barrier(len(asks))

    def start(ask: Callable[[], TestResponse]) -> TestResponse:
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(start, asks))


def asking(api: Caller, path: str, body: Any) -> Callable[[], TestResponse]:
    return lambda: api.ask("PATCH", path, body)


def create(api: Caller, contact: str) -> Row:
    new = {"title": "Call", "action_type": "call"}
    action: Row = api.post(f"/contacts/{contact}/relationship-actions", new)["action"]
    return action


def kinds(api: Caller, action: str) -> list[str]:
    return [line["kind"] for line in api.get(f"/relationship-actions/{action}/history")["history"]][::-1]


def test_nobody_edits_what_is_closed(api: Caller, contact: str) -> None:
    for _ in range(ROUNDS):
        action = create(api, contact)["id"]
        path = f"/contacts/{contact}/relationship-actions/{action}"

        def close() -> TestResponse:
            return api.ask("PATCH", f"/relationship-actions/{action}", {"status": "done"})  # noqa: B023

        def edit(title: str) -> Callable[[], TestResponse]:
            return lambda: api.ask("PATCH", path, {"title": title})  # noqa: B023

        closed, *edited = together(close, *(edit(title) for title in "abcd"))
        assert closed.status_code == 200
        assert {answer.status_code for answer in edited} <= {200, 409}
        refused = [answer.json["code"] for answer in edited if answer.status_code == 409 and answer.json]
        assert set(refused) <= {"action_closed", "changed_meanwhile"}
        assert kinds(api, action) == ["created", *["edited"] * (4 - len(refused)), "done"]


def test_two_who_edit_different_members_both_have_their_way(api: Caller, contact: str) -> None:
    for _ in range(ROUNDS):
        action = create(api, contact)["id"]
        path = f"/contacts/{contact}/relationship-actions/{action}"
        given: list[dict[str, str]] = [{"title": "Visit"}, {"due_date": "2031-05-01"}, {"description": "By train."}]
        answers = together(*(asking(api, path, body) for body in given))
        assert [answer.status_code for answer in answers] == [200] * 3
        found = api.get(f"/relationship-actions/{action}")["action"]
        assert all(body.items() <= found.items() for body in given)
        lines = api.get(f"/relationship-actions/{action}/history")["history"]
        changed = [change["field"] for line in lines for change in line["changes"]]
        assert sorted(changed) == ["description", "due_date", "title"]


def test_it_is_opened_by_one(api: Caller, contact: str) -> None:
    action = create(api, contact)["id"]
    api.patch(f"/relationship-actions/{action}", {"status": "done"})
    answers = together(*[lambda: api.ask("POST", f"/relationship-actions/{action}/reopen")] * 6)
    assert Counter(answer.status_code for answer in answers) == {200: 6}
    assert kinds(api, action) == ["created", "done", "reopened"]


def test_each_of_many_is_closed_by_one(api: Caller, contact: str) -> None:
    for _ in range(ROUNDS):
        ids = [create(api, contact)["id"] for _ in range(8)]
        bodies: list[dict[str, Any]] = [{"ids": ids[start:] + ids[:start], "status": "done"} for start in (0, 3, 6)]
        answers = together(*(asking(api, "/relationship-actions", body) for body in bodies))
        assert [answer.status_code for answer in answers] == [200] * 3
        told = Counter(
            result["id"]
            for answer in answers
            for result in (answer.json or {})["results"]
            if result["outcome"] == "closed"
        )
        assert told == dict.fromkeys(ids, 1)
        assert all(kinds(api, action) == ["created", "done"] for action in ids)


def test_an_event_that_is_saved_meanwhile_takes_back_nothing(api: Caller, host: Host, contact: str) -> None:
    for round_ in range(ROUNDS):
        new = {"event_type": "visit", "title": "Visit", "event_date": "2031-05-01"}
        event = api.post(f"/contacts/{contact}/life-events", new)["event"]
        action, saved = event["open_action_id"], {"title": f"Inspection {round_}", "auto_action_days_before": 20}
        answers = together(
            lambda: api.ask("PATCH", f"/contacts/{contact}/life-events/{event['id']}", saved),  # noqa: B023
            lambda: api.ask("POST", f"/relationship-actions/{action}/snooze", {"until": "2999-01-01"}),  # noqa: B023
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        found = api.get(f"/relationship-actions/{action}")["action"]
        assert (found["due_date"], found["title"]) == ("2999-01-01", saved["title"])
