"""GET, POST, PATCH and DELETE of /contacts/:id/life-events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import EVENT
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import input_only, one_host

FIELDS = {
    "revision",
    "id", "contact_id", "company_id", "event_type", "title", "event_date", "recurs_annually",
    "description", "auto_action_enabled", "auto_action_days_before", "created_by_user_id",
    "created_at", "updated_at", "next_occurrence", "days_until", "open_action_id",
}  # fmt: skip


def address(contact: str, event: str = "") -> str:
    return f"/contacts/{contact}/life-events" + (f"/{event}" if event else "")


def titles(api: Caller, contact: str) -> list[str]:
    return [event["title"] for event in api.get(address(contact))["events"]]


class TestCreating:
    @input_only
    @pytest.mark.parametrize("name", ["event_type", "title"])
    @pytest.mark.parametrize(
        ("value", "code"),
        [(None, "null"), ("", "blank"), (" \t", "blank"), (7, "invalid_type"), ("a" * 9999, "too_long")],
    )
    def test_type_and_title_say_something(self, api: Caller, contact: str, name: str, value: Any, code: str) -> None:
        assert members(api.post(address(contact), {**EVENT, name: value}, 422)) == {f"#/{name}": code}

    @input_only
    def test_what_is_missing_is_named(self, api: Caller, contact: str) -> None:
        problem = api.post(address(contact), {"description": "?"}, 422)
        assert members(problem) == {"#/event_type": "required", "#/title": "required"}

    @input_only
    @pytest.mark.parametrize("event_type", ["birthday", "anniversary", "holiday", "anything else"])
    def test_nothing_recurs_unless_told(self, api: Caller, contact: str, event_type: str) -> None:
        event = api.post(address(contact), {**EVENT, "event_type": event_type})["event"]
        assert (event["event_type"], event["recurs_annually"]) == (event_type, False)

    @one_host
    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("2031-05-01", "2031-05-01"),
            ("2031-05-01T23:30:00-08:00", "2031-05-02"),
            ("2031-05-01T00:30:00+14:00", "2031-04-30"),
            ("2031-05-01T00:00:00+14:00", "2031-05-01"),
            ("2031-05-01T23:30:00", "2031-05-01"),
            ("2031-05-01T12:00:00Z", "2031-05-01"),
            ("2031-05-01T12:00:00.000Z", "2031-05-01"),
            ("0999-01-01", "0999-01-01"),
        ],
    )
    def test_a_date_is_written_and_an_instant_converted(
        self, api: Caller, contact: str, written: str, kept: str
    ) -> None:
        """An instant becomes the day in the application's zone, UTC here. A written midnight keeps its date."""
        assert api.post(address(contact), {**EVENT, "event_date": written})["event"]["event_date"] == kept

    @input_only
    @pytest.mark.parametrize(
        "written",
        ["2031-02-29", "2031-5-1", "1 May 2031", "20310501", "2031-05", "0000-01-01", "2031-05-01T99:00"],
    )
    def test_no_date_of_the_calendar(self, api: Caller, contact: str, written: str) -> None:
        problem = api.post(address(contact), {**EVENT, "event_date": written}, 422)
        assert members(problem) == {"#/event_date": "invalid_date"}

    @input_only
    @pytest.mark.parametrize(
        ("days", "code"),
        [(-1, "out_of_range"), (367, "out_of_range"), ("7", "invalid_type"), (True, "invalid_type")],
    )
    def test_lead_days_are_0_to_366(self, api: Caller, contact: str, days: Any, code: str) -> None:
        problem = api.post(address(contact), {**EVENT, "auto_action_days_before": days}, 422)
        assert members(problem) == {"#/auto_action_days_before": code}

    @input_only
    @pytest.mark.parametrize("name", ["recurs_annually", "auto_action_enabled"])
    @pytest.mark.parametrize("value", [1, 0, "true", "yes", []])
    def test_booleans_are_booleans(self, api: Caller, contact: str, name: str, value: Any) -> None:
        assert members(api.post(address(contact), {**EVENT, name: value}, 422)) == {f"#/{name}": "invalid_type"}


