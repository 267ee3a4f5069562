"""The contacts' telephone numbers: how many there are, and how many of them are none. No number is ever shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..api.application import state
from ..errors import place_of
from .examination import Examination
from .findings import Finding, Kind
from .host_fields import read_field
from .host_tables import is_migrated
from .mapping import FIELD_FAILS

PAGE = "messages.md#phone-numbers"

PHONES = Kind("phones", "ok", "How many contacts have a number, and how many have none.", PAGE)
PHONES_NO_NUMBERS = Kind(
    "phones_no_numbers",
    "warning",
    "Some contacts' phones cannot be read as numbers, so nobody can be written to there.",
    PAGE,
    "Correct them, or pass phone_normaliser= to Relationships for a spelling of your own.",
)
NORMALISER_RAISES = Kind(
    "phone_normaliser_raises",
    "error",
    "The `phone_normaliser` raises, and requests that save a phone fail.",
    PAGE,
    "Return None for a text that is no number.",
)

LONGEST_SHAPE = 24


def look(examination: Examination) -> Iterator[Finding]:
    contact = state.hosts.contact
    if examination.phones == 0 or "phone" not in contact.fields or not is_migrated(contact, examination):
        return
    read, empty = 0, 0
    shapes: Counter[str] = Counter()
    try:
        for phone in read_field(contact, "phone", examination, examination.phones):
            read += 1
            text = "" if phone is None else str(phone)
            if not text:
                empty += 1
                continue
            try:
                normal = state.numbers.number(text)
            except Exception as error:
                yield NORMALISER_RAISES.found(f"For a phone like {shape(text)} it raises {place_of(error)}.")
                return
            if normal is None:
                shapes[shape(text)] += 1
    except Exception as error:
        examination.undo()
        yield FIELD_FAILS.found(f"{contact.model.__name__}: reading phone of a row raises {place_of(error)}.")
        return
    yield from _told(read, empty, shapes, examination)


def _told(read: int, empty: int, shapes: Counter[str], examination: Examination) -> Iterator[Finding]:
    bad = shapes.total()
    limited = f" (the first {read}; --phones reads more)" if read == examination.phones else ""
    good = read - empty - bad
    if read:
        yield PHONES.found(f"Of {read} contacts{limited} {good} have a phone that is a number, {empty} have none.")
    if bad:
        examples = ", ".join(f"{one} ({times})" for one, times in shapes.most_common(3))
        region = bad > good and state.settings.default_region is None
        yield PHONES_NO_NUMBERS.found(
            f"{bad} of {read - empty} phones cannot be read as numbers, such as {examples}; N is a digit.",
            "Set RELATIONSHIPS_DEFAULT_REGION to the country of numbers without a country code." if region else "",
        )


def shape(text: str) -> str:
    """What a phone looks like, without what it is: digits but a leading 0 are N, letters are x."""
    drawn = [_drawn(place, character) for place, character in enumerate(text.strip()[:LONGEST_SHAPE])]
    return "".join(drawn) or "spaces"


def _drawn(place: int, character: str) -> str:
    if character.isdigit():
        return "0" if place == 0 and character == "0" else "N"
    if character.isalpha():
        return "x"
    return character if character in " +-()./,;:" else "?"
