"""Whether a request was signed by Twilio: over the public address that was called, never over a header of the request.

What Twilio signs can be cut in other places without changing the signature, since names and values are written one
after the other. So whoever takes parameters from a signed request still has to look at each of them, and at whether
what was signed could be read as coming from somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

HEADER = "X-Twilio-Signature"
KEY_HEADER = "X-Twilio-Webhooks-Signature-Settings"
"""Names the shared key of another kind of signature, which is not read here: such a request is not let in."""

_ADDRESS = r"(?=whatsapp:|\+[0-9]{5,15}(?:[A-Z]|\Z))"
"""Where an address begins. Behind a number comes the next name, or nothing."""

_READINGS = {
    "From": re.compile(f"From{_ADDRESS}"),
    "To": re.compile(f"To{_ADDRESS}"),
    "MessageSid": re.compile(r"(?<!OriginalReplied)MessageSid(?=(?:SM|MM)[0-9a-f]{32})"),
}
"""Every place in what was signed where one of these could be read. A reply on WhatsApp names the message it answers."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def is_signed(url: str, form: Any, signature: str | None, tokens: Sequence[str]) -> bool:
    """Whether one of the account's tokens has signed this form, posted to this address.

    ``form`` is a mapping of lists, as werkzeug's. Several tokens are tried while one is exchanged for another.
    """
    from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

    if not signature or not signature.isascii():
        return False
    try:
        return any(RequestValidator(token).validate(url, form, signature) for token in tokens)
    except (ValueError, TypeError, IndexError, UnicodeError):  # an address or a text that cannot be signed at all
        return False


def reads_one_way(form: Any) -> bool:
    """Whether a signed form has one sender, recipient and id, however what was signed is cut into names and values.

    The text that is signed is the same for every cut, so somebody who writes ``From+15550001000FromCity`` to us cannot
    have their own request cut into one of that sender: neither it nor the true one is let in.
    """
    if any(_NAME.fullmatch(name) is None for name in form):
        return False
    text = "".join(f"{name}{value}" for name in sorted(form) for value in sorted(set(form.getlist(name))))
    return all(
        text.startswith(form.get(name, ""), place.end())
        for name, readings in _READINGS.items()
        for place in readings.finditer(text)
    )