@one_host
class TestOccurrences:
    """``next_occurrence`` and ``days_until`` are computed when they are read."""

    @pytest.mark.parametrize(("days", "expected"), [(0, 0), (1, 1), (400, 400), (-1, None)])
    def test_of_a_one_off_event(self, api: Caller, host: Host, contact: str, days: int, expected: int | None) -> None:
        date = host.today() + timedelta(days=days)
        event = api.post(address(contact), {**EVENT, "event_date": date.isoformat()})["event"]
        assert event["days_until"] == expected
        assert event["next_occurrence"] == (None if expected is None else date.isoformat())

    @pytest.mark.parametrize(
        ("today", "event_date", "expected"),
        [
            ("2026-11-23", "1990-11-23", "2026-11-23"),
            ("2026-11-23", "1990-11-22", "2027-11-22"),
            ("2026-12-31", "1990-01-01", "2027-01-01"),
            ("2026-11-23", "2030-06-01", "2030-06-01"),
            ("2026-11-23", "2000-02-29", "2027-02-28"),
            ("2028-02-01", "2000-02-29", "2028-02-29"),
            ("2027-03-01", "2000-02-29", "2028-02-29"),
            ("2026-02-28", "2000-02-29", "2026-02-28"),
        ],
    )
    def test_of_an_annual_event(
        self, api: Caller, host: Host, contact: str, today: str, event_date: str, expected: str
    ) -> None:
        with host.clock_at(datetime.fromisoformat(f"{today}T12:00").replace(tzinfo=UTC)):
            assert host.today().isoformat() == today
            event = api.post(address(contact), {**EVENT, "event_date": event_date, "recurs_annually": True})["event"]
        assert event["next_occurrence"] == expected
        wait = datetime.fromisoformat(expected) - datetime.fromisoformat(today)
        assert event["days_until"] == wait.days

    def test_a_leap_day_may_be_kept_in_march(self, make_host: Any) -> None:
        host = make_host(RELATIONSHIPS_LEAP_DAY="mar01")
        with host.clock_at(datetime(2026, 11, 23, 12, tzinfo=UTC)):
            event = host.person().post(
                address(host.contact()), {**EVENT, "event_date": "2000-02-29", "recurs_annually": True}
            )["event"]
        assert event["next_occurrence"] == "2027-03-01"

    def test_today_is_that_of_the_configured_time_zone(self, make_host: Any) -> None:
        host = make_host(RELATIONSHIPS_TIMEZONE="Pacific/Kiritimati")
        with host.clock_at(datetime(2026, 11, 23, 10, 30, tzinfo=UTC)):
            event = host.person().post(address(host.contact()), {**EVENT, "event_date": "2026-11-24"})["event"]
        assert event["days_until"] == 0


@one_host
class TestUpdating:
    @pytest.mark.parametrize("name", ["event_date", "description"])
    def test_null_clears(self, api: Caller, contact: str, name: str) -> None:
        event = api.post(address(contact), {**EVENT, "event_date": "2031-05-01", "description": "x"})["event"]
        assert api.patch(address(contact, event["id"]), {name: None})["event"][name] is None

    @input_only
    @pytest.mark.parametrize("name", ["event_type", "title"])
    def test_type_and_title_cannot_be_cleared(self, api: Caller, contact: str, name: str) -> None:
        event = api.post(address(contact), EVENT)["event"]
        assert members(api.patch(address(contact, event["id"]), {name: None}, 422)) == {f"#/{name}": "null"}

    def test_an_empty_object_changes_nothing(self, api: Caller, contact: str) -> None:
        event = api.post(address(contact), EVENT)["event"]
        assert api.patch(address(contact, event["id"]), {})["event"] == event

    @pytest.mark.on_hosts("ordinary", "peculiar", "documented")
    def test_the_company_is_not_among_them(self, api: Caller, host: Host, contact: str) -> None:
        event = api.post(address(contact), EVENT)["event"]
        problem = api.patch(address(contact, event["id"]), {"company_id": host.company()}, 422)
        assert members(problem) == {"#/company_id": "unknown_field"}

    def test_an_event_that_is_not_there(self, api: Caller, host: Host, contact: str) -> None:
        assert api.patch(address(contact, host.absent_id()), {"title": "x"}, 404)["code"] == "not_found"
