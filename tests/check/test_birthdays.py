"""The contacts' birthdays: counted, and shown as shapes alone."""

from __future__ import annotations

from typing import Any

from tests.check.conftest import MakeSmall
from tests.check.small import Small

BORN = ["1990-05-15", " --0515 ", None, "", "15.05.1990", "16.05.1990", "May 15, 1990", "0000-05-15"]


def born(small: Small, values: list[Any]) -> Small:
    small.create_tables().add(small.Company(id=small.id(1), name="Engines"))
    return small.add(*(small.ada(number, last_name=value) for number, value in enumerate(values, 1)))


def test_birthdays_that_cannot_be_read_are_counted_and_drawn(make_there: MakeSmall) -> None:
    small = born(make_there(contact={"birthday": "last_name"}), BORN)
    assert small.wrong() == {"birthdays_unreadable"}
    assert small.found("birthdays")["message"] == "Of 8 contacts, 3 have a birthday."
    found = small.found("birthdays_unreadable")
    assert (
        found["message"] == "3 of 6 birthdays cannot be read, such as NN.NN.NNNN (2), xxx NN, NNNN (1); N is a digit."
    )
    assert "RELATIONSHIPS_BIRTHDAY_ORDER to dmy (day first)." in found["fix"]


def test_with_the_order_they_are_read(make: MakeSmall) -> None:
    small = born(make(contact={"birthday": "last_name"}, config={"RELATIONSHIPS_BIRTHDAY_ORDER": "dmy"}), BORN)
    assert "1 of 6 birthdays" in small.found("birthdays_unreadable")["message"]
    assert "BIRTHDAY_ORDER" not in small.found("birthdays_unreadable")["fix"]


def test_where_both_orders_would_do_both_are_named(make: MakeSmall) -> None:
    small = born(make(contact={"birthday": "last_name"}), ["1/2/1990"])
    assert "dmy (day first) or mdy (month first)" in small.found("birthdays_unreadable")["fix"]


def test_a_host_without_birthdays(make: MakeSmall) -> None:
    small = born(make(), BORN)
    assert small.wrong() == set()
    assert "birthdays" not in [finding["code"] for finding in small.check()]


def test_a_function_that_fails(make: MakeSmall) -> None:
    small = born(make(contact={"birthday": lambda row: row.last_name.strip()}), ["1990-05-15", None])
    assert small.wrong() == {"field_fails"}


def test_readable_ones_are_no_finding(make: MakeSmall) -> None:
    small = born(make(contact={"birthday": "last_name"}), ["1990-05-15", "", None])
    assert small.wrong() == set()
