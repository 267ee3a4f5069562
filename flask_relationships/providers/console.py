"""A transport for demonstrations: it prints each message instead of sending it."""

from __future__ import annotations

import sys
import textwrap
from typing import TextIO

from .base import Channel, OutboundMessage, Receipt
from .memory import made_up_receipt

WIDTH = 72


class ConsoleTransport:
    """Accepts every message and prints it; nothing leaves the machine.

    This is the one place in the package that writes phone numbers and message texts out, because that is all
    it is for: a person is watching a demonstration. Never give it to an application with real contacts.

    ``stream`` is where it prints; left out, whatever ``sys.stdout`` is at each send. ``from_number`` is the
    sender that the receipts name.
    """

    def __init__(self, stream: TextIO | None = None, *, from_number: str = "+12025550100") -> None:
        self._stream, self._from_number = stream, from_number

    @property
    def connected(self) -> bool:
        return True

    def require_ready(self, channel: Channel) -> None:
        """Always ready."""

    def send(self, message: OutboundMessage) -> Receipt:
        receipt = made_up_receipt(message, self._from_number)
        stream = self._stream or sys.stdout
        encoding = getattr(stream, "encoding", None) or "utf-8"
        # A terminal that cannot show a character must not turn an accepted message into an error.
        stream.write(_box(message, receipt).encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()  # a pipe or a log collector would otherwise hold it back
        return receipt


def _box(message: OutboundMessage, receipt: Receipt) -> str:
    """Written at once, so that the boxes of two threads do not mix."""
    rows = [
        ("from", receipt.from_number),
        ("to", message.to),
        ("body", message.body),
        ("media", message.media_url),
    ]
    rows += [
        ("template", message.content_sid),
        *(message.content_variables or {}).items(),
        ("id", receipt.provider_sid),
    ]
    lines = [f"+-- {message.channel.upper()}, not sent: this is the console transport ".ljust(WIDTH, "-")]
    for name, value in rows:
        if value:
            lines += _row(name, value)
    lines.append("+".ljust(WIDTH, "-"))
    return "\n".join(lines) + "\n"


def _row(name: str, value: str) -> list[str]:
    margin = f"| {_printable(name):<9} "
    shown = []
    for line in map(_printable, value.splitlines()):
        for part in textwrap.wrap(line, WIDTH - len(margin), break_long_words=False, break_on_hyphens=False) or [""]:
            shown.append(margin + part)
            margin = f"| {'':<9} "
    return shown


def _printable(text: str) -> str:
    """What a message says must not move the cursor or colour the terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
