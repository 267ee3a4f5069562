"""The birthday of a profile and its linked event: they say the same day, whichever of the two is edited."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import vobject  # type: ignore[import-untyped]

from flask_relationships import Template, signals
from tests.reminders.office import Office, Row


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office(RELATIONSHIPS_BIRTHDAY_EVENTS=True)


def write(office: Office, contact: int, **values: Any) -> Row:
    found: Row = office.api.patch(f"/contacts/{contact}/relationship", values)["profile"]
    return found


def profile(office: Office, contact: int) -> tuple[str | None, int | None]:
    found = office.api.get(f"/contacts/{contact}/relationship")["profile"]
    return found["birthday"], found["birthday_year"]


def event_of(office: Office, contact: int) -> Row:
    (event,) = office.api.get(f"/contacts/{contact}/life-events")["events"]
    return event


def agreed(office: Office, contact: int) -> tuple[str | None, int | None, str]:
    """The profile's birthday and the event's next day, after all that shows the birthday was compared."""
    birthday, year = profile(office, contact)
    assert birthday is not None
    event = event_of(office, contact)
    full = None if year is None else f"{year:04}-{birthday[-5:]}"
    assert event["event_date"] == full
    card = vobject.readOne(office.api.ask("GET", f"/contacts/{contact}/vcard").get_data(as_text=True))
    assert card.bday.value == ("--" + birthday.replace("-", "") if full is None else full.replace("-", ""))
    return birthday, year, event["next_occurrence"]


class TestTheYear:
    def test_a_year_that_came_with_the_date_goes_with_it(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="1990-05-15")
        write(office, ada, birthday="05-15")
        assert agreed(office, ada) == ("05-15", None, "2027-05-15")

    def test_a_year_of_its_own_stays_until_it_is_null(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="05-15", birthday_year=1990)
        write(office, ada, birthday="05-16")
        assert agreed(office, ada) == ("05-16", 1990, "2027-05-16")
        write(office, ada, birthday_year=None)
        assert agreed(office, ada) == ("05-16", None, "2027-05-16")

    def test_a_year_that_replaced_the_first_one_stays(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="1990-05-15")
        write(office, ada, birthday_year=1991)
        write(office, ada, birthday="05-16")
        assert profile(office, ada) == ("05-16", 1991)

    def test_a_year_beside_the_day_is_kept(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="1990-05-15")
        write(office, ada, birthday="05-15", birthday_year=1990)
        assert profile(office, ada) == ("05-15", 1990)
        write(office, ada, birthday="06-15")
        assert profile(office, ada) == ("06-15", 1990)

    def test_what_was_read_may_be_sent_back(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="1990-05-15")
        write(office, ada, birthday="1990-05-15", birthday_year=1990)
        write(office, ada, birthday="05-15")
        assert profile(office, ada) == ("05-15", None)

    def test_a_correction_to_a_leap_day(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="1990-03-01")
        write(office, ada, birthday="02-29")
        assert agreed(office, ada) == ("02-29", None, "2027-02-28")

    @pytest.mark.parametrize("year", [0, 1, 1604])
    def test_a_year_that_stands_for_none(self, office: Office, year: int) -> None:
        ada = office.contact()
        write(office, ada, birthday=f"{year:04}-05-15")
        assert agreed(office, ada) == ("05-15", None, "2027-05-15")
        write(office, ada, birthday="1990-05-15")
        assert write(office, ada, birthday_year=year)["birthday"] == "05-15"
        assert agreed(office, ada) == ("05-15", None, "2027-05-15")

    @pytest.mark.parametrize("year", [2027, 2030, 9999])
    def test_a_birth_that_lies_ahead_has_no_year_anywhere(self, office: Office, year: int) -> None:
        ada = office.contact()
        write(office, ada, birthday=f"{year}-05-15")
        assert agreed(office, ada) == ("05-15", None, "2027-05-15")

    def test_one_stored_by_an_older_version(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="05-15")
        with office.context() as (session, models):
            values = {"birthday_year": 1604, "birthday_in_full": True, "birthday_year_source": None}
            session.execute(sa.update(models.Profile).values(**values))
            session.commit()
        assert agreed(office, ada) == ("05-15", None, "2027-05-15")

    def test_an_old_row_knows_where_its_year_came_from(self, office: Office) -> None:
        ada, bob = office.contact(), office.contact()
        write(office, ada, birthday="1990-05-15")
        write(office, bob, birthday="05-15", birthday_year=1990)
        with office.context() as (session, models):
            session.execute(sa.update(models.Profile).values(birthday_year_source=None))
            session.commit()
        write(office, ada, birthday="05-16")
        write(office, bob, birthday="05-16")
        assert profile(office, ada) == ("05-16", None)
        assert profile(office, bob) == ("05-16", 1990)

    def test_nobody_is_said_to_be_older_than_anybody_was(self, office: Office) -> None:
        ada = office.contact()
        office.state.templates = {"birthday": Template("card", ("{first_name} will be {age}", "Ada's day"))}
        write(office, ada, birthday="1872-05-15")
        assert [one["title"] for one in office.actions(ada)] == ["Ada's day"]
        write(office, ada, birthday="1927-05-15")
        assert [one["title"] for one in office.actions(ada)] == ["Ada will be 100"]


@pytest.mark.parametrize("spelling", ["--0229", "--02-29", "02-29"])
def test_the_spellings_of_vcard(office: Office, spelling: str) -> None:
    assert write(office, office.contact(), birthday=spelling)["birthday"] == "02-29"


def test_a_full_date_as_vcard_has_it(office: Office) -> None:
    assert write(office, office.contact(), birthday="19900515")["birthday"] == "1990-05-15"


class TestEditingTheEvent:
    @pytest.mark.parametrize("before", ["1990-05-15", "05-15", "02-29", "2000-02-29"])
    @pytest.mark.parametrize("after", ["1991-06-16", "1990-05-16", "1996-02-29", "1604-05-15"])
    def test_its_date_goes_to_the_profile(self, office: Office, before: str, after: str) -> None:
        ada = office.contact()
        write(office, ada, birthday=before)
        office.edit(event_of(office, ada), event_date=after)
        known = not after.startswith("1604")
        wanted = (after if known else after[5:], int(after[:4]) if known else None)
        assert agreed(office, ada)[:2] == wanted
        (action,) = office.actions(ada)
        assert action["occurrence_date"] == event_of(office, ada)["next_occurrence"]

    def test_receivers_are_told_that_the_profile_changed(self, office: Office) -> None:
        ada, told = office.contact(), list[int | None]()
        write(office, ada, birthday="06-15")

        def note(app: Any, row: Any, user: Any) -> None:
            told.append(row.birthday_month_day)

        with signals.profile_updated.connected_to(note, office.app):
            office.edit(event_of(office, ada), title="Her day")
            office.edit(event_of(office, ada), event_date="1990-06-16")
        assert told == [616]

    def test_a_year_alone_and_back(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="06-15")
        office.edit(event_of(office, ada), event_date="1990-06-16")
        write(office, ada, birthday_year=1991)
        assert agreed(office, ada) == ("1991-06-16", 1991, "2027-06-16")
        write(office, ada, birthday="07-01", birthday_year=None)
        assert agreed(office, ada) == ("07-01", None, "2027-07-01")

    def test_its_date_is_not_taken_away(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="1990-06-15")
        event = event_of(office, ada)
        path = f"/contacts/{ada}/life-events/{event['id']}"
        (error,) = office.api.patch(path, {"event_date": None, "title": "x"}, 422)["errors"]
        assert (error["pointer"], error["code"]) == ("#/event_date", "birthday_of_profile")
        assert event_of(office, ada) == event
        write(office, ada, birthday="06-15")
        office.edit(event, event_date=None, title="Her day")
        assert agreed(office, ada) == ("06-15", None, "2027-06-15")

    def test_what_was_read_may_be_saved_again(self, office: Office) -> None:
        ada = office.contact()
        write(office, ada, birthday="06-15", birthday_year=1990)
        event = event_of(office, ada)
        office.edit(event, event_date=event["event_date"], title="Her day")
        write(office, ada, birthday="06-16")
        assert agreed(office, ada) == ("06-16", 1990, "2027-06-16")


@pytest.mark.parametrize("birthday", ["06-15", "1990-06-15", "02-29", "2000-02-29"])
def test_recurrence_off_and_on_loses_nothing(office: Office, birthday: str) -> None:
    ada = office.contact()
    write(office, ada, birthday=birthday)
    event = event_of(office, ada)
    office.edit(event, further_reminders=[1])
    event, (action,) = event_of(office, ada), office.actions(ada)
    off = office.edit(event, recurs_annually=False)
    assert (off["next_occurrence"], off["open_action_id"]) == (None, None)
    assert [one["status"] for one in office.actions(ada)] == ["dismissed"]
    on = office.edit(event, recurs_annually=True)
    assert {**on, "updated_at": "", "revision": 0} == {**event, "updated_at": "", "revision": 0}
    (again,) = office.actions(ada)
    told = ("id", "status", "due_date", "occurrence_date", "title")
    assert [again[name] for name in told] == [action[name] for name in told]
    agreed(office, ada)
    office.close(ada)
    day = event["next_occurrence"]
    office.run(day)
    office.run(str(int(day[:4]) + 1) + day[4:])
    assert len({occurrence for occurrence, _ in office.told(ada)}) == 2


def test_a_done_action_stays_done_when_recurrence_goes_and_comes(office: Office) -> None:
    ada = office.contact()
    write(office, ada, birthday="06-15")
    office.close(ada)
    event = event_of(office, ada)
    office.edit(event, recurs_annually=False)
    office.edit(event, recurs_annually=True)
    assert [one["status"] for one in office.actions(ada)] == ["done"]


def test_a_birthday_that_changes_while_recurrence_is_off_recurs_again(office: Office) -> None:
    ada = office.contact()
    write(office, ada, birthday="06-15")
    office.edit(event_of(office, ada), recurs_annually=False)
    write(office, ada, birthday="06-16")
    assert agreed(office, ada) == ("06-16", None, "2027-06-16")
    assert office.told(ada, "pending") == [("2027-06-16", "2027-06-09")]


def test_a_year_of_1604_in_a_one_s_own_event_is_no_age_and_no_bday(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1604-05-15")
    card = vobject.readOne(office.api.ask("GET", f"/contacts/{ada}/vcard").get_data(as_text=True))
    assert card.bday.value == "--0515"


BIRTHDAYS = ["05-15", "1990-05-15", "02-29", "2000-02-29", "1990-03-01", "1604-02-29", "2040-07-01", "--1231", None]
YEARS = [None, 0, 1604, 1990, 1996, 2040]
DATES = ["1990-05-15", "2000-02-29", "1604-06-16", "2040-07-01", "1985-12-31", None]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_edited_in_any_order_they_agree(office: Office, seed: int) -> None:
    chance, ada = random.Random(seed), office.contact()
    path = f"/contacts/{ada}/relationship"
    for _ in range(25):
        found = office.api.get(f"/contacts/{ada}/life-events")["events"]
        kind = chance.choice(["birthday", "year", "both", "event", "recurrence"])
        values: dict[str, Any] = {}
        if kind in ("birthday", "both"):
            values["birthday"] = chance.choice(BIRTHDAYS)
        if kind in ("year", "both"):
            values["birthday_year"] = chance.choice(YEARS)
        before = profile(office, ada)
        if values:
            status = office.api.ask("PATCH", path, json=values).status_code
            assert status in (200, 422)
            assert status == 200 or profile(office, ada) == before
        elif found:
            event = f"/contacts/{ada}/life-events/{found[0]['id']}"
            change = {"event_date": chance.choice(DATES)} if kind == "event" else {"recurs_annually": False}
            assert office.api.ask("PATCH", event, json=change).status_code in (200, 422)
            if kind == "recurrence":
                assert profile(office, ada) == before
                office.api.patch(event, {"recurs_annually": True})
                assert profile(office, ada) == before
        birthday, year = profile(office, ada)
        assert year is None or year in (1985, 1990, 1996, 2000)
        if birthday is not None:
            _, _, coming = agreed(office, ada)
            pending = [one for one in office.actions(ada) if one["status"] == "pending"]
            assert {one["occurrence_date"] for one in pending} <= {coming}
        else:
            assert office.api.get(f"/contacts/{ada}/life-events")["events"] == []
