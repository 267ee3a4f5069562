"""Write a contact as a vCard 4.0 (RFC 6350), with its dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

MAX_LINE_BYTES = 75
"""Without the line break."""


_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""All but line break and tab."""


@dataclass(frozen=True, slots=True)
class Card:
    """The contents of a card.

    ``revised_at`` is naive UTC. ``birthday`` is (year or None, MMDD); ``dates`` are other dates with their titles.
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
    """Return the text of a card."""
    return "".join(f"{folded}\r\n" for line in _lines(card) for folded in _folded(line))


def _lines(card: Card) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0", "PRODID:-//flask-relationships//EN")
    yield f"UID:urn:uuid:{card.uid}"
    yield f"REV:{card.revised_at:%Y%m%dT%H%M%SZ}"
    full_name = " ".join(filter(None, (card.first_name, card.last_name)))
    yield f"FN:{_escaped(next(filter(None, (full_name, card.company, card.email)), '?'))}"
    yield f"N:{_escaped(card.last_name)};{_escaped(card.first_name)};;;"
    for property_name, value in (
        ("NICKNAME", card.nickname),
        ("EMAIL", card.email),
        ("TEL;VALUE=text", card.phone),
        ("ORG", card.company),
        ("BDAY", _birthday(card)),
        ("ANNIVERSARY", card.anniversary and _basic(card.anniversary)),
    ):
        if value:
            yield f"{property_name}:{_escaped(value)}"
    # vCard has no property for other dates; address books write and read this pair.
    for number, (day_of_it, title) in enumerate(card.dates, 1):
        yield f"date{number}.X-ABDATE;VALUE=date:{_basic(day_of_it)}"
        yield f"date{number}.X-ABLABEL:{_escaped(title)}"
    yield "END:VCARD"


def _birthday(card: Card) -> str | None:
    if card.birthday is None:
        return None
    year, day = card.birthday
    return f"{'--' if year is None else f'{year:04}'}{day:04}"


def _basic(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _escaped(text: str) -> str:
    """Escape the separators of values, and remove control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL_CHARACTERS.sub("", text)
    for plain, written in (("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> Iterable[str]:
    """Split a line into pieces of `MAX_LINE_BYTES`, between characters; all but the first begin with a space."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode("utf-8", "replace"))
        if size + width > MAX_LINE_BYTES:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + width
    yield piece
