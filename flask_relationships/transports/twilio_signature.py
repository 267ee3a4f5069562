"""Whether a request was signed by Twilio: over the public address that was called, never over a header of the request.

What Twilio signs can be cut in other places without changing the signature, since names and values are written one
after the other. So whoever takes parameters from a signed request still has to look at each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEADER = "X-Twilio-Signature"
KEY_HEADER = "X-Twilio-Webhooks-Signature-Settings"
"""Names the shared key of another kind of signature, which is not read here: such a request is not let in."""


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
