"""A contact as a vCard 4.0 (RFC 6350), with the dates that are known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

LONGEST_LINE = 75
"""In octets, without the line break."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says.

    ``revised_at`` is naive UTC. ``birthday`` is (year or None, MMDD); ``dates`` are others, each with its title.
    """

    uid: str
    revised_at: datetime
    first_name: str
    last_name: str
    nickname: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    birthday: tuple[int | None, int] | None = None
    anniversary: date | None = None
    dates: list[tuple[date, str]] = field(default_factory=list)


def build(card: Card) -> str:
    return "".join(f"{folded}\r\n" for line in _lines(card) for folded in _folded(line))


def _lines(card: Card) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0", "PRODID:-//flask-relationships//EN")
    yield f"UID:urn:uuid:{card.uid}"
    yield f"REV:{card.revised_at:%Y%m%dT%H%M%SZ}"
    name = " ".join(filter(None, (card.first_name, card.last_name))) or card.company or card.email or "?"
    yield f"FN:{_escaped(name)}"
    yield f"N:{_escaped(card.last_name)};{_escaped(card.first_name)};;;"
    for property_name, value in (
        ("NICKNAME", card.nickname),
        ("EMAIL", card.email),
        ("TEL;VALUE=text", card.phone),
        ("ORG", card.company),
    ):
        if value:
            yield f"{property_name}:{_escaped(value)}"
    if card.birthday is not None:
        year, day = card.birthday
        yield f"BDAY:{'--' if year is None else f'{year:04}'}{day:04}"
    if card.anniversary is not None:
        yield f"ANNIVERSARY:{_basic(card.anniversary)}"
    # Where vCard has no name for a date, this pair is what address books write and read.
    for number, (day_of_it, title) in enumerate(card.dates, 1):
        yield f"date{number}.X-ABDATE;VALUE=date:{_basic(day_of_it)}"
        yield f"date{number}.X-ABLABEL:{_escaped(title)}"
    yield "END:VCARD"


def _basic(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _escaped(text: str) -> str:
    """Commas and semicolons separate values. What no text may hold is left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(character for character in text if character in "\n\t" or (character >= " " and character != "\x7f"))
    for plain, written in (("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> Iterable[str]:
    """In pieces of so many octets, none of which ends within a character; all but the first begin with a space."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode("utf-8", "replace"))
        if size + width > LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + width
    yield piece
