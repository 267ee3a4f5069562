"""Texts of people and hosts on one line, so that none can pass for a line of a mail or a calendar."""

from __future__ import annotations

from typing import Any
from unicodedata import category


def one_line(text: Any) -> str:
    """Return a text with its line breaks and other white space as single spaces, without control characters."""
    words = " ".join(str(text or "").split())
    return "".join(character for character in words if category(character) != "Cc")
