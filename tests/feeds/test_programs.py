"""What programs that read calendars and address books rely on: ends, tags, ids, the newest, and the language."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import icalendar
import pytest
from flask_babel import Babel

from flask_relationships import Template
from flask_relationships.domain.feeds import digests
from flask_relationships.jobs.registry import run_due
from tests.databases import Databases
from tests.marks import databases
from tests.reminders.office import Office

pytestmark = databases("sqlite", "postgresql")


@pytest.fixture
def open_office(database: str, databases: Databases) -> Iterator[Any]:
    opened: list[Office] = []

    def make(**options: Any) -> Office:
        opened.append(Office(databases.url(database, "programs_office"), **options))
        return opened[-1]

    yield make
    for office in opened:
        office.close_down()


@pytest.fixture
def office(open_office: Any) -> Office:
    made: Office = open_office()
    return made


def feed(office: Office) -> str:
    return str(office.api.put("/calendar-feed", 201)["url"]).removeprefix("http://localhost")


def entries(office: Office, url: str) -> list[Any]:
    answer = office.app.test_client().get(url)
    assert answer.status_code == 200
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


class TestCalendars:
    def test_each_entry_ends_the_day_after_it_begins(self, office: Office) -> None:
        office.event(office.contact(), "1990-05-15")
        office.event(office.contact(), "9999-12-31", recurs_annually=False, auto_action_enabled=False)
        for entry in entries(office, feed(office)):
            day = entry["dtstart"].dt
            assert ("dtend" in entry) == (day < date.max)
            assert day == date.max or entry["dtend"].dt == day + timedelta(days=1)

    def test_a_calendar_that_has_not_changed_is_not_sent_again(self, office: Office) -> None:
        ada, client = office.contact(), office.app.test_client()
        office.event(ada, "1990-05-15")
        url = feed(office)
        tag = client.get(url).headers["ETag"]
        again = client.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        office.event(ada, "1990-06-15")
        changed = client.get(url, headers={"If-None-Match": tag})
        assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)

    def test_the_newest_are_kept_and_it_says_that_there_are_more(
        self, open_office: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        office = open_office(RELATIONSHIPS_MAX_ROWS=3)
        ada = office.contact()
        for month in range(1, 6):
            office.event(ada, f"1990-{month:02}-15", title=f"Month {month}", auto_action_enabled=False)
        for day in range(1, 6):
            given = {"title": f"Call {day}", "action_type": "call", "due_date": f"2027-02-{day:02}"}
            office.api.post(f"/contacts/{ada}/relationship-actions", given)
        url = feed(office)
        with caplog.at_level(logging.WARNING):
            titles = [str(entry["summary"]) for entry in entries(office, url)]
        assert titles[:3] == [f"Ada Lovelace: Month {month}" for month in (3, 4, 5)]
        assert len(titles) == 6
        assert "older ones are left out" in caplog.text
        calendar = icalendar.Calendar.from_ical(office.app.test_client().get(url).data)
        assert str(calendar["description"]) == "There is more than fits here."

    def test_the_day_of_an_occurrence_is_named(self, office: Office) -> None:
        office.event(office.contact(), "1990-05-15")
        titles = {str(entry["summary"]) for entry in entries(office, feed(office))}
        assert titles == {"Ada Lovelace: Birthday", "Wish Ada a happy birthday, for 15 May"}


def test_a_card_has_one_id_before_and_after_somebody_opens_the_profile(office: Office) -> None:
    ada = office.contact()

    def lines(contact: int) -> dict[str, str]:
        text = office.api.ask("GET", f"/contacts/{contact}/vcard").get_data(as_text=True)
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    before = lines(ada)
    other = office.contact("Bob")
    office.api.patch(f"/contacts/{ada}/relationship", {"preferred_name": "Addie"})
    assert before["UID"] == lines(ada)["UID"] != lines(other)["UID"]
    assert before["UID"].startswith("urn:uuid:")
    assert before["REV"] == f"{office.today:%Y%m%d}T120000Z"


class TestLanguage:
    @pytest.fixture
    def german(self, open_office: Any) -> Office:
        office: Office = open_office(RELATIONSHIPS_BIRTHDAY_EVENTS=True, BABEL_DEFAULT_LOCALE="de")
        Babel(office.app)
        return office

    def test_a_digest_and_a_calendar_of_a_german_application_are_german(self, german: Office) -> None:
        ada = german.contact("Jörg")
        german.api.patch(f"/contacts/{ada}/relationship", {"birthday": "1990-01-20", "cadence_days": 5})
        german.today = date(2027, 1, 22)
        with german.app.app_context():
            run_due()
            (digest,) = [found.digest for found in digests.each(german.state.context(), german.today)]
            text = digest.text
        assert "- Mit Jörg Kontakt aufnehmen (Jörg Lovelace)\n" in text
        assert "- Jörg zum Geburtstag gratulieren (Jörg Lovelace), Fr., 15. Jan., für den 20. Januar\n" in text
        (event,) = german.api.get(f"/contacts/{ada}/life-events")["events"]
        assert event["title"] == "Geburtstag"
        actions = german.api.get(f"/contacts/{ada}/relationship-actions")["actions"]
        assert "Herzlichen Glückwunsch zum Geburtstag, Jörg!" in actions[0]["message_body"]
        calendar = german.app.test_client().get(feed(german)).get_data(as_text=True)
        assert "NAME:Beziehungen" in calendar

    def test_the_application_may_choose_its_own_words(self, open_office: Any) -> None:
        office = open_office(
            templates={"keep_in_touch": Template("coffee", "Coffee with {first_name}", "Coffee, {first_name}?")},
            RELATIONSHIPS_BIRTHDAY_EVENTS=True,
            RELATIONSHIPS_BIRTHDAY_TITLE="Name day",
            RELATIONSHIPS_CALENDAR_NAME="My people",
        )
        ada = office.contact()
        office.api.patch(f"/contacts/{ada}/relationship", {"birthday": "1990-06-20", "cadence_days": 5})
        office.today = date(2027, 1, 22)
        with office.app.app_context():
            run_due()
        action = office.actions(ada)[0]
        assert [action[name] for name in ("action_type", "title", "message_body")] == [
            *("coffee", "Coffee with Ada", "Coffee, Ada?")
        ]
        assert office.api.get(f"/contacts/{ada}/life-events")["events"][0]["title"] == "Name day"
        assert "NAME:My people" in office.app.test_client().get(feed(office)).get_data(as_text=True)

    def test_a_contact_without_a_name_is_asked_after_all_the_same(self, office: Office) -> None:
        ada = office.contact(None)
        office.api.patch(f"/contacts/{ada}/relationship", {"cadence_days": 5})
        office.today = date(2027, 1, 22)
        with office.app.app_context():
            run_due()
        assert office.actions(ada)[0]["title"] == "Get in touch"
