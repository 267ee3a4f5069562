"""What somebody edits before, on and after the day of a reminder: none comes early, twice, or never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.domain.contacts import withdrawal
from flask_relationships.domain.keeping_in_touch import reminders
from flask_relationships.domain.life_events import generation
from flask_relationships.domain.life_events.generation import Generated
from flask_relationships.domain.life_events.occurrences import last_occurrence, next_occurrence
from tests.reminders.office import Office
from tests.reminders.test_business_days import monday_after

NOTHING = Generated()


def pending(office: Office, contact: int) -> list[tuple[str, str]]:
    return office.told(contact, "pending")


class TestWhatTheToolDismissedItself:
    def test_a_reminder_that_takes_the_place_of_a_removed_one_comes_on_its_day(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15", further_reminders=[30])
        office.run("2027-04-15")
        office.edit(event, further_reminders=[])
        office.edit(event, further_reminders=[3])
        assert pending(office, ada) == [("2027-05-15", "2027-05-08")]
        assert office.run("2027-05-11") == NOTHING
        office.run("2027-05-12")
        assert pending(office, ada) == [("2027-05-15", "2027-05-08"), ("2027-05-15", "2027-05-12")]
        assert office.run("2027-05-13") == NOTHING

    def test_one_that_is_switched_off_and_on_before_its_day_is_over_comes_back(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15", further_reminders=[30])
        office.run("2027-04-15")
        office.edit(event, auto_action_enabled=False)
        assert pending(office, ada) == []
        office.edit(event, auto_action_enabled=True)
        office.run()
        assert pending(office, ada) == [("2027-05-15", "2027-04-15"), ("2027-05-15", "2027-05-08")]
        assert len(office.actions(ada)) == 2

    def test_who_was_not_active_only_while_the_event_was_edited_is_reminded_of(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15")
        office.change(office.Contact, ada, alive=False)
        office.edit(event, title="Her birthday")
        assert pending(office, ada) == []
        office.change(office.Contact, ada, alive=True)
        assert office.foresee("2027-05-08") == office.run("2027-05-08")
        assert pending(office, ada) == [("2027-05-15", "2027-05-08")]
        assert [item["status"] for item in office.api.get("/action-centre")["items"]] == ["open"]
        assert office.run() == office.run("2027-05-09") == NOTHING

    def test_what_a_person_dismissed_stays_so(self, office: Office) -> None:
        ada = office.contact()
        event = office.event(ada, "1990-05-15", further_reminders=[30])
        office.run("2027-04-15")
        office.close(ada, "dismissed")
        office.edit(event, auto_action_enabled=False)
        office.edit(event, auto_action_enabled=True)
        assert office.run() == office.run("2027-05-08") == NOTHING
        assert pending(office, ada) == []


def test_a_changed_leap_policy_and_an_edit_make_no_second_of_what_is_done(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1992-02-29")
    office.close(ada)
    office.state.settings = office.state.settings._replace(leap_day="mar01")
    office.edit(event, auto_action_days_before=8)
    assert [occurrence for occurrence, _ in office.told(ada)] == ["2027-02-28"]
    assert office.run("2027-02-21") == office.run("2027-03-01") == NOTHING


def test_done_then_moved_away_and_back_and_away_is_never_two(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15")
    office.close(ada)
    for month in ("06", "05", "06"):
        office.edit(event, event_date=f"1990-{month}-15")
    assert pending(office, ada) == [("2027-06-15", "2027-06-08")]
    office.edit(event, event_date="1990-05-15")
    assert pending(office, ada) == []
    assert office.run("2027-05-08") == office.run("2027-06-08") == NOTHING
    assert office.run("2028-05-08") == Generated(created=1)


def test_what_was_put_off_by_hand_stays_put_off_for_its_occurrence(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15")
    (action,) = office.actions(ada)
    office.api.patch(f"/contacts/{ada}/relationship-actions/{action['id']}", {"due_date": "2027-05-12"})
    office.edit(event, title="Her birthday", auto_action_days_before=10)
    assert office.told(ada) == [("2027-05-15", "2027-05-12")]
    office.edit(event, event_date="1990-06-15")
    assert office.told(ada) == [("2027-06-15", "2027-06-05")]
    assert office.run("2028-06-05") == Generated(created=1)


@pytest.mark.parametrize("lead", [7, 5, 8])
def test_an_edit_on_a_missed_day_neither_loses_nor_doubles_it(office: Office, lead: int) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15")
    office.close(ada)
    office.today = date(2028, 5, 9)
    office.edit(event, auto_action_days_before=lead, description="Likes roses.")
    for _ in range(10):
        office.run(office.today + timedelta(days=1))
    assert [occurrence for occurrence, _ in pending(office, ada)] == ["2028-05-15"]


def test_one_that_is_switched_off_is_not_even_looked_at(office: Office) -> None:
    office.edit(office.event(office.contact(), "1990-05-15"), auto_action_enabled=False)
    with office.app.app_context():
        assert generation.count(office.state.context(), date(2050, 1, 1)) == 0


def test_two_reminders_of_equal_days_are_one(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15", further_reminders=[7, 7])
    for day in ("2027-05-08", "2028-05-08"):
        office.run(day)
    assert office.told(ada) == [("2027-05-15", "2027-05-08"), ("2028-05-15", "2028-05-08")]


def test_two_events_of_a_contact_on_one_day_have_one_each(office: Office) -> None:
    ada = office.contact()
    for event_type in ("birthday", "anniversary"):
        office.event(ada, "1990-05-15", event_type=event_type)
    assert office.run("2028-05-08") == Generated(created=2)


def test_a_day_that_is_shifted_beyond_the_end_of_a_month(open_office: Callable[..., Office]) -> None:
    office = open_office(business_day=monday_after)
    ada = office.contact()
    office.event(ada, "1990-05-06")
    office.close(ada)
    assert office.run("2028-04-30") == NOTHING  # the 29th is a Saturday
    assert office.run("2028-05-01") == Generated(created=1)
    assert pending(office, ada) == [("2028-05-06", "2028-05-01")]


def test_the_assignee_may_be_two_dates_ahead_of_the_host(open_office: Callable[..., Office]) -> None:
    office = open_office(zoned=True, RELATIONSHIPS_TIMEZONE="Etc/GMT+12")
    ada = office.contact(owner_id=office.person("Somebody", "Pacific/Kiritimati"))
    office.event(ada, "1990-05-15")
    office.hour = office.hour.replace(hour=9, minute=59)
    assert office.run("2028-05-07") == NOTHING
    office.hour = office.hour.replace(hour=10, minute=0)
    assert office.state.today() == date(2028, 5, 6)
    assert office.run() == Generated(created=1)


class TestTheEndsOfTheCalendar:
    @pytest.mark.parametrize("annual", [True, False])
    def test_the_first_and_the_last_days_are_dates_like_others(self, office: Office, annual: bool) -> None:
        first, last = office.contact(), office.contact()
        office.event(first, "0001-01-03", recurs_annually=annual)
        office.event(last, "9999-12-31", recurs_annually=annual, auto_action_days_before=0)
        assert office.told(first)[0] == (("2028-01-03", "2027-12-27") if annual else ("0001-01-03", "2027-01-15"))
        assert office.told(last) == [("9999-12-31", "9999-12-31")]
        assert office.run("2029-01-01") == Generated(created=int(annual))

    def test_after_the_last_year_there_is_none(self) -> None:
        assert next_occurrence(None, 515, date(9999, 5, 16), "feb28") is None
        assert last_occurrence(None, 515, date(1, 5, 14), "feb28") is None


@pytest.mark.parametrize("how", ["deleted", "switched off"])
def test_an_event_that_goes_while_its_action_is_made_leaves_none_open(office: Office, how: str) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15")
    office.close(ada)
    path = f"/contacts/{ada}/life-events/{event['id']}"

    def go() -> None:
        if how == "deleted":
            office.api.delete(path)
        else:
            office.api.patch(path, {"auto_action_enabled": False})

    going = Thread(target=go)

    def begin(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO relationships_actions") and not going.ident:
            going.start()
            going.join(0.5)

    with office.app.app_context():
        engine = office.db.engine
    sa.event.listen(engine, "before_cursor_execute", begin)
    office.run("2028-05-08")
    going.join()
    sa.event.remove(engine, "before_cursor_execute", begin)
    assert going.ident
    assert pending(office, ada) == []
    assert office.run("2029-05-08") == NOTHING


class TestKeepingInTouch:
    """With a contact who is not active any more, or who is again."""

    def remind(self, office: Office, today: str) -> tuple[int, int]:
        office.today = date.fromisoformat(today)
        with office.app.app_context():
            followed = withdrawal.follow(office.state.context(), office.today)
            done = reminders.remind(office.state.context(), office.today)
        return len(done.made), len(done.dismissed) + len(followed.dismissed)

    def test_what_is_open_of_a_contact_who_dies_is_dismissed(self, office: Office) -> None:
        ada, bob = office.contact(), office.contact("Bob")
        for contact in (ada, bob):
            office.api.patch(f"/contacts/{contact}/relationship", {"cadence_days": 30})
        assert self.remind(office, "2027-02-14") == (2, 0)
        office.change(office.Contact, ada, alive=False)
        assert self.remind(office, "2027-02-14") == (0, 1)
        assert pending(office, ada) == []
        assert len(pending(office, bob)) == 1
        assert self.remind(office, "2027-04-01") == (0, 0)
        office.change(office.Contact, ada, alive=True)
        assert self.remind(office, "2027-04-02") == (1, 0)
