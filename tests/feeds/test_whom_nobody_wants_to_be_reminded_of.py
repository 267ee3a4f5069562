"""Contacts that are not active, and people who have nothing to do but to be in touch, in calendars and digests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from flask_relationships.domain.feeds import digests
from flask_relationships.jobs.registry import run_due
from tests.databases import Databases
from tests.reminders.office import Office


@pytest.fixture
def office(database: str, databases: Databases) -> Iterator[Office]:
    made = Office(databases.url(database, "feeds_office"))
    yield made
    made.close_down()


def calendar(office: Office, url: str) -> str:
    answer = office.app.test_client().get(url.removeprefix("http://localhost"))
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def texts(office: Office) -> list[str]:
    with office.app.app_context():
        return [found.digest.text for found in digests.each(office.state.context(), office.today)]


def test_a_calendar_shows_nothing_of_a_contact_that_is_not_active(office: Office) -> None:
    ada, bob = office.contact(), office.contact("Bob")
    for contact in (ada, bob):
        office.event(contact, "1990-05-15")
    url = office.api.put("/calendar-feed", 201)["url"]
    assert calendar(office, url).count("BEGIN:VEVENT") == 4
    office.change(office.Contact, ada, alive=False)
    found = calendar(office, url)
    assert (found.count("BEGIN:VEVENT"), found.count("Ada")) == (2, 0)


def test_a_digest_reminds_nobody_of_a_contact_that_is_not_active(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15")
    office.today = date(2027, 5, 10)
    assert "Wish Ada a happy birthday" in texts(office)[0]
    office.change(office.Contact, ada, alive=False)
    assert texts(office) == []
    action = {"title": "Flowers for the family", "action_type": "gift", "due_date": "2027-05-11"}
    office.api.post(f"/contacts/{ada}/relationship-actions", action)
    (told,) = texts(office)
    assert "Flowers for the family" in told
    assert "birthday" not in told


def test_whoever_has_nothing_to_do_but_to_be_in_touch_has_a_digest_too(office: Office) -> None:
    ada, owner = office.contact(), office.person("Alan Turing")
    office.change(office.Contact, ada, owner_id=owner)
    office.api.patch(f"/contacts/{ada}/relationship", {"cadence_days": 10})
    office.today = date(2027, 2, 1)
    with office.app.app_context():
        run_due()
    office.close(ada, "dismissed")
    with office.app.app_context():
        found: list[Any] = [one.digest for one in digests.each(office.state.context(), office.today)]
    assert [one.user_id for one in found] == [str(owner)]
    assert "Ada Lovelace, 7 days overdue; never in touch" in found[0].text
    office.change(office.Contact, ada, alive=False)
    assert texts(office) == []
