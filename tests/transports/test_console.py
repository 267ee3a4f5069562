"""The transport of demonstrations."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from flask_relationships.providers.base import MessageTransport, OutboundMessage
from flask_relationships.providers.console import WIDTH, ConsoleTransport

Messages = Callable[..., OutboundMessage]


class Terminal(io.StringIO):
    """Shows only what was flushed, and counts the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.shown, self.writes = "", 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)

    def flush(self) -> None:
        self.shown = self.getvalue()


@pytest.mark.parametrize(("channel", "prefix"), [("sms", "SM"), ("whatsapp", "SM"), ("mms", "MM")])
def test_it_accepts_every_channel_with_a_receipt_like_twilios(
    channel: str, prefix: str, make_message: Messages
) -> None:
    transport: MessageTransport = ConsoleTransport(io.StringIO())
    assert transport.connected
    message = make_message(channel=channel)
    transport.require_ready(message.channel)
    receipts = [transport.send(message) for _ in range(2)]
    assert all(re.fullmatch(f"{prefix}[0-9a-f]{{32}}", receipt.provider_sid) for receipt in receipts)
    assert receipts[0].provider_sid != receipts[1].provider_sid
    assert {(receipt.status, receipt.from_number) for receipt in receipts} == {("queued", "+12025550100")}


def test_it_shows_what_would_be_sent_at_once(make_message: Messages) -> None:
    terminal = Terminal()
    message = make_message(
        channel="mms", body="Happy birthday!\n\nYours, Bob", media_url="https://example.com/cake.png"
    )
    receipt = ConsoleTransport(terminal, from_number="+15005550006").send(message)
    assert terminal.shown.splitlines() == [
        "+-- MMS, not sent: this is the console transport ".ljust(WIDTH, "-"),
        "| from      +15005550006",
        "| to        +447700900123",
        "| body      Happy birthday!",
        "|           ",
        "|           Yours, Bob",
        "| media     https://example.com/cake.png",
        f"| id        {receipt.provider_sid}",
        "+".ljust(WIDTH, "-"),
    ]
    assert terminal.writes == 1


def test_it_shows_a_template_with_its_variables(make_message: Messages) -> None:
    terminal = Terminal()
    ConsoleTransport(terminal).send(
        make_message(channel="whatsapp", body="", content_sid="HX1", content_variables={"1": "Ada", "2": "May"})
    )
    assert "| template  HX1\n| 1         Ada\n| 2         May\n" in terminal.shown
    assert "body" not in terminal.shown


def test_long_lines_are_wrapped(make_message: Messages) -> None:
    terminal = Terminal()
    words = "many words " * 40
    ConsoleTransport(terminal).send(make_message(body=words))
    assert max(map(len, terminal.shown.splitlines())) <= WIDTH
    assert terminal.shown.count("many words") + terminal.shown.count("many\n") == 40


def test_a_message_cannot_drive_the_terminal(make_message: Messages) -> None:
    terminal = Terminal()
    ConsoleTransport(terminal).send(
        make_message(body="\x1b[2J\x1b[31mred\x07\ud800", content_sid="HX1", content_variables={"\x1b[1m": "x"})
    )
    assert terminal.shown.replace("\n", "").isprintable()
    assert "red" in terminal.shown


def test_a_terminal_without_unicode_does_not_fail_the_message(make_message: Messages) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    ConsoleTransport(terminal).send(make_message(body="Žofie 🎂"))
    terminal.seek(0)
    assert r"\u017dofie \U0001f382" in terminal.read()


def test_it_prints_to_the_standard_output_of_the_moment(
    capsys: pytest.CaptureFixture[str], message: OutboundMessage
) -> None:
    transport = ConsoleTransport()
    transport.send(message)
    assert "+447700900123" in capsys.readouterr().out
