"""An annual anniversary counts years from its date: the date itself is none, and its first action is there at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_relationships.domain.feeds.dates import first_day
from flask_relationships.domain.life_events.occurrences import (
    LeapDay,
    in_year,
    last_occurrence,
    month_day,
    next_occurrence,
)
from tests.reminders.office import Office

ANNUAL = {"event_type": "anniversary", "title": "Wedding day", "auto_action_days_before": 7}


@pytest.mark.parametrize("event_type", ["anniversary", "work_anniversary", "Wedding Anniversary"])
def test_the_day_itself_is_no_anniversary(office: Office, event_type: str) -> None:
    ada = office.contact()
    event = office.event(ada, "2027-01-18", **{**ANNUAL, "event_type": event_type})
    assert (event["next_occurrence"], event["days_until"]) == ("2028-01-18", 368)
    assert office.told(ada) == [("2028-01-18", "2028-01-11")]
    office.run("2027-01-18")
    assert office.told(ada) == [("2028-01-18", "2028-01-11")]
    office.close(ada)
    office.run("2028-01-11")
    office.run("2029-01-11")
    assert office.told(ada) == [("2028-01-18", "2028-01-11"), ("2029-01-18", "2029-01-11")]


def test_a_one_off_anniversary_keeps_its_date_and_action(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "2027-01-30", **ANNUAL, recurs_annually=False)
    assert event["next_occurrence"] == "2027-01-30"
    assert office.told(ada) == [("2027-01-30", "2027-01-23")]


def test_on_its_own_day_it_is_a_year_away(office: Office) -> None:
    ada = office.contact()
    assert office.event(ada, "2027-01-15", **ANNUAL)["next_occurrence"] == "2028-01-15"
    assert office.event(ada, "2026-01-15", **ANNUAL)["next_occurrence"] == "2027-01-15"


def test_other_annual_events_begin_on_their_date(office: Office) -> None:
    assert office.event(office.contact(), "2027-01-18", event_type="party")["next_occurrence"] == "2027-01-18"


def test_a_change_of_type_moves_the_first_occurrence(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "2027-01-18", event_type="party", title="A day")
    assert office.told(ada, "pending") == [("2027-01-18", "2027-01-15")]
    assert office.edit(event, event_type="anniversary")["next_occurrence"] == "2028-01-18"
    assert office.told(ada, "pending") == [("2028-01-18", "2028-01-11")]
    assert office.edit(event, event_type="party")["next_occurrence"] == "2027-01-18"
    assert office.told(ada, "pending") == [("2027-01-18", "2027-01-15")]


def test_one_of_29_february(office: Office) -> None:
    ada = office.contact()
    office.today = date(2028, 2, 20)
    assert office.event(ada, "2028-02-29", **ANNUAL)["next_occurrence"] == "2029-02-28"


def test_turned_on_later_it_recurs_from_the_next_year(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "2027-01-18", **ANNUAL, recurs_annually=False)
    assert office.edit(event, recurs_annually=True)["next_occurrence"] == "2028-01-18"
    assert office.told(ada, "pending") == [("2028-01-18", "2028-01-11")]


DAYS = st.dates(date(1, 1, 1), date.max)


@given(day=DAYS, today=DAYS, leap_day=st.sampled_from(["feb28", "mar01"]))
def test_the_next_one_is_after_its_date_and_the_last_one_before_the_next(
    day: date, today: date, leap_day: LeapDay
) -> None:
    about: Any = (day, month_day(day))
    years = range(day.year + 1, date.max.year + 1)
    coming = next_occurrence(*about, today, leap_day, True)
    last = last_occurrence(*about, today, leap_day, True)
    if coming is not None:
        assert coming >= today
        assert coming == in_year(coming.year, month_day(day), leap_day)
        assert coming.year in years
        before = in_year(coming.year - 1, month_day(day), leap_day) if coming.year - 1 in years else None
        assert before is None or before < today
    else:
        assert not years or in_year(date.max.year, month_day(day), leap_day) < today
    assert last is None or (last <= today and last.year in years)
    if coming is not None and coming > today and coming.year - 1 in years:
        assert last is not None
        assert last + timedelta(days=365) <= coming + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "first"), [(date(2027, 1, 18), date(2028, 1, 18)), (date(1950, 5, 1), date(1970, 5, 1))]
)
def test_a_calendar_begins_with_the_first_one(day: date, first: date) -> None:
    assert first_day(day, month_day(day), datetime(2027, 1, 1, tzinfo=UTC), "feb28", True)[0] == first
