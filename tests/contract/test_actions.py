"""GET and POST /contacts/:id/relationship-actions, PATCH /relationship-actions/:id."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION
from tests.contract.problems import members
from tests.hosts.host import Caller, Row
from tests.marks import input_only

JOINED = {"first_name", "last_name", "contact_email", "company_name", "assigned_to_name"}
FIELDS = JOINED | {
    "revision",
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
    @input_only
    @pytest.mark.parametrize("action_type", ["gift", "whatsapp", "call", "linkedin", "card", "carrier pigeon"])
    def test_action_types_are_free(self, api: Caller, contact: str, action_type: str) -> None:
        assert create(api, contact, action_type=action_type)["action_type"] == action_type

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


class TestClosing:
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
