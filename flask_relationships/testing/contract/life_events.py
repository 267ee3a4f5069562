"""GET, POST, PATCH and DELETE of /contacts/:id/life-events, and the auto-action of each event."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ..caller import Caller
from ..host import ContractHost, Row
from .specification import EVENT

FIELDS = {
    "revision",
    "id", "contact_id", "company_id", "event_type", "title", "event_date", "recurs_annually",
    "description", "about", "auto_action_enabled", "auto_action_days_before", "further_reminders",
    "created_by_user_id", "created_at", "updated_at", "next_occurrence", "days_until", "open_action_id",
}  # fmt: skip


def address(contact: str, event: str = "") -> str:
    return f"/contacts/{contact}/life-events" + (f"/{event}" if event else "")


def create(api: Caller, contact: str, **fields: Any) -> Row:
    event: Row = api.post(address(contact), {**EVENT, **fields})["event"]
    return event


def change(api: Caller, event: Row, **fields: Any) -> Row:
    changed: Row = api.patch(address(event["contact_id"], event["id"]), fields)["event"]
    return changed


def actions(api: Caller, contact: str) -> list[Row]:
    found: list[Row] = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    return found


def close(api: Caller, action: Row, status: str = "done") -> None:
    api.patch(f"/relationship-actions/{action['id']}", {"status": status})


def before(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


class LifeEventContract:
    @pytest.fixture
    def soon(self, host: ContractHost) -> str:
        """Thirty days from now."""
        return (host.today() + timedelta(days=30)).isoformat()

    def test_an_event_needs_only_type_and_title(self, api: Caller, contact: str) -> None:
        """Required: event_type, title. Response: { event } (201)."""
        answer = api.post(address(contact), EVENT)
        assert set(answer) == {"event"}
        event = answer["event"]
        assert set(event) == FIELDS
        assert {**EVENT, "contact_id": contact, "created_by_user_id": api.id}.items() <= event.items()
        defaults = {"event_date": None, "recurs_annually": False, "description": None, "company_id": None}
        assert (defaults | {"auto_action_enabled": True, "next_occurrence": None, "days_until": None}).items() <= (
            event.items()
        )

    def test_every_field_of_an_event_is_kept(self, api: Caller, contact: str) -> None:
        given = {
            "event_type": "anniversary",
            "title": "Ten years with us",
            "event_date": "2031-03-09",
            "recurs_annually": True,
            "description": "Signed in Turin.",
            "auto_action_enabled": False,
            "auto_action_days_before": 30,
            "further_reminders": [60, 1],
        }
        event = api.post(address(contact), given)["event"]
        assert given.items() <= event.items()
        assert api.get(address(contact))["events"] == [event]

    def test_an_event_may_name_a_company_and_so_does_its_action(
        self, api: Caller, host: ContractHost, contact: str
    ) -> None:
        company = host.company("Babbage & Sons")
        assert create(api, contact, company_id=company)["company_id"] == company
        (action,) = actions(api, contact)
        assert (action["company_id"], action["company_name"]) == (company, "Babbage & Sons")

    def test_events_come_by_date_descending_undated_last(self, api: Caller, contact: str) -> None:
        """Ordered by event date descending; undated last; ties by id, the same every time."""

        def titles() -> list[str]:
            return [event["title"] for event in api.get(address(contact))["events"]]

        for title, day in [("b", "2030-01-01"), ("?", None), ("d", "2031-01-01"), ("a", "1999-12-31"), ("!", None)]:
            create(api, contact, title=title, event_date=day)
        assert titles()[:3] == ["d", "b", "a"]
        assert sorted(titles()[3:]) == ["!", "?"]
        assert titles() == titles()

    def test_events_are_those_of_the_contact(self, api: Caller, host: ContractHost, contact: str) -> None:
        create(api, contact)
        assert api.get(address(host.contact("Mary", "Somerville")))["events"] == []

    def test_the_next_occurrence_of_an_annual_event(self, api: Caller, host: ContractHost, contact: str) -> None:
        day = host.today() + timedelta(days=100)
        if (day.month, day.day) == (2, 29):
            day += timedelta(days=1)
        event = create(api, contact, event_date=f"1991-{day:%m-%d}", recurs_annually=True)
        assert (event["next_occurrence"], event["days_until"]) == (day.isoformat(), (day - host.today()).days)

    def test_every_field_of_an_event_may_be_changed(self, api: Caller, contact: str) -> None:
        """Body fields (all optional). Response: { event }."""
        event = create(api, contact, event_date="2031-05-01")
        for name, value in [
            ("event_type", "anniversary"),
            ("event_date", "2032-01-02"),
            ("recurs_annually", True),
            ("title", "Jubilee"),
            ("description", "A party"),
            ("auto_action_days_before", 3),
            ("further_reminders", [14, 0]),
            ("auto_action_enabled", False),
        ]:
            answer = api.patch(address(contact, event["id"]), {name: value})
            assert set(answer) == {"event"}
            assert answer["event"][name] == value
            assert api.get(address(contact))["events"] == [answer["event"]]

    def test_a_deleted_event_is_gone(self, api: Caller, contact: str) -> None:
        """Response: { ok: true }."""
        event, other = create(api, contact), create(api, contact)
        assert api.delete(address(contact, event["id"])) == {"ok": True}
        assert [left["id"] for left in api.get(address(contact))["events"]] == [other["id"]]
        assert api.delete(address(contact, event["id"]), 404)["code"] == "not_found"

    def test_an_event_of_another_contact_is_not_there(self, api: Caller, host: ContractHost, contact: str) -> None:
        event, other = create(api, contact), host.contact("Mary", "Somerville")
        assert api.patch(address(other, event["id"]), {"title": "x"}, 404)["code"] == "not_found"
        assert api.delete(address(other, event["id"]), 404)["code"] == "not_found"

    def test_an_event_makes_its_action_at_once(self, api: Caller, contact: str, soon: str) -> None:
        """Automatically creates an auto-action if auto_action_enabled is not false."""
        event = create(api, contact, event_date=soon, auto_action_days_before=7)
        (action,) = actions(api, contact)
        expected = {
            "id": event["open_action_id"],
            "contact_id": contact,
            "life_event_id": event["id"],
            "source": "auto",
            "status": "pending",
            "occurrence_date": soon,
            "due_date": before(soon, 7),
            "created_by_user_id": api.id,
        }
        assert expected.items() <= action.items()
        assert action["title"].strip()
        assert action["action_type"].strip()
        assert create(api, contact, auto_action_enabled=False)["open_action_id"] is None
        assert actions(api, contact) == [action]

    @pytest.mark.parametrize(("days", "lead"), [(0, 0), (1, 1), (30, 30), (31, 30), (366, 30)])
    def test_an_action_is_due_so_many_days_before_or_today(
        self, api: Caller, contact: str, soon: str, days: int, lead: int
    ) -> None:
        """Days before event to trigger action; today where that is past."""
        create(api, contact, event_date=soon, auto_action_days_before=days)
        assert actions(api, contact)[0]["due_date"] == before(soon, lead)

    def test_an_undated_event_has_an_undated_action(self, api: Caller, contact: str) -> None:
        create(api, contact)
        (action,) = actions(api, contact)
        assert (action["due_date"], action["occurrence_date"]) == (None, None)

    def test_the_action_of_a_past_event_is_due_today(self, api: Caller, host: ContractHost, contact: str) -> None:
        create(api, contact, event_date="2020-05-01")
        (action,) = actions(api, contact)
        assert (action["due_date"], action["occurrence_date"]) == (host.today().isoformat(), "2020-05-01")

    def test_the_action_of_an_event_is_the_owner_s(self, api: Caller, host: ContractHost, contact: str) -> None:
        owner = host.person(name="Mary Somerville")
        host.give_contact_to(contact, owner.id)
        create(api, contact)
        (action,) = actions(api, contact)
        assert (action["assigned_to_user_id"], action["assigned_to_name"]) == (owner.id, "Mary Somerville")
        assert action["created_by_user_id"] == api.id

    def test_a_new_date_moves_the_open_action(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon, auto_action_days_before=7)
        (old,) = actions(api, contact)
        later = before(soon, -20)
        assert change(api, event, event_date=later)["open_action_id"] == old["id"]
        (moved,) = actions(api, contact)
        assert (moved["id"], moved["due_date"], moved["occurrence_date"]) == (old["id"], before(later, 7), later)

    def test_saving_an_event_again_adds_no_action(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon, recurs_annually=True)
        (action,) = actions(api, contact)
        for _ in range(3):
            change(api, event, event_date=soon, recurs_annually=True, auto_action_enabled=True)
        assert actions(api, contact) == [action]

    def test_switching_an_event_s_action_off_and_on(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        assert change(api, event, auto_action_enabled=False)["open_action_id"] is None
        assert [action["status"] for action in actions(api, contact)] == ["dismissed"]
        event = change(api, event, auto_action_enabled=True)
        (action,) = actions(api, contact)
        assert (action["id"], action["status"]) == (event["open_action_id"], "pending")

    def test_a_new_date_after_done_is_a_new_occurrence(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        close(api, actions(api, contact)[0])
        later = before(soon, -20)
        change(api, event, event_date=later)
        found = {action["occurrence_date"]: action["status"] for action in actions(api, contact)}
        assert found == {soon: "done", later: "pending"}

    @pytest.mark.parametrize(("status", "kept"), [("pending", "dismissed"), ("done", "done")])
    def test_an_action_outlives_its_event(self, api: Caller, contact: str, soon: str, status: str, kept: str) -> None:
        """Deleting the event dismisses what is open and keeps what is done."""
        event = create(api, contact, event_date=soon)
        (action,) = actions(api, contact)
        if status != "pending":
            close(api, action, status)
        api.delete(address(contact, event["id"]))
        (left,) = actions(api, contact)
        assert (left["id"], left["status"], left["life_event_id"]) == (action["id"], kept, None)
