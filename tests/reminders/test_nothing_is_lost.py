"""What somebody does to an event, an action, or the configuration costs no occurrence its action, and moves none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from flask_relationships.domain.life_events.generation import Generated
from flask_relationships.jobs.registry import run_due
from tests.reminders.office import Office
from tests.reminders.test_business_days import monday_after

NOTHING = Generated()


def pending(office: Office, contact: int) -> list[tuple[str, str]]:
    return office.told(contact, "pending")


class TestABirthdayWithoutAYear:
    @pytest.mark.parametrize(
        "same", [{"recurs_annually": True}, {"event_date": None}, {"event_date": None, "recurs_annually": True}]
    )
    def test_it_keeps_its_day_when_its_event_is_saved_as_it_is(
        self, open_office: Callable[..., Office], same: dict[str, Any]
    ) -> None:
        office = open_office(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
        ada = office.contact()
        office.api.patch(f"/contacts/{ada}/relationship", {"birthday": "05-15"})
        (event,) = office.api.get(f"/contacts/{ada}/life-events")["events"]
        edited = office.edit(event, title="Her birthday", **same)
        assert (edited["next_occurrence"], edited["recurs_annually"]) == ("2027-05-15", True)
        assert office.told(ada) == [("2027-05-15", "2027-05-08")]
        assert office.run("2028-05-08") == Generated(created=1)

    def test_a_date_that_is_given_it_later_counts(self, open_office: Callable[..., Office]) -> None:
        office = open_office(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
        ada = office.contact()
        office.api.patch(f"/contacts/{ada}/relationship", {"birthday": "05-15"})
        (event,) = office.api.get(f"/contacts/{ada}/life-events")["events"]
        assert office.edit(event, event_date="1990-06-15")["next_occurrence"] == "2027-06-15"
        assert office.told(ada) == [("2027-06-15", "2027-06-08")]


class TestOneThatSomebodyLeftOpen:
    @pytest.mark.parametrize("lead", [30, 3])
    def test_it_does_not_stand_in_the_way_of_this_years(self, office: Office, lead: int) -> None:
        """The lead of this year begins, or has begun, where the lead is edited while last year's action is open."""
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        office.run("2028-05-01")
        office.edit(event, auto_action_days_before=lead)
        for days in range(1, 15):
            office.run(date(2028, 5, 1) + timedelta(days=days))
        assert [occurrence for occurrence, _ in sorted(pending(office, ada))] == ["2027-05-15", "2028-05-15"]

    def test_no_year_comes_early_for_it(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        office.run("2027-06-01")
        office.edit(event, auto_action_days_before=10)
        assert [occurrence for occurrence, _ in pending(office, ada)] == ["2027-05-15"]

    @pytest.mark.parametrize("put_off", ["2028-09-01", None])
    def test_the_newest_moves_with_the_event_however_far_an_older_one_was_put_off(
        self, office: Office, put_off: str | None
    ) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        (action,) = office.actions(ada)
        office.api.patch(f"/contacts/{ada}/relationship-actions/{action['id']}", {"due_date": put_off})
        office.run("2028-05-08")
        office.edit(event, event_date="1990-06-15")
        assert sorted(office.told(ada), key=str) == sorted(
            [("2027-05-15", put_off), ("2028-06-15", "2028-06-08")], key=str
        )


@pytest.mark.parametrize("day", ["05-15", "06-29"])
def test_a_date_that_is_corrected_to_the_29th_of_february_is_another_occurrence(office: Office, day: str) -> None:
    ada = office.contact()
    event = office.event(ada, f"1990-{day}")
    office.close(ada)
    office.edit(event, event_date="1992-02-29")
    assert pending(office, ada) == [("2027-02-28", "2027-02-21")]
    assert office.run("2027-02-21") == office.run("2027-02-28") == NOTHING


def test_the_1st_of_march_of_a_leap_year_is_not_the_29th_of_february(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1992-03-01")
    office.today = date(2028, 1, 15)
    office.run()
    office.run("2028-02-23")
    office.close(ada)
    office.edit(event, event_date="1992-02-29")
    assert pending(office, ada) == [("2028-02-29", "2028-02-23")]


@pytest.mark.parametrize(("before", "after"), [("mar01", "feb28"), ("feb28", "mar01")])
@pytest.mark.parametrize("lead", [0, 7])
@pytest.mark.parametrize("switched", range(-2, 4))
def test_another_leap_policy_on_the_very_eve_neither_loses_nor_doubles_that_year(
    open_office: Callable[..., Office], before: str, after: str, lead: int, switched: int
) -> None:
    office = open_office(RELATIONSHIPS_LEAP_DAY=before)
    ada = office.contact()
    office.event(ada, "1992-02-29", auto_action_days_before=lead)
    office.close(ada)
    day = date(2029, 2, 28) - timedelta(days=lead)
    for days in range(-4, 6):
        if days == switched:
            office.state.settings = office.state.settings._replace(leap_day=after)
        office.run(day + timedelta(days=days))
    found = [occurrence for occurrence, _ in office.told(ada)]
    assert [occurrence[:4] for occurrence in found] == ["2027", "2028", "2029"]


class TestWhereDaysAreShifted:
    """2027-05-15 is a Saturday."""

    def test_an_edit_at_the_weekend_does_not_pass_over_monday(self, open_office: Callable[..., Office]) -> None:
        office = open_office(business_day=monday_after)
        ada = office.contact()
        event = office.event(ada, "1990-05-18", further_reminders=[3])
        office.run("2027-05-16")
        office.edit(event, auto_action_days_before=8)
        assert office.run("2027-05-17") == Generated(created=1)
        assert ("2027-05-18", "2027-05-17") in pending(office, ada)
        office.edit(event, auto_action_days_before=9)
        assert office.run() == office.run("2027-05-18") == NOTHING

    def test_an_event_that_is_added_at_the_weekend_has_its_reminder_on_monday(
        self, open_office: Callable[..., Office]
    ) -> None:
        office = open_office(business_day=monday_after)
        ada = office.contact()
        office.today = date(2027, 5, 16)
        office.event(ada, "1990-05-18", further_reminders=[3])
        assert office.run() == NOTHING
        assert office.run("2027-05-17") == Generated(created=1)

    def test_one_whose_shifted_day_has_gone_by_is_not_made_up_for(self, open_office: Callable[..., Office]) -> None:
        office = open_office(business_day=monday_after)
        ada = office.contact()
        office.today = date(2027, 5, 18)
        office.event(ada, "1990-05-25", auto_action_days_before=0, further_reminders=[10])
        assert office.run() == office.run("2027-05-24") == NOTHING


def test_what_is_switched_off_and_on_again_comes_back_with_all_its_reminders(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15", further_reminders=[30])
    office.run("2027-04-15")
    office.today = date(2027, 4, 20)
    office.edit(event, auto_action_enabled=False)
    office.edit(event, auto_action_enabled=True)
    assert pending(office, ada) == [("2027-05-15", "2027-04-20"), ("2027-05-15", "2027-05-08")]
    assert office.run() == office.run("2027-05-08") == NOTHING


def test_one_that_was_switched_off_in_another_year_comes_back_for_this_one_alone(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15", further_reminders=[30])
    office.run("2027-04-15")
    office.edit(event, auto_action_enabled=False)
    office.today = date(2028, 1, 15)
    office.edit(event, auto_action_enabled=True)
    assert pending(office, ada) == [("2028-05-15", "2028-05-08")]


@pytest.mark.parametrize("edit", [{"further_reminders": [1]}, {"auto_action_days_before": 3}])
def test_an_edit_after_an_outage_loses_nothing_that_waits(office: Office, edit: dict[str, Any]) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15")
    office.close(ada)
    office.run("2028-05-01")
    office.today = date(2028, 5, 20)
    office.edit(event, **edit)
    assert office.run() == Generated(created=1)
    assert "2028-05-15" in [occurrence for occurrence, _ in pending(office, ada)]


@pytest.mark.parametrize("born", ["2199-05-15", "2028-05-15", "2027-05-15"])
def test_a_birth_that_lies_ahead_costs_no_birthday(open_office: Callable[..., Office], born: str) -> None:
    office = open_office(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    ada = office.contact()
    office.api.patch(f"/contacts/{ada}/relationship", {"birthday": born})
    assert office.told(ada) == [("2027-05-15", "2027-05-08")]
    assert office.run("2028-05-08") == Generated(created=1)


class TestOfAContactWhoIsNotActiveAnyMore:
    def test_a_dry_run_tells_what_would_be_dismissed(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        office.change(office.Contact, ada, alive=False)
        with office.app.app_context():
            would = [run_due(dry_run=dry)["inactive_contacts"] for dry in (True, False)]
        assert would[0] == would[1] == {"dismissed": 1, "reopened": 0}
