"""Print messages instead of sending them, for demonstrations."""

from __future__ import annotations

import sys
import textwrap
from typing import TextIO

from .base import Channel, OutboundMessage, Receipt
from .memory import made_up_receipt

WIDTH = 72
"""Characters in a line of output."""


class ConsoleTransport:
    """Accept every message and print it; nothing leaves the machine.

    Only this class of the package prints phone numbers and message texts. Do not use it in an application with real
    contacts.

    :param stream: the stream to print to; by default ``sys.stdout`` at the time of each send.
    :param from_number: the sender in the receipts.
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
    """Return a message as one text, so that the output of two threads does not mix."""
    rows = (
        ("from", receipt.from_number),
        ("to", message.to),
        ("body", message.body),
        ("media", message.media_url),
        ("template", message.content_sid),
        *(message.content_variables or {}).items(),
        ("id", receipt.provider_sid),
    )
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
    """Replace characters that would move the cursor or colour the terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
