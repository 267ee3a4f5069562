"""``num_segments`` of a message: our count when it is written, then the provider's."""

from __future__ import annotations

import pytest

from flask_relationships import OutboundMessage, Receipt
from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import MakeSending, opted_in, send
from tests.hosts.host import Caller, Host
from tests.hosts.transport import WatchedTransport
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]


class Counting(WatchedTransport):
    """A provider that counts otherwise."""

    def __init__(self, num_segments: int | None) -> None:
        super().__init__()
        self.num_segments = num_segments

    def send(self, message: OutboundMessage) -> Receipt:
        return Receipt(super().send(message).provider_sid, "queued", None, self.num_segments)


@pytest.mark.parametrize(("told", "kept"), [(None, 2), (0, 2), (3, 3)])
def test_the_provider_s_count_wins_where_there_is_one(
    host: Host, api: Caller, willing: str, told: int | None, kept: int
) -> None:
    host.state.transport = Counting(told)
    assert send(api, willing, body="x" * 161)["num_segments"] == kept


def test_a_messaging_service_counts_only_later(make_sending: MakeSending, twilio: FakeTwilio) -> None:
    host = make_sending(TWILIO_MESSAGING_SERVICE_SID=FakeTwilio.messaging_service_sid)
    api = host.person()
    message = send(api, opted_in(host, api), body="☺" * 71)
    assert (message["status"], message["num_segments"]) == ("accepted", 2)


@pytest.mark.parametrize(
    ("fields", "segments"),
    [
        ({"channel": "whatsapp"}, 1),
        ({"channel": "mms", "media_url": "https://example.com/a.png"}, 1),
        ({"channel": "mms"}, 3),
        ({"channel": "sms"}, 3),
    ],
)
def test_what_is_not_cut_is_one(host: Host, api: Caller, willing: str, fields: dict[str, str], segments: int) -> None:
    """An MMS without media is a text."""
    host.state.transport = Counting(None)
    assert send(api, willing, body="x" * 320, **fields)["num_segments"] == segments
