"""Reading phone numbers as people write them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_relationships.domain.contacts.addresses import (
    address_key,
    address_spellings,
    e164,
    read_number,
)


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
        "import sys; from flask_relationships.domain.contacts.addresses import e164;"
        "print('phonenumbers' in sys.modules);"
        "e164('+442079460000', None); print('phonenumbers' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - this Python and the text above
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("False\nTrue\n", "")


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        # As WhatsApp shows them, and as people wrote them before the numbering plan changed.
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("01 55 1234 5678", "MX", "+525512345678"),
        ("1 55 1234 5678", "MX", "+525512345678"),
        ("+55 11 8765-4321", None, "+5511987654321"),
        ("(11) 8765-4321", "BR", "+5511987654321"),
        ("+55 11 3456-7890", None, "+551134567890"),
        ("+54 11 15-2345-6789", None, "+5491123456789"),
        ("+54 9 11 2345-6789", None, "+5491123456789"),
        ("+54 11 2345-6789", None, "+541123456789"),
        # Invisible marks, line breaks, labels.
        ("\u202a+44 7400 123456\u202c", None, "+447400123456"),
        ("+44 7400 \u200e123456", None, "+447400123456"),
        ("+44 7400\ufe0d 123456", None, "+447400123456"),
        ("+44\u00a07400\u2011123\u200b456", None, "+447400123456"),
        ("+44 7400\r\n123456", None, "+447400123456"),
        ("+44 7400\n123456", None, "+447400123456"),
        ("07400 123456 (work)", "GB", "+447400123456"),
        ("07400 123456 work", "GB", "+447400123456"),
        ("+44 7400 123456 ~Ann", None, "+447400123456"),
        ("(mobile) 07400 123456", "GB", "+447400123456"),
        ("work: +44 (0) 7400 123456 - after 5pm", None, None),
        ("tel:+44-7400-123456", None, "+447400123456"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("020 7946 0000 ext. 12", "GB", "+442079460000"),
        # Ranges that phonenumbers does not know, with the country code and the digits of a mobile number.
        ("+852 4545 0000", None, "+85245450000"),
        ("+971 51 234 5678", None, "+971512345678"),
        ("+44 7400 12345", None, None),
        # The international prefix of ITU-T E.123, whatever the region.
        ("0044 7400 123456", None, "+447400123456"),
        ("0044 7400 123456", "US", "+447400123456"),
        ("0044 7400 123456", "BR", "+447400123456"),
        ("447400123456", "US", None),
    ],
)
def test_numbers_as_they_are_pasted(text: str, region: str | None, number: str | None) -> None:
    assert e164(text, region) == number


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("call me", "GB", "no_digits"),
        ("07400 123456", None, "no_country_code"),
        ("+999 1234567", None, "unknown_country_code"),
        ("+44 20", None, "too_short"),
        ("+44 20 7946 0000 0000", None, "too_long"),
        ("1" * 300, "GB", "too_long"),
        ("07000 123 4567 89", "GB", "too_long"),
        ("06123 456789", "GB", "unassigned"),
        ("07400 123456 / 020 7946 0000", "GB", "several_numbers"),
        ("07400 123456, 020 7946 0000", "GB", "several_numbers"),
        ("07400 123456\n020 7946 0000", "GB", "several_numbers"),
        ("+44 7400 123456 +44 20 7946 0000", None, "several_numbers"),
    ],
)
def test_why_a_text_is_no_number(text: str, region: str | None, reason: str) -> None:
    reading = read_number(text, region)
    assert (reading.number, reading.reason) == (None, reason)
    assert reading.words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+525512345678", "+5215512345678"),
        ("+541123456789", "+5491123456789"),
        ("+543511234567", "+5493511234567"),
        ("+5511987654321", "+551187654321"),
        ("+5531961234567", "+553161234567"),
        ("whatsapp:+5215512345678", "+52 55 1234 5678"),
        ("rcs:+447400123456", "+447400123456"),
        ("T-Mobile", "t-mobile"),
        ("+44 7400 \u200e123456", "+447400123456"),
    ],
)
def test_two_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)
    assert {one, other} <= {*address_spellings(one), *address_spellings(other)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+551134567890", "+5511934567890"),  # Brazil: a landline has no second spelling
        ("+551124567890", "+5511924567890"),
        ("+5510987654321", "+551087654321"),  # there is no area code 10
        ("+5211234567890", "+521234567890"),  # Mexico: no number begins with 1
        ("+52551234567", "+521551234567"),  # a digit is missing
        ("+548001234567", "+5498001234567"),  # Argentina: no area code begins with 8
        ("+54112345678", "+549112345678"),
        ("+390612345678", "+39612345678"),  # Italy: the zero is part of the number
        ("+447400123456", "+4407400123456"),
        ("+12025550100", "+112025550100"),
        ("12345", "+12345"),
        ("US.13491208655302741918", "us.13491208655302741918"),
        ("rcs:acme_agent", "acme_agent"),
    ],
)
def test_what_only_looks_alike_has_two_keys(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


COUNTRY_CODES = st.sampled_from(["1", "7", "20", "33", "34", "39", "44", "49", "51", "53", "56", "57", "91", "229"])


@given(code=COUNTRY_CODES, digits=st.text(alphabet="0123456789", min_size=6, max_size=11))
def test_a_number_of_any_other_country_is_its_own_key(code: str, digits: str) -> None:
    assert address_key(f"+{code}{digits}") == f"+{code}{digits}"
    assert address_spellings(f"+{code}{digits}") == (f"+{code}{digits}",)


@given(code=st.sampled_from(["52", "521", "54", "549", "55"]), digits=st.text("0123456789", min_size=7, max_size=12))
def test_all_spellings_of_a_number_have_its_key(code: str, digits: str) -> None:
    number = f"+{code}{digits}"
    spellings = address_spellings(number)
    assert number in spellings
    assert len(spellings) <= 2
    assert {address_key(spelling) for spelling in spellings} == {address_key(number)}
    assert {frozenset(address_spellings(spelling)) for spelling in spellings} == {frozenset(spellings)}


@given(area=st.sampled_from(["11", "21", "31", "85"]), digits=st.text("0123456789", min_size=8, max_size=8))
def test_only_mobile_numbers_of_brazil_have_a_second_spelling(area: str, digits: str) -> None:
    short, long = f"+55{area}{digits}", f"+55{area}9{digits}"
    assert (address_key(short) == address_key(long)) == (digits[0] in "6789")


@given(address=st.text(max_size=200) | st.from_regex(r"(whatsapp:|rcs:)?\+?[0-9 ]{1,16}", fullmatch=True))
def test_a_key_is_its_own_key_and_fits_its_column(address: str) -> None:
    key = address_key(address)
    assert len(key) <= 64
    assert address_key(key) == key
    assert key in address_spellings(address)
