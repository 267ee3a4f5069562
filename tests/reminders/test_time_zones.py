""" "Today" is the date of the user who asks, wherever their time zone is mapped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.marks import databases
from tests.reminders.office import Office

pytestmark = databases("sqlite", "postgresql")


@pytest.fixture
def open_zoned(open_office: Callable[..., Office]) -> Callable[[str, str], Office]:
    """``open_zoned(zone, moment)``: an office whose user is in this zone, at this moment."""

    def make(zone: str, moment: str, **options: Any) -> Office:
        office = open_office(zoned=True, **options)
        office.change(office.Person, office.grace, zone=zone)
        local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        office.today, office.hour = local.date(), local.timetz()
        return office

    return make


def add_action(office: Office, contact: int, due: str | None = None) -> dict[str, Any]:
    given = {"title": "Call", "action_type": "call", "due_date": due}
    action: dict[str, Any] = office.api.post(f"/contacts/{contact}/relationship-actions", given)["action"]
    return action


@pytest.mark.parametrize(
    ("zone", "moment", "tomorrow"),
    [
        ("America/Los_Angeles", "2026-11-29T18:00", "2026-11-30"),
        ("Pacific/Auckland", "2026-12-01T01:00", "2026-12-02"),
    ],
)
def test_a_snooze_counts_from_the_users_own_day(open_zoned: Any, zone: str, moment: str, tomorrow: str) -> None:
    office = open_zoned(zone, moment)
    action = add_action(office, office.contact())
    path = f"/relationship-actions/{action['id']}/snooze"
    assert office.api.post(path, {"days": 1}, status=200)["action"]["due_date"] == tomorrow
    assert office.api.post(path, {"until": tomorrow}, status=200)["action"]["due_date"] == tomorrow
    assert office.api.ask("POST", path, {"until": moment[:10]}).status_code == 422


def test_an_event_of_their_yesterday_is_over(open_zoned: Any) -> None:
    office = open_zoned("Pacific/Auckland", "2026-12-01T01:00")
    contact = office.contact()
    office.event(contact, "1990-11-30")
    assert office.told(contact) == [("2027-11-30", "2027-11-23")]


def test_an_event_of_their_today_is_today(open_zoned: Any) -> None:
    office = open_zoned("Pacific/Auckland", "2026-12-01T01:00")
    contact = office.contact()
    event = office.event(contact, "1990-12-01")
    assert (event["days_until"], event["next_occurrence"]) == (0, "2026-12-01")
    assert office.told(contact) == [("2026-12-01", "2026-12-01")]
    listed = office.api.get(f"/contacts/{contact}/life-events")["events"]
    assert listed[0]["days_until"] == 0


def test_an_edited_event_follows_the_users_day(open_zoned: Any) -> None:
    office = open_zoned("Pacific/Auckland", "2026-12-01T01:00")
    contact = office.contact()
    edited = office.edit(office.event(contact, "1990-06-01"), event_date="1990-11-30")
    assert edited["next_occurrence"] == "2027-11-30"
    assert office.told(contact) == [("2027-11-30", "2027-11-23")]


def test_a_cadence_begins_on_the_users_day(open_zoned: Any) -> None:
    office = open_zoned("Pacific/Auckland", "2026-12-01T01:00")
    contact = office.contact()
    profile = office.api.patch(f"/contacts/{contact}/relationship", {"cadence_days": 10})["profile"]
    assert profile["in_touch_due"] == "2026-12-11"


def test_a_zone_that_does_not_exist_is_that_of_the_application(open_office: Callable[..., Office]) -> None:
    office = open_office(zoned=True)
    office.change(office.Person, office.grace, zone="../Nowhere")
    office.today = date(2026, 11, 30)
    path = f"/relationship-actions/{add_action(office, office.contact())['id']}/snooze"
    assert office.api.post(path, {"days": 1}, status=200)["action"]["due_date"] == "2026-12-01"


INSTANTS = [
    ("2026-05-15", "2026-05-15"),
    ("2026-05-14T22:00:00", "2026-05-14"),
    ("2026-05-15T00:00:00Z", "2026-05-15"),
    ("2026-05-15T00:00:00.000Z", "2026-05-15"),
    ("2026-05-15T00:00:00-08:00", "2026-05-15"),
    ("2026-05-15T00:00+14:00", "2026-05-15"),
    ("2026-05-14T22:00:00.000Z", "2026-05-15"),
    ("2026-05-14T22:00:00+00:00", "2026-05-15"),
    ("2026-05-15T08:00:00+1400", "2026-05-14"),
    ("2026-05-14T21:59:59Z", "2026-05-14"),
]


class TestInstants:
    @pytest.mark.parametrize(("given", "day"), INSTANTS)
    @pytest.mark.parametrize("own", [True, False], ids=["of the user", "of the application"])
    def test_every_date_of_a_body_or_query_is_read_alike(
        self, open_office: Callable[..., Office], own: bool, given: str, day: str
    ) -> None:
        office = open_office(zoned=own, RELATIONSHIPS_TIMEZONE="Pacific/Apia" if own else "Europe/Berlin")
        if own:
            office.change(office.Person, office.grace, zone="Europe/Berlin")
        office.today = date(2026, 1, 1)
        contact = office.contact()
        action = add_action(office, contact, given)
        assert action["due_date"] == day
        event = office.event(contact, given, recurs_annually=False, event_type="other")
        assert event["event_date"] == day
        assert office.edit(event, event_date=given)["event_date"] == day
        profile = office.api.patch(f"/contacts/{contact}/relationship", {"birthday": given.replace("2026", "1990")})
        assert profile["profile"]["birthday"] == day.replace("2026", "1990")
        path = f"/relationship-actions/{action['id']}/snooze"
        assert office.api.post(path, {"until": given}, status=200)["action"]["due_date"] == day
        before = office.api.get("/relationship-actions", due_before=given, source="manual")["actions"]
        after = office.api.get("/relationship-actions", due_after=given, source="manual")["actions"]
        assert (before, after) == ([], [])

    @pytest.mark.parametrize(
        "given",
        [
            *("2026-05-14T25:00:00Z", "2026-05-14T00:00:00+99:99", "0001-01-01T00:00:01+14:00", "2026-02-30T10:00:00Z"),
            *("9999-12-31T23:59:59-14:00", "2026-05-14T22:00:00 02:00", "2026-05-14T", "2026-02-30T00:00:00Z"),
        ],
    )
    def test_what_is_no_instant_is_refused(self, open_office: Callable[..., Office], given: str) -> None:
        office = open_office(RELATIONSHIPS_TIMEZONE="Europe/Berlin")
        contact = office.contact()
        body = {"title": "Call", "action_type": "call", "due_date": given}
        answer = office.api.ask("POST", f"/contacts/{contact}/relationship-actions", body)
        assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "invalid_date")
        answer = office.api.ask("PATCH", f"/contacts/{contact}/relationship", {"birthday": given})
        assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "invalid_date")
