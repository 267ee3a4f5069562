"""Write texts and instants for responses, messages and calendars."""

from __future__ import annotations

import re
from datetime import datetime

CONTROL_CLASS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"

CONTROL_CHARACTERS = re.compile(f"[{CONTROL_CLASS}]")
"""The characters that a one-line text must not have: Unicode's categories Cc, Zl and Zp, and the bidirectional
embeddings, overrides and isolates (UAX #9), which also reorder the text after them. The marks U+200E, U+200F and
U+061C are allowed: ordinary Hebrew and Arabic texts have them."""


def one_line(text: str) -> str:
    """Return a text as one line: control characters become one space, and white space around it is removed."""
    pieces = (piece.strip() for piece in CONTROL_CHARACTERS.split(text))
    return " ".join(piece for piece in pieces if piece)


def written_time(value: datetime | None) -> str | None:
    """Return an instant of the tables, which is UTC, as ISO 8601 in whole seconds."""
    return None if value is None else value.isoformat(timespec="seconds") + "Z"
