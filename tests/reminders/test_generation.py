"""What time brings to life events: each occurrence its action, once, on its day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.domain.life_events.generation import Generated
from flask_relationships.jobs.registry import run_due
from tests.reminders.office import Office

NOTHING = Generated()


class TestEveryYear:
    def test_the_action_of_next_year_is_made_on_its_day_and_not_before(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        assert office.told(ada) == [("2027-05-15", "2027-05-08")]
        office.close(ada)
        assert office.run("2027-05-08") == office.run("2028-05-07") == NOTHING
        assert office.run("2028-05-08") == Generated(created=1)
        assert office.told(ada, "pending") == [("2028-05-15", "2028-05-08")]

    def test_again_and_again_on_one_day_makes_no_second(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        assert office.run("2028-05-08").created == 1
        assert [office.run() for _ in range(3)] == [NOTHING] * 3
        assert len(office.actions(ada)) == 2

    @pytest.mark.parametrize("status", ["done", "dismissed"])
    def test_what_was_closed_is_not_made_again(self, office: Office, status: str) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        office.run("2028-05-08")
        office.close(ada, status)
        office.edit(event, auto_action_days_before=8)
        assert office.run() == office.run("2028-05-12") == NOTHING
        assert office.told(ada, "pending") == []

    def test_an_event_of_today_is_reminded_of_today(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-01-15", auto_action_days_before=0)
        assert office.told(ada) == [("2027-01-15", "2027-01-15")]
        assert office.run() == NOTHING
        assert office.run("2028-01-15") == Generated(created=1)

    @pytest.mark.parametrize(
        ("leap_day", "days"),
        [
            ("feb28", ["2027-02-28", "2028-02-29", "2029-02-28"]),
            ("mar01", ["2027-03-01", "2028-02-29", "2029-03-01"]),
        ],
    )
    def test_the_29th_of_february(self, open_office: Callable[..., Office], leap_day: str, days: list[str]) -> None:
        office = open_office(RELATIONSHIPS_LEAP_DAY=leap_day)
        ada = office.contact()
        office.event(ada, "1992-02-29", auto_action_days_before=0)
        for year in (2027, 2028, 2029):
            for after in range(-5, 6):
                office.run(date(year, 2, 28) + timedelta(days=after))
        assert office.told(ada) == [(day, day) for day in days]

    def test_another_leap_policy_makes_no_second_action_of_a_year(self, open_office: Callable[..., Office]) -> None:
        office = open_office()
        ada = office.contact()
        office.event(ada, "1992-02-29", auto_action_days_before=0)
        office.state.settings = office.state.settings._replace(leap_day="mar01")
        assert office.run("2027-02-28") == office.run("2027-03-01") == NOTHING
        office.run("2029-03-01")
        assert [occurrence for occurrence, _ in office.told(ada)] == ["2027-02-28", "2029-03-01"]

    def test_an_annual_event_that_is_still_ahead_begins_with_its_first_date(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "2028-06-01", auto_action_days_before=10)
        assert office.told(ada) == [("2028-06-01", "2028-05-22")]
        assert office.run("2028-05-22") == NOTHING
        assert office.run("2029-05-22") == Generated(created=1)

    def test_a_lead_may_be_longer_than_a_year(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15", auto_action_days_before=366)
        assert office.told(ada) == [("2027-05-15", "2027-01-15")]
        assert office.run("2027-05-14") == NOTHING
        assert office.run("2027-05-15") == Generated(created=1)
        assert office.told(ada)[-1] == ("2028-05-15", "2027-05-15")

    def test_an_event_that_is_switched_off_or_deleted_makes_nothing(self, office: Office) -> None:
        ada = office.contact()
        office.edit(office.event(ada, "1990-05-15"), auto_action_enabled=False)
        gone = office.event(ada, "1990-05-15")
        office.api.delete(f"/contacts/{ada}/life-events/{gone['id']}")
        office.event(ada, None, recurs_annually=False)
        office.event(ada, "2027-05-15", recurs_annually=False)
        assert office.run("2028-05-20") == NOTHING

    def test_an_event_that_is_switched_on_again_is_reminded_of(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15", auto_action_enabled=False)
        office.edit(event, auto_action_enabled=True)
        assert office.run("2028-05-08") == Generated(created=1)


class TestAfterAnOutage:
    def test_missed_days_are_made_up_for(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        assert office.run("2028-06-20") == Generated(created=1)
        assert office.told(ada)[-1] == ("2028-05-15", "2028-05-08")

    def test_of_missed_years_only_the_last_counts(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        assert office.run("2033-02-01") == Generated(created=1)
        assert office.told(ada) == [("2027-05-15", "2027-05-08"), ("2032-05-15", "2032-05-08")]
        assert office.run("2033-05-08") == Generated(created=1)

    def test_an_edit_of_words_loses_nothing_that_waits(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        office.close(ada)
        office.today = date(2028, 5, 20)
        office.edit(event, title="Her birthday")
        assert office.run() == Generated(created=1)
        assert office.told(ada, "pending") == [("2028-05-15", "2028-05-08")]

    def test_an_edit_of_words_does_not_move_what_is_overdue_to_next_year(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15", event_type="visit")
        office.today = date(2027, 5, 16)
        office.edit(event, title="The yearly visit")
        (action,) = office.actions(ada)
        assert (action["title"], action["occurrence_date"], action["due_date"]) == (
            *("The yearly visit", "2027-05-15"),
            "2027-05-08",
        )


class TestWhoIsRemindedOf:
    def test_a_contact_that_is_not_active_is_not(self, office: Office) -> None:
        ada = office.contact(alive=False)
        office.event(ada, "1990-05-15")
        assert office.run("2027-05-08") == office.run("2028-05-08") == Generated(left_out=1)
        assert office.actions(ada) == []

    def test_who_dies_has_what_is_open_hidden_at_once_and_dismissed_by_the_next_run(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        office.change(office.Contact, ada, alive=False)
        assert office.run("2027-05-07") == NOTHING
        assert office.actions(ada) == []
        assert office.run("2027-05-08") == Generated(left_out=1)
        with office.app.app_context():
            run_due()
        assert [action["status"] for action in office.actions(ada)] == ["dismissed"]
        assert [item["status"] for item in office.api.get("/action-centre")["items"]] == ["dismissed"]

    def test_who_is_active_again_is_reminded_of_again(self, office: Office) -> None:
        ada = office.contact(alive=False)
        office.event(ada, "1990-05-15")
        office.run("2027-05-08")
        office.change(office.Contact, ada, alive=True)
        assert office.run("2027-05-09") == NOTHING
        assert office.run("2028-05-08") == Generated(created=1)

    def test_a_contact_that_is_deleted_softly_is_not(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        office.change(office.Contact, ada, deleted=True)
        assert office.run("2028-05-08") == Generated(left_out=1)
        office.change(office.Contact, ada, deleted=False)
        assert len(office.actions(ada)) == 1

    def test_the_action_is_the_owners_else_the_creators_and_nobodys_who_has_left(self, office: Office) -> None:
        owner, gone = office.person("Charles"), office.person("Gone")
        office.change(office.Person, gone, left=True)
        contacts = [office.contact(owner_id=one) for one in (owner, None, gone, 12345)]
        for contact in contacts:
            office.event(contact, "1990-05-15")
        assert office.run("2028-05-08") == Generated(created=4)
        last = [office.actions(contact)[-1] for contact in contacts]
        grace = str(office.grace)
        assert [action["assigned_to_user_id"] for action in last] == [str(owner), grace, grace, grace]
        office.change(office.Person, office.grace, left=True)
        assert office.run("2029-05-08") == Generated(created=4)
        with office.context() as (session, models):
            table = models.Action
            asked = sa.select(table.assigned_to_user_id).where(table.occurrence_key == "2029-05-15")
            assert sorted(session.scalars(asked), key=bool) == [None, None, None, owner]


class TestWhatIsMade:
    def test_the_action_says_what_one_made_by_hand_of_the_event_says(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        office.run("2028-05-08")
        first, second = office.actions(ada)
        own = ("id", "occurrence_date", "due_date", "created_at", "updated_at")
        assert {name: value for name, value in first.items() if name not in own} == {
            name: value for name, value in second.items() if name not in own
        }
        assert (second["source"], second["life_event_id"]) == ("auto", event["id"])

    def test_it_is_mirrored_in_the_action_centre(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        office.run("2028-05-08")
        actions = {action["id"]: action["due_date"] for action in office.actions(ada)}
        items = office.api.get("/action-centre")["items"]
        assert {item["action_id"]: item["due_date"] for item in items} == actions

    def test_a_centre_of_the_hosts_is_told_of_each_and_a_failure_keeps_the_action(
        self, open_office: Callable[..., Office]
    ) -> None:
        seen: list[str] = []

        class Centre:
            listed = False

            def mirror(self, session: Any, action: Any) -> None:
                seen.append(str(action.id))
                if len(seen) % 2:
                    raise RuntimeError("not today")

            def sync(self, session: Any, action: Any) -> None: ...

        office = open_office(action_centre=Centre())
        contacts = [office.contact() for _ in range(3)]
        for contact in contacts:
            office.event(contact, "1990-05-15")
        seen.clear()
        assert office.run("2028-05-08") == Generated(created=3)
        assert sorted(seen) == sorted(office.actions(contact)[-1]["id"] for contact in contacts)

    def test_batches_are_told_with_the_new_ids(self, office: Office) -> None:
        contacts = [office.contact() for _ in range(3)]
        for contact in contacts:
            office.event(contact, "1990-05-15")
        told: list[Any] = []
        office.run("2028-05-08", told.append)
        assert [(batch.looked_at, batch.made.created, len(batch.created)) for batch in told] == [(3, 3, 3)]

    def test_a_dry_run_says_the_same_and_writes_nothing(self, office: Office) -> None:
        for alive in (True, True, False):
            office.event(office.contact(alive=alive), "1990-05-15")
        assert office.foresee("2027-05-08") == Generated(left_out=1)
        assert office.foresee("2028-05-08") == Generated(created=2, left_out=1)
        assert office.run("2028-05-08") == Generated(created=2, left_out=1)


class TestRowsOfTheHostsOwn:
    """Rows that were inserted past this tool are scheduled by the first run."""

    def insert(self, office: Office, contact: int, event_date: date, **values: Any) -> None:
        with office.context() as (session, models):
            annual = {"recurs_annually": True, "month_day": event_date.month * 100 + event_date.day}
            given = {"event_type": "birthday", "title": "Birthday", "auto_action_days_before": 7, **annual, **values}
            at = {"created_at": office.state.now(), "updated_at": office.state.now()}
            session.add(models.LifeEvent(contact_id=contact, event_date=event_date, **given, **at))
            session.commit()

    def test_they_are_reminded_of_what_is_ahead_and_of_nothing_that_is_over(self, office: Office) -> None:
        over, soon, later = office.contact(), office.contact(), office.contact()
        self.insert(office, office.contact(), office.today.replace(year=1990), auto_action_days_before=0)
        self.insert(office, over, date(1990, 1, 10))
        self.insert(office, soon, date(1990, 1, 20))
        self.insert(office, later, date(1990, 3, 20))
        assert office.run() == Generated(created=2)
        assert office.told(soon) == [("2027-01-20", "2027-01-13")]
        assert office.run("2027-03-13") == Generated(created=1)
        assert office.told(later) == [("2027-03-20", "2027-03-13")]
        assert office.run("2028-01-03") == Generated(created=1)


class TestTheClock:
    def test_one_that_was_years_ahead_costs_no_reminder(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        assert office.run("2031-01-01") == Generated(created=1)
        office.run("2027-01-16")
        for year in (2027, 2028, 2029, 2030, 2031):
            office.run(f"{year}-05-08")
        assert [occurrence for occurrence, _ in office.told(ada)] == [f"{year}-05-15" for year in range(2027, 2032)]

    def test_one_that_is_years_behind_changes_nothing(self, office: Office) -> None:
        ada = office.contact()
        office.event(ada, "1990-05-15")
        office.run("2028-05-08")
        assert office.run("1970-01-01") == NOTHING
        assert office.run("2028-05-09") == NOTHING
        assert office.run("2029-05-08") == Generated(created=1)

    def test_the_day_begins_in_the_hosts_time_zone(self, open_office: Callable[..., Office]) -> None:
        office = open_office(RELATIONSHIPS_TIMEZONE="Pacific/Auckland")
        ada = office.contact()
        office.event(ada, "1990-05-15")
        office.hour = office.hour.replace(hour=11, minute=59)
        assert office.run("2028-05-07") == NOTHING
        office.hour = office.hour.replace(hour=12, minute=0)
        assert office.run() == Generated(created=1)

    def test_or_in_that_of_the_assignee_where_users_have_one(self, open_office: Callable[..., Office]) -> None:
        office = open_office(zoned=True)
        zones = ("Pacific/Kiritimati", None, "Nowhere/Land", "America/Los_Angeles")
        contacts = [office.contact(owner_id=office.person("Somebody", zone)) for zone in zones]
        for contact in contacts:
            office.event(contact, "1990-05-15")
        office.hour = office.hour.replace(hour=10)

        def made() -> list[int]:
            return [len(office.actions(contact)) - 1 for contact in contacts]

        office.run("2028-05-06")
        assert made() == [0, 0, 0, 0]
        office.run("2028-05-07")
        assert made() == [1, 0, 0, 0]
        office.hour = office.hour.replace(hour=6)
        office.run("2028-05-08")
        assert made() == [1, 1, 1, 0]
        office.hour = office.hour.replace(hour=7)
        office.run()
        assert made() == [1, 1, 1, 1]
