"""What the sender of a message may look like."""

from __future__ import annotations

import re
from typing import Any

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}", re.ASCII)
"""Twilio's alphanumeric sender ids: letters, digits, space, hyphen, plus, underscore and ampersand."""


def is_sender(given: Any) -> bool:
    """Return whether SMS and MMS can be sent from this: a number, a short code, or a name."""
    return isinstance(given, str) and any(form.fullmatch(given) for form in (_E164, _SHORT_CODE, _NAME))


def is_number(given: Any) -> bool:
    """Return whether this is a number in E.164, with or without ``whatsapp:`` before it."""
    return isinstance(given, str) and _E164.fullmatch(given.removeprefix("whatsapp:")) is not None
