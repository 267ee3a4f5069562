"""Texts and values that are birthdays, and those that are none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_relationships.domain.profiles.birthday_texts import (
    Order,
    known_year,
    read_api_birthday,
    read_host_birthday,
)

FULL = (1990, 5, 15)
YEARLESS = (None, 5, 15)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        *((text, YEARLESS) for text in ("05-15", "--05-15", "--0515", " --0515 ", "0000-05-15", "0001-05-15")),
        *((text, YEARLESS) for text in ("1604-05-15", "16040515", "1604-05-15T00:00:00Z", date(1604, 5, 15))),
        *(
            (text, FULL)
            for text in ("1990-05-15", " 1990-05-15", "1990-05-15\n", "19900515", "1990/05/15", "1990-5-15")
        ),
        *((text, FULL) for text in ("1990.05.15", "1990/5/15", "1990-05-15 00:00:00", "1990-05-15T00:00:00.000Z")),
        *((text, FULL) for text in ("19900515T000000Z", "1990-05-15T10:00+02:00", "1990-05-15T00:00", 19900515)),
        *((value, FULL) for value in (date(1990, 5, 15), datetime(1990, 5, 15, 13, tzinfo=UTC))),
        *((text, (None, 2, 29)) for text in ("02-29", "--0229", "0000-02-29", "0001-02-29")),
        *((text, None) for text in ("", " ", "15.05.1990", "5/15/1990", "May 15, 1990", "1990", "0515", "5-15")),
        *((text, None) for text in ("1990-02-29", "1990-13-01", "02-30", "--1301", "19901301", "1990-05/15")),
        *((value, None) for value in (None, True, 515, 19900515.0, ["1990-05-15"], "unknown", "1990-05-15 or so")),
    ],
)
def test_what_a_host_s_column_holds(value: Any, found: tuple[int | None, int, int] | None) -> None:
    assert read_host_birthday(value) == found


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        *((text, "dmy", FULL) for text in ("15.05.1990", "15.5.1990", "15/05/1990", "15-05-1990", " 15. 5. 1990 ")),
        *((text, "mdy", FULL) for text in ("5/15/1990", "05/15/1990", "05-15-1990", "5.15.1990")),
        *(
            ("15.05.", "dmy", YEARLESS),
            ("15.5", "dmy", YEARLESS),
            ("5/15", "mdy", YEARLESS),
            ("15/5/0000", "dmy", YEARLESS),
        ),
        *(("1/2/1990", "dmy", (1990, 2, 1)), ("1/2/1990", "mdy", (1990, 1, 2)), ("05-06", "dmy", (None, 5, 6))),
        *(
            ("5/15/1990", "dmy", None),
            ("15.05.1990", "mdy", None),
            ("5/15/90", "mdy", None),
            ("31.2.1990", "dmy", None),
        ),
        *(("15.05/1990", "dmy", None), ("1990-05-15", "dmy", FULL), ("19900515", "mdy", FULL)),
    ],
)
def test_with_an_order(text: str, order: Order, found: tuple[int | None, int, int] | None) -> None:
    assert read_host_birthday(text, order) == found


@given(st.dates(date(1605, 1, 1)))
def test_every_date_is_read_in_every_spelling(day: date) -> None:
    wanted = (day.year, day.month, day.day)
    year = f"{day.year:04}"
    for text in (day.isoformat(), f"{year}{day:%m%d}", f"{year}/{day:%m/%d}", f"{year}-{day.month}-{day.day}"):
        assert read_host_birthday(text) == wanted
    assert read_host_birthday(f"{day.day}.{day.month}.{year}", "dmy") == wanted
    assert read_host_birthday(f"{day.month}/{day.day}/{year}", "mdy") == wanted
    for text in (f"{day:%m-%d}", f"--{day:%m%d}"):
        assert read_host_birthday(text) == read_api_birthday(text) == (None, day.month, day.day)


@given(st.text(max_size=30), st.sampled_from([None, "dmy", "mdy"]))
def test_no_text_raises(text: str, order: Order | None) -> None:
    read_host_birthday(text, order)
    read_api_birthday(text)


@pytest.mark.parametrize(
    ("year", "day", "known"),
    [
        *((1990, 515, True), (None, 515, False), (0, 515, False), (1, 515, False), (1604, 515, False)),
        *((2027, 115, True), (2027, 116, False), (2027, None, True), (2028, 101, False), (1872, 515, True)),
    ],
)
def test_which_years_are_known(year: int | None, day: int | None, known: bool) -> None:
    assert known_year(year, day, date(2027, 1, 15)) == (year if known else None)
