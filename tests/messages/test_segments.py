"""Segments: examples counted by hand, and any text against a slow reading of the standard."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flask_relationships.domain.messages.segments import Segments, segments

PARTY = "\N{PARTY POPPER}"

# 3GPP TS 23.038, section 6.2.1, by code points: what a keyboard has, then the letters of other languages.
KEYBOARD = {*range(0x20, 0x7F), 0x0A, 0x0D} - {ord(character) for character in "[\\]^`{|}~"}
LETTERS = {
    *(0xA3, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0xD8, 0xF8, 0xC5, 0xE5, 0xC6, 0xE6, 0xDF, 0xC9, 0xA4, 0xA1),
    *(0xC4, 0xD6, 0xD1, 0xDC, 0xA7, 0xBF, 0xE4, 0xF6, 0xF1, 0xFC, 0xE0),
    *(0x394, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E),
}
ONE_SEPTET = {chr(point) for point in KEYBOARD | LETTERS}
TWO_SEPTETS = {chr(point) for point in (0x0C, 0x5B, 0x5C, 0x5D, 0x5E, 0x7B, 0x7C, 0x7D, 0x7E, 0x20AC)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", Segments("GSM-7", 0, 0, 160)),
        ("a" * 160, Segments("GSM-7", 1, 160, 0)),
        ("a" * 161, Segments("GSM-7", 2, 161, 145)),
        ("a" * 306, Segments("GSM-7", 2, 306, 0)),
        ("a" * 307, Segments("GSM-7", 3, 307, 152)),
        ("é" * 160, Segments("GSM-7", 1, 160, 0)),
        ("€", Segments("GSM-7", 1, 2, 158)),
        ("€" * 80, Segments("GSM-7", 1, 160, 0)),
        ("a" * 159 + "€", Segments("GSM-7", 2, 161, 145)),
        # `{` would begin at the 153rd septet and end in the next segment: it goes there whole.
        ("a" * 152 + "{" + "b" * 151, Segments("GSM-7", 2, 305, 0)),
        ("a" * 152 + "{" + "b" * 152, Segments("GSM-7", 3, 306, 152)),
        ("{" * 153, Segments("GSM-7", 3, 306, 151)),
        ("ж" * 70, Segments("UCS-2", 1, 70, 0)),
        ("ж" * 71, Segments("UCS-2", 2, 71, 63)),
        ("a" * 70 + "`", Segments("UCS-2", 2, 71, 63)),
        ("[" * 69 + "ç", Segments("UCS-2", 1, 70, 0)),
        (PARTY, Segments("UCS-2", 1, 2, 68)),
        ("a" * 68 + PARTY, Segments("UCS-2", 1, 70, 0)),
        ("a" * 65 + PARTY + "b" * 67, Segments("UCS-2", 2, 134, 0)),
        ("a" * 66 + PARTY + "b" * 65, Segments("UCS-2", 2, 133, 0)),
        ("a" * 66 + PARTY + "b" * 66, Segments("UCS-2", 3, 134, 66)),
    ],
)
def test_counted_by_hand(body: str, expected: Segments) -> None:
    assert segments(body) == expected


@pytest.mark.parametrize("character", sorted(ONE_SEPTET | TWO_SEPTETS))
def test_every_character_of_the_gsm_alphabet(character: str) -> None:
    units = 1 if character in ONE_SEPTET else 2
    assert segments(character) == Segments("GSM-7", 1, units, 160 - units)


def test_the_alphabet_has_137_characters() -> None:
    every = (chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF)
    assert sum(segments(character).encoding == "GSM-7" for character in every) == 137


@given(
    st.text(st.sampled_from(sorted(ONE_SEPTET)) | st.sampled_from(sorted(TWO_SEPTETS)), min_size=100, max_size=700)
    | st.text(st.sampled_from(["a", "{", "ж", PARTY]), min_size=40, max_size=300)
    | st.text(st.characters(max_codepoint=0x2FF), max_size=300)  # no combining marks: the reference knows no clusters
)
@example("{" * 76 + "a" + "{" * 100)
def test_any_text_as_a_phone_would_fill_its_segments(body: str) -> None:
    assert segments(body) == filled(body)


def filled(body: str) -> Segments:
    """One character after the other is put into the segment at hand, or into a new one if it does not fit."""
    if set(body) <= ONE_SEPTET | TWO_SEPTETS:
        sizes, octets_per_unit = [1 if character in ONE_SEPTET else 2 for character in body], 7 / 8
    else:
        sizes, octets_per_unit = [len(character.encode("utf-16-be", "surrogatepass")) // 2 for character in body], 2
    encoding = "UCS-2" if octets_per_unit == 2 else "GSM-7"
    limit = int(140 / octets_per_unit)
    if sum(sizes) > limit:
        limit = int((140 - 6) / octets_per_unit)
    parts: list[int] = []
    for size in sizes:
        if not parts or parts[-1] + size > limit:
            parts.append(0)
        parts[-1] += size
    return Segments(encoding, len(parts), sum(parts), limit - (parts[-1] if parts else 0))  # type: ignore[arg-type]


FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        # Expected values of Twilio's calculator, npm sms-segments-calculator 1.3.0.
        ("x" * 66 + FAMILY + "y" * 57, 3),
        ("x" * 66 + FAMILY + "y" * 56, 2),
        ("🇩🇪" * 18, 2),
        ("x" * 66 + "🇩🇪", 1),
        ("é̂" * 35, 1),
        ("é̂" * 36, 2),
        (FAMILY * 7, 2),
        ("中" * 66 + "\r\n" + "中" * 66, 2),
    ],
)
def test_joined_characters_are_not_parted(body: str, count: int) -> None:
    found = segments(body)
    assert (found.encoding, found.count) == ("UCS-2", count)
