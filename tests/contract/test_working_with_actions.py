"""What people do with an action beside closing it: editing, putting off, opening again, closing many, looking back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION, NO_ROW_OF_OURS
from tests.contract.problems import members
from tests.hosts.host import Caller, Host, Row
from tests.marks import input_only, one_host

EVERYWHERE = "/relationship-actions"


def create(api: Caller, contact: str, **fields: Any) -> Row:
    action: Row = api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, **fields})["action"]
    return action


def edit(api: Caller, action: Row, status: int = 200, /, **fields: Any) -> Row:
    path = f"/contacts/{action['contact_id']}/relationship-actions/{action['id']}"
    answer: Row = api.patch(path, fields, status)
    return answer["action"] if status == 200 else answer


def close(api: Caller, action: Row, status: str = "done") -> Row:
    closed: Row = api.patch(f"{EVERYWHERE}/{action['id']}", {"status": status})["action"]
    return closed


def reopen(api: Caller, action: Row) -> Row:
    opened: Row = api.post(f"{EVERYWHERE}/{action['id']}/reopen", None, 200)["action"]
    return opened


def snooze(api: Caller, action: Row, status: int = 200, /, **fields: Any) -> Row:
    answer: Row = api.post(f"{EVERYWHERE}/{action['id']}/snooze", fields, status)
    return answer["action"] if status == 200 else answer


def show(api: Caller, action: Row) -> Row:
    found: Row = api.get(f"{EVERYWHERE}/{action['id']}")["action"]
    return found


def history(api: Caller, action: Row, **query: Any) -> list[Row]:
    lines: list[Row] = api.get(f"{EVERYWHERE}/{action['id']}/history", **query)["history"]
    return lines


def told(lines: list[Row]) -> list[tuple[str, dict[str, tuple[Any, Any]]]]:
    return [
        (line["kind"], {change["field"]: (change["before"], change["after"]) for change in line["changes"]})
        for line in lines
    ]


@pytest.fixture
def other(host: Host) -> Caller:
    return host.person("update", name="Mary Somerville")


class TestEditing:
    def test_what_is_sent_is_changed_and_nothing_else(self, api: Caller, other: Caller, contact: str) -> None:
        action = create(api, contact, description="By hand.", due_date="2031-05-01")
        changed = {"title": "Send flowers", "assigned_to_user_id": other.id, "due_date": None}
        edited = edit(api, action, **changed)
        expected = {**action, **changed, "assigned_to_name": "Mary Somerville", "revision": 2}
        assert {**edited, "updated_at": None} == {**expected, "updated_at": None}
        assert show(api, action) == edited

    def test_a_contact_s_list_has_it_in_its_new_place(self, api: Caller, contact: str) -> None:
        action = create(api, contact, title="first", due_date="2031-05-01")
        create(api, contact, title="second", due_date="2031-06-01")
        edit(api, action, due_date="2031-07-01")
        path = f"/contacts/{contact}/relationship-actions"
        assert [found["title"] for found in api.get(path)["actions"]] == ["second", "first"]

    def test_a_closed_action_is_not_edited(self, api: Caller, contact: str) -> None:
        action = close(api, create(api, contact))
        assert edit(api, action, 409, title="Send flowers")["code"] == "action_closed"
        assert snooze(api, action, 409, days=1)["code"] == "action_closed"
        assert show(api, action) == action

    def test_an_action_of_another_contact_is_not_there(self, api: Caller, host: Host, contact: str) -> None:
        action = create(api, contact)
        path = f"/contacts/{host.contact('Mary')}/relationship-actions/{action['id']}"
        assert api.patch(path, {"title": "x"}, 404)["code"] == "not_found"

    def test_nobody_to_give_it_to(self, api: Caller, host: Host, contact: str) -> None:
        action = create(api, contact)
        assert edit(api, action, 422, assigned_to_user_id=host.absent_id("user"))["code"] == "validation_failed"
        assert show(api, action) == action

    @input_only
    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("title", None, "null"),
            ("title", " ", "blank"),
            ("action_type", "", "blank"),
            ("status", "done", "unknown_field"),
            ("due_date", "soon", "invalid_date"),
            ("message_body", 7, "invalid_type"),
        ],
    )
    def test_what_is_wrong_is_named(self, api: Caller, contact: str, name: str, value: Any, code: str) -> None:
        assert members(edit(api, create(api, contact), 422, **{name: value})) == {f"#/{name}": code}


class TestSnoozing:
    def test_so_many_days_from_today_or_until_a_day(self, api: Caller, host: Host, contact: str) -> None:
        action, today = create(api, contact, due_date="2020-01-01"), host.today()
        assert snooze(api, action, days=3)["due_date"] == str(today + timedelta(days=3))
        until = str(today + timedelta(days=40))
        assert snooze(api, action, until=until)["due_date"] == until

    @one_host
    def test_the_day_is_later_than_today_and_told_once(self, api: Caller, host: Host, contact: str) -> None:
        action, today = create(api, contact), str(host.today())
        assert members(snooze(api, action, 422, until=today)) == {"#/until": "not_after_today"}
        assert members(snooze(api, action, 422)) == {"#": "one_of_them"}
        assert members(snooze(api, action, 422, until="2999-01-01", days=1)) == {"#": "one_of_them"}
        assert members(snooze(api, action, 422, days=0)) == {"#/days": "out_of_range"}


class TestReopening:
    @pytest.mark.parametrize("status", ["done", "dismissed"])
    def test_a_closed_action_is_as_before_it_was_closed(self, api: Caller, contact: str, status: str) -> None:
        action = create(api, contact, due_date="2031-05-01")
        close(api, action, status)
        opened = reopen(api, action)
        assert {**opened, "updated_at": None} == {**action, "updated_at": None, "revision": 3}
        assert reopen(api, action) == opened, "opening twice is opening once"
        assert [line["kind"] for line in history(api, action)] == ["reopened", status, "created"]


class TestClosingMany:
    def test_what_became_of_each_is_told_in_the_order_given(self, api: Caller, host: Host, contact: str) -> None:
        open_, done = create(api, contact), close(api, create(api, contact))
        hidden = create(api, gone := host.contact("Mary"))
        host.delete_contact(gone)
        ids = [NO_ROW_OF_OURS, done["id"], "nonsense", open_["id"], hidden["id"], open_["id"]]
        results = api.patch(EVERYWHERE, {"ids": ids, "status": "done"})["results"]
        assert [(result["id"], result["outcome"]) for result in results] == [
            (NO_ROW_OF_OURS, "not_found"),
            (done["id"], "unchanged"),
            ("nonsense", "not_found"),
            (open_["id"], "closed"),
            (hidden["id"], "not_found"),
        ]
        assert [result["action"] for result in results] == [None, done, None, show(api, open_), None]
        assert show(api, open_)["status"] == "done"
        if host.state.action_centre.listed:
            assert {item["status"] for item in api.get("/action-centre")["items"]} == {"done"}

    def test_done_may_correct_dismissed(self, api: Caller, contact: str) -> None:
        action = close(api, create(api, contact), "dismissed")
        (result,) = api.patch(EVERYWHERE, {"ids": [action["id"]], "status": "done"})["results"]
        assert (result["outcome"], result["action"]["status"]) == ("closed", "done")
        assert told(history(api, action))[0] == ("done", {"status": ("dismissed", "done")})

    @one_host
    def test_the_statements_are_as_many_for_few_as_for_many(self, api: Caller, host: Host, contact: str) -> None:
        from tests.statements.counting import counted

        def statements(count: int) -> tuple[int, int]:
            contacts = [host.contact("Mary", "Somerville") for _ in range(count)]
            ids = [create(api, one)["id"] for one in contacts]
            for one in contacts:
                api.get(f"/contacts/{one}/relationship")
            with counted(host.app) as closing:
                api.patch(EVERYWHERE, {"ids": ids, "status": "done"})
            with counted(host.app) as correcting:
                api.patch(EVERYWHERE, {"ids": ids, "status": "dismissed"})
            return len(closing), len(correcting)

        assert statements(2) == statements(30) == (10, 12)

    def test_it_is_contact_with_each_of_them(self, api: Caller, host: Host, contact: str) -> None:
        """And none, once they are dismissed after all."""
        other = host.contact("Mary", "Somerville")
        theirs = [create(api, contact), create(api, other, action_type="call"), create(api, other, action_type="call")]

        def channels() -> list[Any]:
            found = [api.get(f"/contacts/{one}/relationship")["profile"]["last_contact"] for one in (contact, other)]
            return [one and one["channel"] for one in found]

        assert channels() == [None, None]
        ids = [one["id"] for one in theirs]
        api.patch(EVERYWHERE, {"ids": ids, "status": "done"})
        assert channels() == [theirs[0]["action_type"], "call"]
        api.patch(EVERYWHERE, {"ids": ids, "status": "dismissed"})
        assert channels() == [None, None]

    @input_only
    def test_at_most_a_page_of_them(self, api: Caller) -> None:
        body = {"ids": [NO_ROW_OF_OURS] * 501, "status": "done"}
        assert members(api.patch(EVERYWHERE, body, 422)) == {"#/ids": "too_many"}
        assert api.patch(EVERYWHERE, {"ids": [], "status": "done"}) == {"results": []}

    @one_host
    def test_one_that_may_not_be_changed_keeps_no_other(
        self, api: Caller, host: Host, contact: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine, theirs = create(api, contact), create(api, contact, title="Not yours")
        callbacks = host.state.settled or host.state.callbacks
        given = callbacks.permission

        def stricter(user: Any, permission: str, target: Any) -> bool:
            return given is not None and given(user, permission, target) and getattr(target, "title", "") != "Not yours"

        monkeypatch.setattr(callbacks, "permission", stricter)
        results = api.patch(EVERYWHERE, {"ids": [theirs["id"], mine["id"]], "status": "done"})["results"]
        assert [(one["outcome"], one["action"] is None) for one in results] == [("forbidden", True), ("closed", False)]
        for path in ("", "/history"):
            assert api.get(f"{EVERYWHERE}/{theirs['id']}{path}", 403)["code"] == "forbidden"


class TestHistory:
    def test_who_did_what_newest_first(self, api: Caller, host: Host, other: Caller, contact: str) -> None:
        action = create(api, contact, title="Send a card")
        edit(api, action, title="Send flowers", due_date="2031-05-01")
        edit(api, action, assigned_to_user_id=other.id)
        close(other, action)
        lines = history(api, action)
        assert told(lines) == [
            ("done", {"status": ("pending", "done")}),
            ("reassigned", {"assigned_to_user_id": (api.id, other.id)}),
            ("edited", {"title": ("Send a card", "Send flowers"), "due_date": (None, "2031-05-01")}),
            ("created", {}),
        ]
        assert [line["user_name"] for line in lines] == ["Mary Somerville", api.name, api.name, api.name]
        assert {line["by"] for line in lines} == {"user"}

    def test_what_changes_nothing_is_no_history(self, api: Caller, contact: str) -> None:
        action = create(api, contact, title="Send a card")
        edit(api, action, title="Send a card")
        edit(api, action)
        assert [line["kind"] for line in history(api, action)] == ["created"]

    def test_pages_of_it_join_to_the_whole(self, api: Caller, contact: str) -> None:
        action = create(api, contact)
        for number in range(5):
            edit(api, action, title=str(number))
        whole, joined, cursor = history(api, action), [], None
        assert len(whole) == 6
        while True:
            path = f"{EVERYWHERE}/{action['id']}/history"
            page = api.get(path, limit=2, **({"cursor": cursor} if cursor else {}))
            joined += page["history"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert joined == whole

    def test_a_message_that_fulfils_it_is_in_it(self, api: Caller, host: Host, willing: str) -> None:
        action = create(api, willing)
        message = {"channel": "sms", "body": "Hello", "auto_action_id": action["id"]}
        api.post(f"/contacts/{willing}/messages", message)
        closed = history(api, action)[0]
        assert (closed["kind"], closed["by"], closed["user_id"]) == ("done", "message", api.id)

    @one_host
    def test_it_goes_with_the_contact(self, api: Caller, host: Host, contact: str) -> None:
        close(api, create(api, contact))
        host.delete_contact(contact)
        assert host.rows("ActionChange") == []

    @one_host
    def test_a_user_who_is_deleted_is_forgotten_in_it(
        self, api: Caller, host: Host, other: Caller, contact: str
    ) -> None:
        action = create(api, contact)
        edit(api, action, assigned_to_user_id=other.id)
        with host.app.app_context():
            host.session.delete(host.session.get_one(host.state.hosts.user.model, int(other.id)))
            host.session.commit()
        assert told(history(api, action))[0] == ("reassigned", {"assigned_to_user_id": (api.id, None)})


class TestByHandAndByEvent:
    """What somebody set by hand is not moved back when the event is saved again."""

    def event(self, api: Caller, contact: str, **fields: Any) -> tuple[str, Row]:
        soon = str(datetime.now(UTC).date() + timedelta(days=60))
        body = {"event_type": "visit", "title": "Visit", "event_date": soon, **fields}
        event = api.post(f"/contacts/{contact}/life-events", body)["event"]
        return f"/contacts/{contact}/life-events/{event['id']}", show(api, {"id": event["open_action_id"]})

    def test_a_snoozed_action_stays_put_off(self, api: Caller, contact: str) -> None:
        path, action = self.event(api, contact)
        until = snooze(api, action, until="2999-01-01")["due_date"]
        api.patch(path, {"auto_action_days_before": 20, "title": "A visit"})
        found = show(api, action)
        assert (found["due_date"], found["title"]) == (until, "A visit"), "what was not touched follows the event"

    def test_another_date_of_the_event_is_another_due_date(self, api: Caller, host: Host, contact: str) -> None:
        path, action = self.event(api, contact)
        snooze(api, action, until="2999-01-01")
        day = host.today() + timedelta(days=90)
        api.patch(path, {"event_date": str(day), "auto_action_days_before": 10})
        assert show(api, action)["due_date"] == str(day - timedelta(days=10))
        assert told(history(api, action))[0][1]["due_date"] == ("2999-01-01", str(day - timedelta(days=10)))
        api.patch(path, {"auto_action_days_before": 5})
        assert show(api, action)["due_date"] == str(day - timedelta(days=5)), "from then on it follows again"

    def test_words_by_hand_stay_for_good(self, api: Caller, host: Host, contact: str) -> None:
        path, action = self.event(api, contact)
        edit(api, action, title="Bring the plans", message_body="See you soon!")
        api.patch(path, {"title": "Inspection", "event_date": str(host.today() + timedelta(days=90))})
        found = show(api, action)
        assert (found["title"], found["message_body"]) == ("Bring the plans", "See you soon!")

    def test_an_event_that_is_deleted_dismisses_it_all_the_same(self, api: Caller, contact: str) -> None:
        path, action = self.event(api, contact)
        edit(api, action, title="Bring the plans")
        api.delete(path)
        assert show(api, action)["status"] == "dismissed"
        assert (history(api, action)[0]["kind"], history(api, action)[0]["by"]) == ("dismissed", "plugin")


class TestFilters:
    def test_each_of_both_lists(self, api: Caller, other: Caller, contact: str) -> None:
        event = api.post(f"/contacts/{contact}/life-events", {"event_type": "visit", "title": "auto"})["event"]
        create(api, contact, title="mine")
        create(api, contact, title="hers", assigned_to_user_id=other.id)
        create(api, contact, title="nobody's", assigned_to_user_id=None, due_date="2031-05-01")
        expected: list[tuple[dict[str, str], set[str]]] = [
            ({"source": "auto"}, {"auto"}),
            ({"source": "manual"}, {"mine", "hers", "nobody's"}),
            ({"life_event_id": event["id"]}, {"auto"}),
            ({"life_event_id": "nonsense"}, set()),
            ({"assignee": "me", "source": "manual"}, {"mine"}),
            ({"assignee": "nobody"}, {"nobody's"}),
            ({"due": "none", "source": "manual"}, {"mine", "hers"}),
        ]
        for path in (EVERYWHERE, f"/contacts/{contact}/relationship-actions"):
            for query, titles in expected:
                assert {found["title"] for found in api.get(path, **query)["actions"]} == titles, (path, query)

    def test_each_of_the_action_centre(self, api: Caller, other: Caller, contact: str) -> None:
        create(api, contact, title="early", due_date="2031-05-01")
        create(api, contact, title="late", due_date="2031-06-01", assigned_to_user_id=other.id)
        close(api, create(api, contact, title="done"))
        expected: list[tuple[dict[str, str], set[str]]] = [
            ({"status": "open"}, {"early", "late"}),
            ({"status": "done"}, {"done"}),
            ({"assigned_to_user_id": other.id}, {"late"}),
            ({"assigned_to_user_id": "nobody at all"}, set()),
            ({"due_before": "2031-06-01"}, {"early"}),
            ({"due_after": "2031-05-01"}, {"late"}),
        ]
        for query, titles in expected:
            assert {item["title"] for item in api.get("/action-centre", **query)["items"]} == titles, query
