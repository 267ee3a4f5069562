"""Lists: all of it, or keyset pages with ``?limit=`` and ``?cursor=``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import input_only
from tests.seed import ACTION, EVENT, MESSAGE, PARTNER

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
    if "{company}" in kind.address and not host.has_companies:
        pytest.skip(f"the {host.name} host has no companies")
    names = {"contact": contact, "company": host.client() if host.has_companies else ""}
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    for body in kind.bodies:
        api.post(kind.create.format(**names), body)
    return List(kind.address.format(**names), kind.envelope, "", (), kind.query)


def test_without_a_limit_everything_comes_in_the_bare_envelope(api: Caller, filled: List) -> None:
    answer = api.get(filled.address, **dict(filled.query))
    assert len(answer[filled.envelope]) == 7
    assert answer.get("next_cursor") is None


def test_pages_join_to_the_whole(api: Caller, filled: List) -> None:
    query = dict(filled.query)
    whole = api.get(filled.address, **query)[filled.envelope]
    for limit in (1, 2, 3, 7, 500):
        joined: list[Any] = []
        cursor: str | None = None
        for _ in range(len(whole) // limit + 1):
            page = api.get(filled.address, **query, limit=limit, **({"cursor": cursor} if cursor else {}))
            assert set(page) == {filled.envelope, "next_cursor"}
            assert len(page[filled.envelope]) <= limit
            joined += page[filled.envelope]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert joined == whole, f"in pages of {limit}"
        assert cursor is None


def test_the_link_header_names_the_next_page(api: Caller, filled: List) -> None:
    query = dict(filled.query)
    first = api.ask("GET", filled.address, query_string={**query, "limit": 4})
    link = re.fullmatch(r'<([^>]+)>; rel="next"', first.headers["Link"])
    assert link
    next_query = {name: value for name, (value,) in parse_qs(urlsplit(link[1]).query).items()}
    assert next_query == {**query, "limit": "4", "cursor": first.get_json()["next_cursor"]}
    second = api.ask("GET", filled.address, query_string=next_query)
    assert len(second.get_json()[filled.envelope]) == 3
    assert second.get_json()["next_cursor"] is None
    assert "Link" not in second.headers


@input_only
@pytest.mark.parametrize("limit", ["0", "-1", "501", "ten", "1.5", "", "9" * 30])
def test_a_limit_is_1_to_500(api: Caller, filled: List, limit: str) -> None:
    problem = api.get(filled.address, 422, limit=limit)
    assert len(members(problem)) == 1


@input_only
@pytest.mark.parametrize("cursor", ["x", "%00", "bnVsbA", "W10", "eyJhIjoxfQ", "é", "W251bGwsIm51bGwiXQ", "a" * 5000])
def test_a_cursor_that_is_none_is_refused(api: Caller, filled: List, cursor: str) -> None:
    problem = api.get(filled.address, 422, limit=2, cursor=cursor)
    assert len(members(problem)) == 1


def test_new_rows_do_not_shift_the_pages(api: Caller, host: Host, contact: str) -> None:
    for number in range(4):
        api.post(TO_ACTIONS.format(contact=contact), {**ACTION, "title": str(number), "due_date": "2031-05-01"})
    first = api.get("/relationship-actions", limit=2)
    api.post(TO_ACTIONS.format(contact=contact), {**ACTION, "title": "new", "due_date": "2030-01-01"})
    second = api.get("/relationship-actions", limit=2, cursor=first["next_cursor"])
    found = [action["title"] for action in first["actions"] + second["actions"]]
    assert sorted(found) == ["0", "1", "2", "3"]
