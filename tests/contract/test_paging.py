"""Lists: all of it, or keyset pages with ``?limit=`` and ``?cursor=``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from flask_relationships.testing.contract.access import unmatched
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import input_only, with_companies

pytestmark = with_companies

DATES = ["2031-05-01", None, "2030-01-01", "2031-05-01", None, "1999-01-01", "2031-05-01"]
"""With ties and without dates: what a cursor gets wrong first."""


@dataclass(frozen=True)
class List:
    address: str
    envelope: str
    create: str
    bodies: tuple[dict[str, Any], ...]
    query: tuple[tuple[str, str], ...] = ()


ACTIONS = tuple({**ACTION, "title": str(number), "due_date": due} for number, due in enumerate(DATES))
TO_ACTIONS = "/contacts/{contact}/relationship-actions"
LISTS = {
    "life events": List(
        "/contacts/{contact}/life-events",
        "events",
        "/contacts/{contact}/life-events",
        tuple({**EVENT, "event_date": date, "auto_action_enabled": False} for date in DATES),
    ),
    "actions": List("/relationship-actions", "actions", TO_ACTIONS, ACTIONS),
    "newest actions": List("/relationship-actions", "actions", TO_ACTIONS, ACTIONS, (("sort", "-created_at"),)),
    "pending actions": List("/relationship-actions", "actions", TO_ACTIONS, ACTIONS, (("status", "pending"),)),
    "actions of a contact": List(TO_ACTIONS, "actions", TO_ACTIONS, ACTIONS),
    "action centre": List("/action-centre", "items", TO_ACTIONS, ACTIONS),
    "messages": List("/contacts/{contact}/messages", "messages", "/contacts/{contact}/messages", (MESSAGE,) * 7),
    "partners": List(
        "/companies/{company}/partners",
        "partners",
        "/companies/{company}/partners",
        tuple({**PARTNER, "partner_company_name": name} for name in ("b", "a", "B", "é", "b", "a", "z")),
    ),
}


@pytest.fixture(params=list(LISTS))
def filled(request: pytest.FixtureRequest, host: Host, api: Caller, contact: str) -> List:
    """A list with seven rows, its address complete."""
    kind = LISTS[request.param]
    names = {"contact": contact, "company": host.client()}
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    for body in kind.bodies:
        api.post(kind.create.format(**names), body)
    return List(kind.address.format(**names), kind.envelope, "", (), kind.query)


def test_pages_join_to_the_whole(api: Caller, filled: List) -> None:
    """Without a limit everything comes, in the bare envelope; with one, each page names the next in body and header."""
    query = dict(filled.query)
    answer = api.get(filled.address, **query)
    assert answer.get("next_cursor") is None
    whole = answer[filled.envelope]
    assert len(whole) == 7
    for limit in (1, 3, 7, 500):
        joined: list[Any] = []
        asked: dict[str, str] = {**query, "limit": str(limit)}
        while asked:
            response = api.ask("GET", filled.address, query_string=asked)
            page = response.get_json()
            assert set(page) == {filled.envelope, "next_cursor"}
            assert len(page[filled.envelope]) <= limit
            joined += page[filled.envelope]
            asked = _next(response)
            assert asked.get("cursor") == page["next_cursor"]
            assert not asked or {**asked, "cursor": ""} == {**query, "limit": str(limit), "cursor": ""}
            assert len(joined) <= len(whole)
        assert joined == whole, f"in pages of {limit}"


def _next(response: TestResponse) -> dict[str, str]:
    """The query of the next page, from the Link header; nothing on the last page."""
    if "Link" not in response.headers:
        return {}
    link = re.fullmatch(r'<([^>]+)>; rel="next"', response.headers["Link"])
    assert link
    return {name: value for name, (value,) in parse_qs(urlsplit(link[1]).query).items()}


NO_LIMITS = ("0", "-1", "501", "ten", "1.5", "", "9" * 30)
NO_CURSORS = ("x", "\x00", "bnVsbA", "W10", "eyJhIjoxfQ", "é", "W251bGwsIm51bGwiXQ", "a" * 5000)


@input_only
def test_a_limit_is_1_to_500_and_a_cursor_one_of_ours(api: Caller, filled: List) -> None:
    for limit in NO_LIMITS:
        assert len(members(api.get(filled.address, 422, limit=limit))) == 1
    for cursor in NO_CURSORS:
        assert len(members(api.get(filled.address, 422, limit=2, cursor=cursor))) == 1


def test_new_rows_do_not_shift_the_pages(api: Caller, host: Host, contact: str) -> None:
    for number in range(4):
        api.post(TO_ACTIONS.format(contact=contact), {**ACTION, "title": str(number), "due_date": "2031-05-01"})
    first = api.get("/relationship-actions", limit=2)
    api.post(TO_ACTIONS.format(contact=contact), {**ACTION, "title": "new", "due_date": "2030-01-01"})
    second = api.get("/relationship-actions", limit=2, cursor=first["next_cursor"])
    found = [action["title"] for action in first["actions"] + second["actions"]]
    assert sorted(found) == ["0", "1", "2", "3"]


class TestMaxRows:
    """No answer holds more than ``RELATIONSHIPS_MAX_ROWS``, whatever the list."""

    MOST = 3

    @pytest.fixture
    def host(self, make_host: Any) -> Host:
        made: Host = make_host(RELATIONSHIPS_MAX_ROWS=self.MOST)
        return made

    def joined(self, api: Caller, address: str, envelope: str, **query: Any) -> list[Any]:
        """The rows of all answers without a limit, each of which says where the next begins."""
        rows: list[Any] = []
        asked = dict(query)
        while True:
            response = api.ask("GET", address, query_string=asked)
            page = response.get_json()
            assert len(page[envelope]) <= self.MOST
            rows += page[envelope]
            assert ("Link" in response.headers) == ("next_cursor" in page)
            if "next_cursor" not in page:
                return rows
            asked = {**query, "cursor": page["next_cursor"]}

    def test_a_longer_list_ends_with_a_cursor(self, api: Caller, filled: List) -> None:
        query = dict(filled.query)
        whole = api.get(filled.address, **query, limit=7)[filled.envelope]
        assert len(whole) == 7
        assert self.joined(api, filled.address, filled.envelope, **query) == whole

    @pytest.mark.parametrize("kind", ["history", "consent", "unmatched", "feeds", "neglected"])
    def test_so_does_each_other_list(self, host: Host, api: Caller, contact: str, kind: str) -> None:
        """Four rows of each: more than one answer holds."""
        make: dict[str, Any] = {
            "history": self.edit,
            "consent": self.opt_in_and_out,
            "unmatched": self.receive,
            "feeds": self.subscribe,
            "neglected": self.neglect,
        }
        address, envelope = make[kind](host, api, contact)
        whole = api.get(address, limit=100)[envelope]
        assert len(whole) > self.MOST
        assert self.joined(api, address, envelope) == whole

    def edit(self, host: Host, api: Caller, contact: str) -> tuple[str, str]:
        action = api.post(TO_ACTIONS.format(contact=contact), ACTION)["action"]["id"]
        for number in range(self.MOST):
            api.patch(f"{TO_ACTIONS.format(contact=contact)}/{action}", {"title": str(number)})
        return f"/relationship-actions/{action}/history", "history"

    def opt_in_and_out(self, host: Host, api: Caller, contact: str) -> tuple[str, str]:
        for number in range(self.MOST + 1):
            api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": number % 2 == 0})
        return f"/contacts/{contact}/consent", "entries"

    def receive(self, host: Host, api: Caller, contact: str) -> tuple[str, str]:
        for _ in range(self.MOST + 1):
            unmatched(host, contact)
        return "/messages/unmatched", "messages"

    def subscribe(self, host: Host, api: Caller, contact: str) -> tuple[str, str]:
        for _ in range(self.MOST + 1):
            api.put(f"/companies/{host.client()}/calendar-feed", 201)
        return "/calendar-feeds", "feeds"

    def neglect(self, host: Host, api: Caller, contact: str) -> tuple[str, str]:
        for _ in range(self.MOST + 1):
            neglected = host.contact()
            api.get(f"/contacts/{neglected}/relationship")
            profile = host.row("Profile", contact_id=neglected)["id"]
            host.change(host.models.Profile, profile, cadence_days=1, in_touch_due_day=1, in_touch_remind_day=1)
        return "/contacts/neglected", "contacts"

    def test_a_summary_shows_the_first_of_each(self, host: Host, api: Caller) -> None:
        company, soon = host.client(), host.today().isoformat()
        for number in range(self.MOST + 2):
            contact = host.contact(company=company)
            api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "title": str(number)})
            for event in ({"event_date": soon}, {"event_date": "2000-02-29", "recurs_annually": True}):
                api.post(f"/contacts/{contact}/life-events", {**EVENT, **event, "auto_action_enabled": False})
            api.post(f"/companies/{company}/partners", PARTNER)
        summary = api.get(f"/clients/{company}/relationship-summary")
        counts = {name: len(summary[name]) for name in ("contacts", "events", "actions", "partners")}
        assert counts == dict.fromkeys(counts, self.MOST)
        assert {event["next_occurrence"] for event in summary["events"]} == {soon}
