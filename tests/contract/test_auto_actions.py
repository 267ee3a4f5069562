"""What a life event does to its auto-action: one per occurrence, moved and dismissed with the event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import EVENT
from tests.hosts.host import Caller, Host, Row
from tests.marks import one_host


def create(api: Caller, contact: str, **fields: Any) -> Row:
    event: Row = api.post(f"/contacts/{contact}/life-events", {**EVENT, **fields})["event"]
    return event


def change(api: Caller, event: Row, **fields: Any) -> Row:
    changed: Row = api.patch(f"/contacts/{event['contact_id']}/life-events/{event['id']}", fields)["event"]
    return changed


def actions(api: Caller, contact: str) -> list[Row]:
    found: list[Row] = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    return found


def close(api: Caller, action: Row, status: str = "done") -> None:
    api.patch(f"/relationship-actions/{action['id']}", {"status": status})


@pytest.fixture
def soon(host: Host) -> str:
    """Thirty days from now."""
    return (host.today() + timedelta(days=30)).isoformat()


def before(date: str, days: int) -> str:
    from datetime import date as civil

    return (civil.fromisoformat(date) - timedelta(days=days)).isoformat()


class TestCreation:
    @pytest.mark.parametrize("enabled", [True, None], ids=["true", "left out"])
    def test_unless_it_is_false(self, api: Caller, contact: str, enabled: bool | None) -> None:
        create(api, contact, **({} if enabled is None else {"auto_action_enabled": enabled}))
        assert len(actions(api, contact)) == 1
        assert create(api, contact, auto_action_enabled=False)["open_action_id"] is None
        assert len(actions(api, contact)) == 1

    def test_the_default_lead_is_configured(self, make_host: Any) -> None:
        host = make_host(RELATIONSHIPS_AUTO_ACTION_DAYS_BEFORE=3)
        contact, api = host.contact(), host.person()
        soon = (host.today() + timedelta(days=30)).isoformat()
        create(api, contact, event_date=soon)
        assert actions(api, contact)[0]["due_date"] == before(soon, 3)

    def test_of_an_annual_event_it_belongs_to_the_next_occurrence(self, api: Caller, host: Host, contact: str) -> None:
        day = host.today() + timedelta(days=100)
        event = create(api, contact, event_date=f"1992-{day:%m-%d}", recurs_annually=True)
        (action,) = actions(api, contact)
        assert action["occurrence_date"] == event["next_occurrence"]
        assert action["due_date"] == before(event["next_occurrence"], 7)

    @pytest.mark.parametrize("event_type", ["birthday", "anniversary", "a type nobody has heard of"])
    def test_every_event_type_has_a_template(self, api: Caller, contact: str, event_type: str) -> None:
        create(api, contact, event_type=event_type, title="Thirty years of engines")
        (action,) = actions(api, contact)
        assert action["title"].strip()
        assert action["action_type"].strip()


@one_host
class TestEditing:
    def test_a_new_date_moves_the_open_action(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        (old,) = actions(api, contact)
        later = before(soon, -20)
        assert change(api, event, event_date=later)["open_action_id"] == old["id"]
        (moved,) = actions(api, contact)
        assert (moved["id"], moved["due_date"], moved["occurrence_date"]) == (
            old["id"],
            before(later, 7),
            later,
        )
        (item,) = api.get("/action-centre")["items"]
        assert item["due_date"] == before(later, 7)

    def test_new_lead_days_move_it(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        change(api, event, auto_action_days_before=2)
        (action,) = actions(api, contact)
        assert action["due_date"] == before(soon, 2)

    def test_a_date_may_come_and_go(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact)
        change(api, event, event_date=soon)
        assert [action["due_date"] for action in actions(api, contact)] == [before(soon, 7)]
        change(api, event, event_date=None)
        assert [action["due_date"] for action in actions(api, contact)] == [None]

    def test_there_and_back_again(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        for date in (before(soon, 1), soon, None, soon):
            change(api, event, event_date=date)
        (action,) = actions(api, contact)
        assert (action["status"], action["occurrence_date"]) == ("pending", soon)

    def test_switching_it_off_dismisses_what_is_open(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        assert change(api, event, auto_action_enabled=False)["open_action_id"] is None
        assert [action["status"] for action in actions(api, contact)] == ["dismissed"]
        assert [item["status"] for item in api.get("/action-centre")["items"]] == ["dismissed"]

    def test_switching_it_on_again_leaves_one_that_is_open(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        change(api, event, auto_action_enabled=False)
        event = change(api, event, auto_action_enabled=True)
        (action,) = actions(api, contact)
        assert (action["id"], action["status"]) == (event["open_action_id"], "pending")
        assert [item["status"] for item in api.get("/action-centre")["items"]] == ["open"]

    def test_switching_it_on_makes_the_first(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon, auto_action_enabled=False)
        event = change(api, event, auto_action_enabled=True)
        assert [action["id"] for action in actions(api, contact)] == [event["open_action_id"]]

    def test_what_a_person_has_dismissed_stays_dismissed(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        close(api, actions(api, contact)[0], "dismissed")
        change(api, event, auto_action_enabled=False)
        change(api, event, auto_action_enabled=True)
        assert [action["status"] for action in actions(api, contact)] == ["dismissed"]

    def test_what_is_done_is_not_moved(self, api: Caller, contact: str, soon: str) -> None:
        event = create(api, contact, event_date=soon)
        close(api, actions(api, contact)[0])
        (done,) = actions(api, contact)
        change(api, event, title="Renamed", auto_action_days_before=1)
        assert actions(api, contact) == [done]


class TestDeleting:
    @pytest.mark.parametrize(
        ("status", "kept"), [("pending", "dismissed"), ("done", "done"), ("dismissed", "dismissed")]
    )
    def test_the_action_outlives_its_event(self, api: Caller, contact: str, soon: str, status: str, kept: str) -> None:
        """Deleting the event dismisses what is open and keeps what is done."""
        event = create(api, contact, event_date=soon)
        (action,) = actions(api, contact)
        if status != "pending":
            close(api, action, status)
        api.delete(f"/contacts/{contact}/life-events/{event['id']}")
        (left,) = actions(api, contact)
        assert (left["id"], left["status"], left["life_event_id"]) == (action["id"], kept, None)
        wanted = {"done": "done", "dismissed": "dismissed"}[kept]
        assert [item["status"] for item in api.get("/action-centre")["items"]] == [wanted]
