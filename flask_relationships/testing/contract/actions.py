"""Relationship actions: of a contact, of the caller's scope, and their mirror in the action centre."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ..caller import Caller
from ..host import ContractHost, Row
from .specification import ACTION

JOINED = {"first_name", "last_name", "contact_email", "company_name", "assigned_to_name"}
FIELDS = JOINED | {
    "revision",
    "id", "contact_id", "company_id", "title", "action_type", "description", "message_body",
    "due_date", "status", "source", "life_event_id", "occurrence_date", "assigned_to_user_id",
    "created_by_user_id", "completed_by_user_id", "completed_at", "created_at", "updated_at",
}  # fmt: skip

EVERYWHERE = "/relationship-actions"


def address(contact: str) -> str:
    return f"/contacts/{contact}/relationship-actions"


def create(api: Caller, contact: str, **fields: Any) -> Row:
    action: Row = api.post(address(contact), {**ACTION, **fields})["action"]
    return action


def titles(caller: Caller, path: str = EVERYWHERE, **filters: Any) -> list[str]:
    return [action["title"] for action in caller.get(path, **filters)["actions"]]


def mirrored(host: ContractHost, caller: Caller) -> list[Row]:
    """The items of the action centre, where it is the plugin's own."""
    if not host.state.action_centre.listed:
        host.lacks("action centre of the plugin's own")
    items: list[Row] = caller.get("/action-centre")["items"]
    return items


