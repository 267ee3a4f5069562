"""A birthday and the year beside it: what the two mean together."""

from __future__ import annotations

import pytest

from tests.hosts.host import Caller
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]


@pytest.fixture
def profile(contact: str) -> str:
    return f"/contacts/{contact}/relationship"


def read(api: Caller, profile: str) -> tuple[str | None, int | None]:
    found = api.get(profile)["profile"]
    return found["birthday"], found["birthday_year"]


def test_two_years_that_contradict_each_other_are_refused(api: Caller, profile: str) -> None:
    answer = api.patch(profile, {"birthday": "1990-05-15", "birthday_year": 1991}, 422)
    (error,) = answer["errors"]
    assert (error["pointer"], error["code"]) == ("#/birthday_year", "birthday_year_differs")
    assert read(api, profile) == (None, None)


def test_a_new_year_changes_a_full_birthday(api: Caller, profile: str) -> None:
    api.patch(profile, {"birthday": "1990-05-15"})
    api.patch(profile, {"birthday_year": 1991})
    assert read(api, profile) == ("1991-05-15", 1991)


def test_clearing_the_year_keeps_the_day(api: Caller, profile: str) -> None:
    api.patch(profile, {"birthday": "1990-05-15"})
    api.patch(profile, {"birthday_year": None})
    assert read(api, profile) == ("05-15", None)


@pytest.mark.parametrize(("given", "left"), [("1990-05-15", None), ("05-15", 1990)])
def test_clearing_a_birthday_clears_the_year_that_came_with_it(
    api: Caller, profile: str, given: str, left: int | None
) -> None:
    api.patch(profile, {"birthday_year": 1990})
    api.patch(profile, {"birthday": given})
    api.patch(profile, {"birthday": None})
    assert read(api, profile) == (None, left)


def test_an_opt_in_is_never_null(api: Caller, profile: str) -> None:
    (error,) = api.patch(profile, {"twilio_opt_in": None}, 422)["errors"]
    assert (error["pointer"], error["code"]) == ("#/twilio_opt_in", "null")
