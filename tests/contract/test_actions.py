"""GET and POST /contacts/:id/relationship-actions, PATCH /relationship-actions/:id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION
from tests.contract.problems import members
from tests.hosts.host import Caller, Host, Row
from tests.marks import input_only

JOINED = {"first_name", "last_name", "contact_email", "company_name", "assigned_to_name"}
FIELDS = JOINED | {
    "id", "contact_id", "company_id", "title", "action_type", "description", "message_body",
    "due_date", "status", "source", "life_event_id", "occurrence_date", "assigned_to_user_id",
    "created_by_user_id", "completed_by_user_id", "completed_at", "created_at", "updated_at",
}  # fmt: skip


def address(contact: str) -> str:
    return f"/contacts/{contact}/relationship-actions"


def create(api: Caller, contact: str, **fields: Any) -> Row:
    action: Row = api.post(address(contact), {**ACTION, **fields})["action"]
    return action


class TestCreating:
    def test_only_title_and_type_are_needed(self, api: Caller, contact: str) -> None:
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
        absent = FIELDS - expected.keys() - JOINED - {"id", "created_at", "updated_at"}
        assert {action[name] for name in absent} == {None}

    def test_every_field_is_kept(self, api: Caller, host: Host, contact: str) -> None:
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

    @input_only
    @pytest.mark.parametrize("action_type", ["gift", "whatsapp", "call", "linkedin", "card", "carrier pigeon"])
    def test_action_types_are_free(self, api: Caller, contact: str, action_type: str) -> None:
        assert create(api, contact, action_type=action_type)["action_type"] == action_type

    def test_it_is_mirrored_to_the_action_centre(self, api: Caller, contact: str) -> None:
        """Also mirrors the action to the action centre."""
        action = create(api, contact, due_date="2031-05-01")
        (item,) = api.get("/action-centre")["items"]
        assert item == {
            "id": item["id"],
            "action_id": action["id"],
            "title": action["title"],
            "due_date": "2031-05-01",
            "assigned_to_user_id": api.id,
            "status": "open",
        }

    @input_only
    def test_what_is_missing_is_named(self, api: Caller, contact: str) -> None:
        problem = api.post(address(contact), {"description": "?"}, 422)
        assert members(problem) == {"#/title": "required", "#/action_type": "required"}

    @input_only
    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("title", " ", "blank"),
            ("title", None, "null"),
            ("title", "a" * 9999, "too_long"),
            ("action_type", "", "blank"),
            ("action_type", ["gift"], "invalid_type"),
            ("description", 7, "invalid_type"),
            ("message_body", "a" * 200_000, "too_long"),
            ("due_date", "tomorrow", "invalid_date"),
            ("due_date", 20310501, "invalid_type"),
            ("assigned_to_user_id", 7, "invalid_type"),
            ("status", "done", "unknown_field"),
        ],
    )
    def test_what_is_wrong_is_named(self, api: Caller, contact: str, name: str, value: Any, code: str) -> None:
        assert members(api.post(address(contact), {**ACTION, name: value}, 422)) == {f"#/{name}": code}

    def test_nobody_to_assign_it_to(self, api: Caller, host: Host, contact: str) -> None:
        stranger = "42" if host.name == "textual" else host.absent_id()
        problem = api.post(address(contact), {**ACTION, "assigned_to_user_id": stranger}, 404)
        assert problem["code"] == "not_found"
        assert host.rows("Action") == []


class TestJoinedFields:
    """Each includes joined first_name, last_name, contact_email, company_name, and assigned_to_name."""

    def test_of_contact_and_user(self, api: Caller, host: Host) -> None:
        contact = host.contact("Mary", "Somerville", "mary@example.com")
        action = create(api, contact)
        joined = {
            "first_name": "Mary",
            "last_name": "Somerville",
            "contact_email": "mary@example.com",
            "company_name": None,
            "assigned_to_name": "Grace Hopper",
        }
        for found in (
            action,
            api.get("/relationship-actions")["actions"][0],
            api.get(address(contact))["actions"][0],
        ):
            assert {name: found[name] for name in JOINED} == joined

    @pytest.mark.hosts("ordinary", "peculiar", "documented")
    @pytest.mark.parametrize(
        ("own", "of_contact", "expected"),
        [(True, True, "Own"), (True, False, "Own"), (False, True, "Contact's")],
    )
    def test_company_name_is_the_row_s_own_else_the_contact_s(
        self, api: Caller, host: Host, own: bool, of_contact: bool, expected: str
    ) -> None:
        contact = host.contact(company=host.company("Contact's") if of_contact else None)
        action = create(api, contact, company_id=host.company("Own") if own else None)
        assert action["company_name"] == expected
        assert api.get("/relationship-actions")["actions"][0]["company_name"] == expected

    @pytest.mark.hosts("textual")
    def test_company_name_may_be_text(self, api: Caller, host: Host) -> None:
        assert create(api, host.contact(company="Babbage & Sons"))["company_name"] == "Babbage & Sons"

    @pytest.mark.hosts("peculiar")
    def test_a_company_or_user_that_may_not_be_seen_is_null(self, api: Caller, host: Host) -> None:
        company, other = host.company(), host.person()
        contact = host.contact(company=company)
        create(api, contact, assigned_to_user_id=other.id)
        host.hide_company(company)
        host.hide_user(other.id)
        for path in ("/relationship-actions", address(contact)):
            (found,) = api.get(path)["actions"]
            assert (found["company_name"], found["assigned_to_name"]) == (None, None)
            assert found["first_name"] == "Ada"

    @pytest.mark.hosts("peculiar")
    @pytest.mark.parametrize("fate", ["hide_contact", "delete_contact"])
    def test_of_a_contact_that_may_not_be_seen_the_rows_are_gone(
        self, api: Caller, host: Host, contact: str, fate: str
    ) -> None:
        create(api, contact)
        getattr(host, fate)(contact)
        assert api.get("/relationship-actions")["actions"] == []
        assert api.get("/action-centre")["items"] == []


class TestListing:
    def test_soonest_due_first_undated_last(self, api: Caller, contact: str) -> None:
        for title, due in [
            ("c", "2031-01-01"),
            ("?", None),
            ("a", "1999-01-01"),
            ("b", "2030-06-01"),
            ("!", None),
        ]:
            create(api, contact, title=title, due_date=due)
        for path in ("/relationship-actions", address(contact)):
            found = [action["title"] for action in api.get(path)["actions"]]
            assert found[:3] == ["a", "b", "c"]
            assert sorted(found[3:]) == ["!", "?"]

    def test_newest_first_when_asked(self, api: Caller, contact: str) -> None:
        for title, due in [("first", "2031-01-01"), ("second", None), ("third", "1999-01-01")]:
            create(api, contact, title=title, due_date=due)
        for path in ("/relationship-actions", address(contact)):
            found = [action["title"] for action in api.get(path, sort="-created_at")["actions"]]
            assert found == ["third", "second", "first"]

    def test_only_those_of_the_contact(self, api: Caller, host: Host, contact: str) -> None:
        create(api, contact)
        assert api.get(address(host.contact("Mary", "Somerville")))["actions"] == []

    def test_a_contact_s_actions_are_not_narrowed_by_the_scope(self, api: Caller, host: Host, contact: str) -> None:
        create(api, contact)
        assert len(host.person("view", level="member").get(address(contact))["actions"]) == 1


class TestClosing:
    @pytest.mark.parametrize("status", ["done", "dismissed"])
    def test_who_closed_it_and_when(self, api: Caller, host: Host, contact: str, status: str) -> None:
        """status: done or dismissed. Response: { action }."""
        action = create(api, contact)
        closer = host.person("update", level="member")
        answer = closer.patch(f"/relationship-actions/{action['id']}", {"status": status})
        assert set(answer) == {"action"}
        assert set(answer["action"]) == FIELDS
        assert (answer["action"]["status"], answer["action"]["completed_by_user_id"]) == (status, closer.id)
        assert answer["action"]["completed_at"].endswith("Z")
        assert api.get(address(contact))["actions"] == [answer["action"]]

    @pytest.mark.parametrize("status", ["done", "dismissed"])
    def test_it_is_synced_to_the_action_centre(self, api: Caller, contact: str, status: str) -> None:
        """Syncs completion to the action centre."""
        action = create(api, contact)
        api.patch(f"/relationship-actions/{action['id']}", {"status": status})
        assert [item["status"] for item in api.get("/action-centre")["items"]] == [status]

    def test_one_status_may_correct_the_other(self, api: Caller, contact: str) -> None:
        action = create(api, contact)
        for status in ("done", "dismissed", "done"):
            changed = api.patch(f"/relationship-actions/{action['id']}", {"status": status})["action"]
            assert changed["status"] == status
            assert [item["status"] for item in api.get("/action-centre")["items"]] == [status]

    def test_closing_twice_is_closing_once(self, api: Caller, host: Host, contact: str) -> None:
        action = create(api, contact)
        first = api.patch(f"/relationship-actions/{action['id']}", {"status": "done"})
        with host.clock_at(datetime.now(UTC) + timedelta(hours=1)):
            assert host.person().patch(f"/relationship-actions/{action['id']}", {"status": "done"}) == first

    @input_only
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, {"#/status": "required"}),
            ({"status": None}, {"#/status": "null"}),
            ({"status": "pending"}, {"#/status": "invalid_choice"}),
            ({"status": "DONE"}, {"#/status": "invalid_choice"}),
            ({"status": True}, {"#/status": "invalid_type"}),
            ({"status": "done", "title": "x"}, {"#/title": "unknown_field"}),
        ],
    )
    def test_the_status_is_done_or_dismissed(
        self, api: Caller, contact: str, body: Any, expected: dict[str, str]
    ) -> None:
        action = create(api, contact)
        assert members(api.patch(f"/relationship-actions/{action['id']}", body, 422)) == expected
        assert api.get(address(contact))["actions"] == [action]

    @pytest.mark.parametrize("action", ["1", "abc", "00000000-0000-7000-8000-000000000000"])
    def test_an_action_that_is_not_there(self, api: Caller, action: str) -> None:
        assert api.patch(f"/relationship-actions/{action}", {"status": "done"}, 404)["code"] == "not_found"
