"""``business_day``: the host says on which day somebody works."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from flask_relationships.domain.life_events.generation import Generated
from tests.documentation.business_days import friday_before
from tests.reminders.office import Office


def monday_after(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


# 2028-05-06 is a Saturday, and the 13th; 2027-05-08 too.


@pytest.mark.parametrize(
    ("shift", "due", "quiet"),
    [(friday_before, "2028-05-12", "2028-05-11"), (monday_after, "2028-05-15", "2028-05-14")],
    ids=["friday before", "monday after"],
)
def test_an_action_is_made_and_due_on_a_day_on_which_somebody_works(
    open_office: Callable[..., Office], shift: Callable[[date], date], due: str, quiet: str
) -> None:
    office = open_office(business_day=shift)
    ada = office.contact()
    office.event(ada, "1990-05-20")
    assert office.run("2027-05-20") == office.run(quiet) == Generated()
    assert office.run(due) == Generated(created=1)
    assert office.told(ada)[-1] == ("2028-05-20", due)
    for days in range(1, 15):
        assert office.run(date.fromisoformat(due) + timedelta(days=days)) == Generated()


def test_the_action_of_a_new_event_is_due_on_such_a_day_too(open_office: Callable[..., Office]) -> None:
    office = open_office(business_day=friday_before)
    ada = office.contact()
    office.event(ada, "1990-05-15")
    assert office.told(ada) == [("2027-05-15", "2027-05-07")]
    assert office.run("2027-05-07") == Generated()


def test_two_reminders_that_fall_on_one_day_are_one(open_office: Callable[..., Office]) -> None:
    office = open_office(business_day=friday_before)
    ada = office.contact()
    office.event(ada, "1990-05-20", further_reminders=[6])
    office.run("2027-06-01")
    days = [date(2028, 5, 1) + timedelta(days=days) for days in range(25)]
    assert [day.isoformat() for day in days if office.run(day).created] == ["2028-05-12"]


@pytest.mark.on_databases("sqlite")
@pytest.mark.parametrize(
    "odd",
    [lambda _: None, lambda day: day + timedelta(days=8), lambda _: 1 // 0, lambda _: "2028-05-12"],
    ids=["nothing", "too far", "raises", "text"],
)
def test_what_is_no_day_nearby_leaves_the_day_as_it_is_and_is_logged(
    open_office: Callable[..., Office], caplog: pytest.LogCaptureFixture, odd: Any
) -> None:
    office = open_office(business_day=odd)
    ada = office.contact()
    office.event(ada, "1990-05-20")
    with caplog.at_level(logging.ERROR):
        assert office.run("2028-05-13") == Generated(created=1)
    assert "business_day" in caplog.text


@pytest.mark.on_databases("sqlite")
def test_a_datetime_counts_as_its_date(open_office: Callable[..., Office]) -> None:
    office = open_office(business_day=lambda day: datetime(day.year, day.month, day.day))  # noqa: DTZ001
    ada = office.contact()
    office.event(ada, "1990-05-20")
    assert office.told(ada) == [("2027-05-20", "2027-05-13")]