class ActionContract:
    def test_an_action_needs_only_title_and_type(self, api: Caller, contact: str) -> None:
        """assigned_to_user_id: default current user. Response: { action } (201)."""
        answer = api.post(address(contact), ACTION)
        assert set(answer) == {"action"}
        action = answer["action"]
        assert set(action) == FIELDS
        expected = {
            **ACTION,
            "contact_id": contact,
            "status": "pending",
            "source": "manual",
            "assigned_to_user_id": api.id,
            "created_by_user_id": api.id,
        }
        assert expected.items() <= action.items()
        absent = FIELDS - expected.keys() - JOINED - {"id", "revision", "created_at", "updated_at"}
        assert {action[name] for name in absent} == {None}

    def test_every_field_of_an_action_is_kept(self, api: Caller, host: ContractHost, contact: str) -> None:
        other = host.person(name="Mary Somerville")
        given = {
            "title": "Thank for the introduction",
            "action_type": "whatsapp",
            "description": "She met them in Turin.",
            "assigned_to_user_id": other.id,
            "due_date": "2031-05-01",
            "message_body": "Thank you!",
        }
        action = api.post(address(contact), given)["action"]
        assert given.items() <= action.items()
        assert action["assigned_to_name"] == "Mary Somerville"
        assert api.get(address(contact))["actions"] == [action]

    def test_an_action_needs_an_existing_assignee(self, api: Caller, host: ContractHost, contact: str) -> None:
        problem = api.post(address(contact), {**ACTION, "assigned_to_user_id": host.absent_id("user")}, 422)
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
            ("#/assigned_to_user_id", "unknown_reference")
        ]
        assert host.rows("Action") == []

    def test_an_action_comes_with_the_names_of_contact_and_user(self, api: Caller, host: ContractHost) -> None:
        """Each includes joined first_name, last_name, contact_email, company_name, and assigned_to_name."""
        contact = host.contact("Mary", "Somerville", "mary@example.com")
        action = create(api, contact)
        joined = {
            "first_name": "Mary",
            "last_name": "Somerville",
            "contact_email": "mary@example.com" if "email" in host.state.hosts.contact.fields else None,
            "company_name": None,
            "assigned_to_name": api.name,
        }
        if host.contact_company == "required":
            del joined["company_name"]
        for found in (action, *api.get(EVERYWHERE)["actions"], *api.get(address(contact))["actions"]):
            assert {name: found[name] for name in joined} == joined

    @pytest.mark.parametrize(
        ("own", "of_contact", "expected"),
        [(True, True, "Own"), (True, False, "Own"), (False, True, "Contact's")],
    )
    def test_company_name_is_the_action_s_own_else_the_contact_s(
        self, api: Caller, host: ContractHost, own: bool, of_contact: bool, expected: str
    ) -> None:
        contact = host.contact(company=host.company("Contact's") if of_contact else None)
        action = create(api, contact, company_id=host.company("Own") if own else None)
        assert action["company_name"] == expected
        assert api.get(EVERYWHERE)["actions"][0]["company_name"] == expected

    def test_company_name_may_be_text(self, api: Caller, host: ContractHost) -> None:
        if host.has_companies or "company_name" not in host.state.hosts.contact.fields:
            host.lacks("companies that are text")
        assert create(api, host.contact(company="Babbage & Sons"))["company_name"] == "Babbage & Sons"

    def test_soonest_due_first_undated_last(self, api: Caller, contact: str) -> None:
        for title, due in [("c", "2031-01-01"), ("?", None), ("a", "1999-01-01"), ("b", "2030-06-01"), ("!", None)]:
            create(api, contact, title=title, due_date=due)
        for path in (EVERYWHERE, address(contact)):
            found = titles(api, path)
            assert found[:3] == ["a", "b", "c"]
            assert sorted(found[3:]) == ["!", "?"]
            assert titles(api, path, sort="-created_at") == ["!", "b", "a", "?", "c"]

    def test_actions_are_those_of_the_contact(self, api: Caller, host: ContractHost, contact: str) -> None:
        create(api, contact)
        assert api.get(address(host.contact("Mary", "Somerville")))["actions"] == []

    def test_each_filter_of_actions(self, api: Caller, host: ContractHost, contact: str) -> None:
        """status, action_type, contact_id, due_before and due_after, both exclusive."""
        mary = host.contact("Mary", "Somerville")
        for title, whose, fields in [
            ("early", contact, {"due_date": "2031-05-01", "action_type": "gift"}),
            ("late", contact, {"due_date": "2031-06-01"}),
            ("mary's", mary, {"due_date": "2031-05-15"}),
            ("undated", mary, {}),
        ]:
            action = create(api, whose, title=title, **fields)
            if title == "late":
                api.patch(f"{EVERYWHERE}/{action['id']}", {"status": "done"})
        seen = {
            name: set(titles(api, **filters))
            for name, filters in {
                "pending": {"status": "pending"},
                "done": {"status": "done"},
                "gift": {"action_type": "gift"},
                "mary's": {"contact_id": mary},
                "mine": {"assigned_to_user_id": api.id},
                "before": {"due_before": "2031-05-15"},
                "after": {"due_after": "2031-05-15"},
                "nobody's": {"contact_id": host.absent_id()},
            }.items()
        }
        assert seen == {
            "pending": {"early", "mary's", "undated"},
            "done": {"late"},
            "gift": {"early"},
            "mary's": {"mary's", "undated"},
            "mine": {"early", "late", "mary's", "undated"},
            "before": {"early"},
            "after": {"late"},
            "nobody's": set(),
        }

    def test_pages_of_actions_join_to_the_whole(self, api: Caller, contact: str) -> None:
        for number in range(7):
            create(api, contact, title=str(number), due_date=f"2031-05-0{number % 3 + 1}")
        whole, cursor, joined = titles(api), None, []
        while True:
            page = api.get(EVERYWHERE, limit=3, **({"cursor": cursor} if cursor else {}))
            joined += [action["title"] for action in page["actions"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert joined == whole

    @pytest.mark.parametrize("status", ["done", "dismissed"])
    def test_who_closed_an_action_and_when(self, api: Caller, contact: str, status: str) -> None:
        """status: done or dismissed. Response: { action }."""
        action = create(api, contact)
        answer = api.patch(f"{EVERYWHERE}/{action['id']}", {"status": status})
        assert set(answer) == {"action"}
        assert set(answer["action"]) == FIELDS
        assert (answer["action"]["status"], answer["action"]["completed_by_user_id"]) == (status, api.id)
        assert answer["action"]["completed_at"].endswith("Z")
        assert api.get(address(contact))["actions"] == [answer["action"]]

    def test_closing_twice_is_closing_once(self, api: Caller, host: ContractHost, contact: str) -> None:
        action = create(api, contact)
        first = api.patch(f"{EVERYWHERE}/{action['id']}", {"status": "done"})
        with host.clock_at(datetime.now(UTC) + timedelta(days=1)):
            assert api.patch(f"{EVERYWHERE}/{action['id']}", {"status": "done"}) == first

    def test_an_action_is_never_opened_by_a_status(self, api: Caller, contact: str) -> None:
        action = create(api, contact)
        problem = api.patch(f"{EVERYWHERE}/{action['id']}", {"status": "pending"}, 422)
        assert [error["pointer"] for error in problem["errors"]] == ["#/status"]

    @pytest.mark.parametrize("action", ["1", "abc", "00000000-0000-7000-8000-000000000000"])
    def test_an_action_that_is_not_there(self, api: Caller, action: str) -> None:
        assert api.patch(f"{EVERYWHERE}/{action}", {"status": "done"}, 404)["code"] == "not_found"

    def test_the_action_centre_mirrors_an_action(self, api: Caller, host: ContractHost, contact: str) -> None:
        """Also mirrors the action to the action centre; syncs completion to it."""
        action = create(api, contact, due_date="2031-05-01")
        (item,) = mirrored(host, api)
        assert item == {
            "id": item["id"],
            "revision": action["revision"],
            "action_id": action["id"],
            "title": action["title"],
            "due_date": "2031-05-01",
            "assigned_to_user_id": api.id,
            "status": "open",
        }
        for status in ("done", "dismissed", "done"):
            api.patch(f"{EVERYWHERE}/{action['id']}", {"status": status})
            assert [item["status"] for item in mirrored(host, api)] == [status]


class ActionScopeContract:
    """Executive/Head: all actions. Manager: own + squad members' actions. Others: own actions only."""

    def test_an_executive_and_a_head_see_all_actions(self, api: Caller, host: ContractHost, contact: str) -> None:
        create(api, contact, assigned_to_user_id=host.person().id)
        create(api, contact)
        for level in ("executive", "head"):
            caller = host.person(level=level)
            assert len(titles(caller)) == 2

    def test_a_manager_sees_their_own_and_the_squad_s(self, host: ContractHost, contact: str) -> None:
        author, manager = host.person(level="executive"), host.person("update", "manager", "north")
        member, stranger = host.person("update", "member", "north"), host.person("update", "member", "south")
        for title, person in [("own", manager), ("squad's", member), ("stranger's", stranger)]:
            create(author, contact, title=title, assigned_to_user_id=person.id)
        assert sorted(titles(manager)) == ["own", "squad's"]
        assert titles(manager, assigned_to_user_id=stranger.id) == [], "a filter never widens the scope"

    def test_others_see_their_own(self, api: Caller, host: ContractHost, contact: str) -> None:
        member = host.person("update", "member", "north")
        create(api, contact, title="own", assigned_to_user_id=member.id)
        create(api, contact, title="stranger's")
        assert titles(member) == ["own"]
        assert titles(member, assigned_to_user_id=api.id) == [], "a filter never widens the scope"
        assert len(titles(member, address(contact))) == 2, "the actions of one contact are not limited by the scope"
