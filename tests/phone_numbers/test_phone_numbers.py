"""Reading phone numbers as people write them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_relationships.phone_numbers import e164


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+44 20 7946 0000", None, "+442079460000"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("(202) 555-0100", "US", "+12025550100"),
        ("+1 202 555 0100", "GB", "+12025550100"),
        ("0044 20 7946 0000", "GB", "+442079460000"),
        ("+39 06 698 12345", None, "+390669812345"),
        ("٠٢٠ ٧٩٤٦ ٠٠٠٠", "GB", "+442079460000"),
        ("+800 1234 5678", None, "+80012345678"),
        ("07400 123456", "GB", "+447400123456"),
        ("0800 123 4567", "GB", "+448001234567"),
        ("020 7946 0000", None, None),
        ("020 7946 0000", "XX", None),
        ("+44 20 7946", None, None),
        ("+999 1234567", None, None),
        ("12", "GB", None),
        ("", "GB", None),
        ("   ", None, None),
        ("call me", "GB", None),
        ("\x00\ud800", "GB", None),
        ("1" * 100_000, "GB", None),
    ],
)
def test_e164(text: str, region: str | None, number: str | None) -> None:
    assert e164(text, region) == number


ANYTHING = st.text() | st.text(alphabet="+0123456789 ()-.ext;=tel:phone-context٠١")


@given(text=ANYTHING, region=st.sampled_from(["GB", "US", "DE", "IT", "ZZ", "001", ""]) | st.none())
def test_it_never_raises_and_what_it_gives_is_stable(text: str, region: str | None) -> None:
    number = e164(text, region)
    if number is not None:
        assert number.startswith("+")
        assert number[1:].isascii()
        assert number[1:].isdecimal()
        assert len(number) <= 18
        assert e164(number, None) == number


def test_the_library_is_imported_when_a_number_is_read_and_not_before() -> None:
    program = (
        "import sys; from flask_relationships.phone_numbers import e164;"
        "print('phonenumbers' in sys.modules);"
        "e164('+442079460000', None); print('phonenumbers' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - this Python and the text above
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("False\nTrue\n", "")
