"""A birthday that came from the host follows it until somebody edits it here; so does its event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.jobs.registry import run_due
from tests.reminders.office import Office
from tests.reminders.test_birthdays import events, run
from tests.statements.counting import counted


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office(born=True, RELATIONSHIPS_BIRTHDAY_EVENTS=True)


def told(office: Office, contact: int) -> tuple[str | None, int | None, str | None]:
    found = office.api.get(f"/contacts/{contact}/relationship")["profile"]
    return found["birthday"], found["birthday_year"], found["birthday_source"]


def stored(office: Office, contact: int) -> tuple[Any, ...]:
    """What the profile has without being read."""
    with office.context() as (session, models):
        table = models.Profile
        columns = (table.birthday_month_day, table.birthday_year, table.birthday_source)
        return tuple(session.execute(sa.select(*columns).where(table.contact_id == contact)).one())


def as_in_0_1(office: Office) -> None:
    with office.context() as (session, models):
        session.execute(sa.update(models.Profile).values(birthday_source=None, birthday_year_source=None))
        session.commit()


def write(office: Office, contact: int, **values: Any) -> None:
    office.api.patch(f"/contacts/{contact}/relationship", values)


def days(office: Office, contact: int) -> list[tuple[str | None, str]]:
    return [(event["event_date"], event["next_occurrence"]) for event in events(office, contact)]


def test_it_follows_when_the_profile_is_read(office: Office) -> None:
    ada = office.contact(born="1990-05-15")
    assert told(office, ada) == ("1990-05-15", 1990, "crm")
    office.change(office.Contact, ada, born="1991-06-15")
    assert told(office, ada) == ("1991-06-15", 1991, "crm")
    assert days(office, ada) == [("1991-06-15", "2027-06-15")]
    assert office.told(ada, "pending") == [("2027-06-15", "2027-06-08")]
    office.change(office.Contact, ada, born="--0615")
    assert told(office, ada) == ("06-15", None, "crm")
    assert days(office, ada) == [(None, "2027-06-15")]
    office.change(office.Contact, ada, born=None)
    assert told(office, ada) == (None, None, None)
    assert events(office, ada) == []


def test_it_follows_by_the_scheduled_job(office: Office) -> None:
    ada = office.contact(born="15.05.1990")
    assert told(office, ada) == (None, None, None)
    office.change(office.Contact, ada, born="1990-05-15")
    assert run(office) == {"followed": 1, "created": 1}
    assert stored(office, ada) == (515, 1990, "crm")
    assert days(office, ada) == [("1990-05-15", "2027-05-15")]
    office.change(office.Contact, ada, born="1990-05-16")
    assert run(office) == {}
    assert run(office, "2027-01-16") == {"followed": 1}
    assert days(office, ada) == [("1990-05-16", "2027-05-16")]


def test_it_follows_also_where_birthdays_have_no_events(open_office: Callable[..., Office]) -> None:
    office = open_office(born=True)
    ada = office.contact(born="1990-05-15")
    told(office, ada)
    office.change(office.Contact, ada, born="06-15")
    assert run(office) == {"followed": 1}
    assert stored(office, ada) == (615, None, "crm")


@pytest.mark.parametrize("values", [{"birthday": "06-15"}, {"birthday_year": 1991}, {"birthday": None}])
def test_one_that_was_edited_here_stays(office: Office, values: dict[str, Any]) -> None:
    ada = office.contact(born="1990-05-15")
    told(office, ada)
    write(office, ada, **values)
    before = told(office, ada)
    assert before[2] == "edited"
    office.change(office.Contact, ada, born="1990-07-15")
    assert told(office, ada) == before
    run(office)
    assert told(office, ada) == before


def test_sending_back_what_was_read_is_no_edit(office: Office) -> None:
    ada = office.contact(born="1990-05-15")
    write(office, ada, birthday="1990-05-15", birthday_year=1990, preferred_name="Countess")
    assert told(office, ada)[2] == "crm"


def test_whoever_enters_the_host_s_birthday_follows_it_again(office: Office) -> None:
    ada = office.contact(born="1990-05-15")
    write(office, ada, birthday="06-15")
    write(office, ada, birthday="1990-05-15")
    assert told(office, ada)[2] == "crm"
    office.change(office.Contact, ada, born="1990-07-15")
    assert told(office, ada)[0] == "1990-07-15"


def test_an_edit_of_the_event_is_an_edit(office: Office) -> None:
    ada = office.contact(born="1990-05-15")
    told(office, ada)
    office.edit(events(office, ada)[0], event_date="1990-05-16")
    assert told(office, ada) == ("1990-05-16", 1990, "edited")
    run(office)
    assert told(office, ada) == ("1990-05-16", 1990, "edited")


def test_rows_of_0_1_follow_where_they_equal_the_host_s(office: Office) -> None:
    same, other, unread, cleared, empty, odd = (
        office.contact(born=born) for born in ("1990-05-15", "05-15", "15.05.1990", "05-15", None, "1604-05-15")
    )
    for contact in (same, other, unread, cleared, empty, odd):
        told(office, contact)
    write(office, other, birthday="05-16")
    write(office, cleared, birthday=None)
    with office.context() as (session, models):
        mine = models.Profile.contact_id == odd
        session.execute(sa.update(models.Profile).where(mine).values(birthday_year=1604, birthday_in_full=True))
        session.commit()
    as_in_0_1(office)
    run(office)
    sources = {contact: stored(office, contact)[2] for contact in (same, other, unread, cleared, empty, odd)}
    assert sources == {same: "crm", other: "edited", unread: "crm", cleared: "edited", empty: "crm", odd: "crm"}
    office.change(office.Contact, unread, born="1990-05-15")
    office.change(office.Contact, empty, born="1990-05-15")
    office.change(office.Contact, cleared, born="1990-05-15")
    assert [told(office, contact)[0] for contact in (unread, empty, cleared)] == ["1990-05-15", "1990-05-15", None]


def test_what_0_1_could_not_read_is_read_after_the_upgrade(office: Office) -> None:
    ada = office.contact(born="unknown")
    told(office, ada)
    as_in_0_1(office)
    office.change(office.Contact, ada, born="19900515")
    assert told(office, ada) == ("1990-05-15", 1990, "crm")


def test_the_order_of_day_and_month_is_configured(open_office: Callable[..., Office]) -> None:
    office = open_office(born=True, RELATIONSHIPS_BIRTHDAY_ORDER="dmy")
    assert told(office, office.contact(born="15.05.1990"))[0] == "1990-05-15"


def test_without_a_mapping_nothing_follows(open_office: Callable[..., Office]) -> None:
    office = open_office()
    ada = office.contact()
    write(office, ada, birthday="05-15")
    assert told(office, ada) == ("05-15", None, "edited")
    run(office)
    as_in_0_1(office)
    assert told(office, ada)[:2] == ("05-15", None)


class TestRowsThatVersion01LetDisagree:
    def test_a_moved_event_takes_its_birthday_along(self, office: Office) -> None:
        ada = office.contact(born="1990-06-15")
        told(office, ada)
        with office.context() as (session, models):
            event = session.scalars(sa.select(models.LifeEvent)).one()
            event.event_date, event.month_day = event.event_date.replace(day=16), 616
            session.commit()
        run(office)
        assert told(office, ada) == ("1990-06-16", 1990, "edited")
        assert days(office, ada) == [("1990-06-16", "2027-06-16")]

    def test_an_event_that_lost_its_day_has_it_again(self, office: Office) -> None:
        ada = office.contact(born="06-15")
        told(office, ada)
        with office.context() as (session, models):
            session.execute(sa.update(models.LifeEvent).values(month_day=None))
            session.commit()
        run(office)
        assert days(office, ada) == [(None, "2027-06-15")]
        assert told(office, ada) == ("06-15", None, "crm")

    def test_a_year_that_means_none_goes(self, office: Office) -> None:
        ada = office.contact(born="1990-05-15")
        told(office, ada)
        with office.context() as (session, models):
            values = {"birthday_year": 1604, "birthday_in_full": True, "birthday_source": "edited"}
            session.execute(sa.update(models.Profile).values(**values))
            event = session.scalars(sa.select(models.LifeEvent)).one()
            event.event_date = event.event_date.replace(year=1604)
            session.commit()
        run(office)
        assert days(office, ada) == [(None, "2027-05-15")]
        assert told(office, ada) == ("05-15", None, "edited")


def test_a_pass_takes_a_constant_number_of_statements_for_what_has_not_changed(office: Office) -> None:
    taken = []
    for day, number in (("2027-01-16", 2), ("2027-01-17", 9)):
        for _ in range(number):
            told(office, office.contact(born="1990-05-15"))
        office.run(day)
        with counted(office.app) as seen, office.app.app_context():
            assert run_due()["birthdays"]["followed"] == 0
        taken.append(len([one for one in seen if "profiles" in str(one)]))
    assert taken[0] == taken[1]


def test_reading_a_profile_that_is_up_to_date_writes_nothing(office: Office) -> None:
    ada = office.contact(born="1990-05-15")
    told(office, ada)
    with counted(office.app) as seen:
        told(office, ada)
    assert not [one for one in seen if "UPDATE" in str(one)]
