"""Pages of the actions of several people: what each database merges in its own way is one list."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from flask_relationships import ActionScope
from flask_relationships.db.scoped_pages import MAX_UNION_TERMS
from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host

DAYS = ["2031-05-02", None, "2031-05-01", "2031-05-02", None, "2030-01-01"]
"""With ties and without dates, in turns among the people."""

SORTS = ("due_date", "-created_at")


def pages(caller: Caller, limit: int, **query: Any) -> list[dict[str, Any]]:
    """All rows, page by page; each page but the last is full."""
    found, cursor = [], None
    while True:
        answer = caller.get("/relationship-actions", limit=limit, **query, **({"cursor": cursor} if cursor else {}))
        found += answer["actions"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found
        assert len(answer["actions"]) == limit


def assign(author: Caller, contact: str, people: list[Caller]) -> None:
    for number, (person, day) in enumerate(itertools.product(people, DAYS)):
        body = {**ACTION, "title": str(number), "due_date": day, "assigned_to_user_id": person.id}
        author.post(f"/contacts/{contact}/relationship-actions", body)


@pytest.mark.on_hosts("ordinary", "peculiar", "documented")
@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_of_a_squad_are_its_whole_list(host: Host, contact: str, sort: str) -> None:
    manager = host.person("manage", "manager", "north")
    squad = [host.person("manage", "member", "north", name=name) for name in ("Ada", "Mary")]
    stranger = host.person("manage", "member", "south", name="Somebody else")
    assign(stranger, contact, [manager, *squad, stranger])
    whole = manager.get("/relationship-actions", sort=sort)["actions"]
    assert len(whole) == 3 * len(DAYS)
    for limit in (1, 4, 18, 19):
        assert pages(manager, limit, sort=sort) == whole
    dismissed = {"status": "dismissed"}
    manager.patch("/relationship-actions", {"ids": [one["id"] for one in whole[::2]], **dismissed})
    assert pages(manager, 2, sort=sort, status="pending") == whole[1::2]


@pytest.mark.on_hosts("peculiar")
@pytest.mark.parametrize("sort", SORTS)
def test_what_is_hidden_makes_no_page_short(host: Host, contact: str, sort: str) -> None:
    manager, member = (host.person("manage", level, "north") for level in ("manager", "member"))
    gone = host.contact("Mary", "Somerville")
    for number in range(6):
        assign(manager, gone if number % 3 else contact, [manager, member])
    host.hide_contact(gone)
    assert len(pages(manager, 5, sort=sort)) == 2 * 2 * len(DAYS)


@pytest.mark.on_hosts("ordinary")
@pytest.mark.parametrize("sort", SORTS)
def test_a_scope_of_more_people_than_a_statement_has_terms(
    host: Host, contact: str, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = host.person("manage", "member"), host.person("manage", "member")
    strangers = range(10_000, 10_000 + 2 * MAX_UNION_TERMS + 3)
    everybody = ActionScope.users([int(first.id), *strangers, int(last.id)])
    assign(first, contact, [first, last])  # first of all, since an application's callbacks are set by its first request
    monkeypatch.setattr(host.state.callbacks, "action_scope", lambda _user: everybody)
    assert pages(first, 5, sort=sort) == first.get("/relationship-actions", sort=sort)["actions"]
    assert len(pages(first, 5, sort=sort)) == 2 * len(DAYS)


@pytest.mark.on_hosts("ordinary")
def test_a_list_is_not_read_with_what_was_asked_before(host: Host, contact: str) -> None:
    """The statement of a form is made once; its values are those of each request."""
    executive, ada, mary = host.person(), host.person(name="Ada"), host.person(name="Mary")
    assign(ada, contact, [ada, mary])
    for person, status in itertools.product((ada, mary, ada), ("pending", "done")):
        for query in ({"assigned_to_user_id": person.id, "limit": 50}, {"assigned_to_user_id": person.id}):
            found = executive.get("/relationship-actions", status=status, **query)["actions"]
            assert [one["assigned_to_user_id"] for one in found] == ([person.id] * 6 if status == "pending" else [])
    for day in ("2031-05-02", "2030-06-01"):
        found = executive.get("/relationship-actions", due_before=day, limit=9)["actions"]
        assert {one["due_date"] for one in found} == {one for one in DAYS if one and one < day}
