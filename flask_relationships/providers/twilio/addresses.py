"""Read addresses as Twilio writes them: the name of a channel may precede the number."""

from __future__ import annotations

import re

_WHATSAPP = "whatsapp:"
_NUMBER_OF_CHANNEL = re.compile(r"[a-z]{2,20}:(?=\+[0-9])")


def bare(address: str) -> str:
    """Return a number, or a WhatsApp id, without the name of its channel.

    Every other form is returned unchanged, such as ``rcs:an_agent``: it has no meaning without its channel.
    """
    if address.startswith(_WHATSAPP):
        return address.removeprefix(_WHATSAPP)
    return _NUMBER_OF_CHANNEL.sub("", address, count=1)


def is_on_whatsapp(address: str) -> bool:
    """Return whether an address belongs to WhatsApp."""
    return address.startswith(_WHATSAPP)


def channel_named_in(address: str | None) -> str | None:
    """Return ``rcs`` for an address of that channel, else None: clients name every other channel themselves."""
    return "rcs" if address is not None and address.startswith("rcs:") else None
