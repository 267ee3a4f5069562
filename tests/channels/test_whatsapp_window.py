"""The 24 hours of WhatsApp: our clock advises, or refuses where it is told to; the provider decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import INBOUND, NUMBER, MakeSending, opted_in, preview, send
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

TEMPLATE = {"channel": "whatsapp", "content_sid": "HX" + "0" * 32}


def write(twilio: FakeTwilio, by: str = "whatsapp") -> None:
    """The contact writes to us."""
    prefix = "whatsapp:" if by == "whatsapp" else ""
    to = twilio.whatsapp_from if by == "whatsapp" else twilio.sms_from
    assert twilio.receive(INBOUND, f"{prefix}{NUMBER}", f"{prefix}{to}", "Hello") == 200


@databases("sqlite", "postgresql", "mariadb")
def test_it_opens_with_a_message_of_the_contact_and_closes_a_day_later(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    begun = host.state.clock()
    with host.clock_at(begun):
        assert send(api, willing, channel="whatsapp")["outside_whatsapp_window"] is True
        write(twilio, by="sms")
        assert preview(api, willing, channel="whatsapp")["outside_whatsapp_window"] is True
        write(twilio)
        assert send(api, willing, channel="whatsapp")["outside_whatsapp_window"] is False
    with host.clock_at(begun + timedelta(hours=24) - timedelta(seconds=1)):
        assert preview(api, willing, channel="whatsapp")["outside_whatsapp_window"] is False
    with host.clock_at(begun + timedelta(hours=24)):
        assert preview(api, willing, channel="whatsapp")["outside_whatsapp_window"] is True
        assert send(api, willing, channel="whatsapp")["outside_whatsapp_window"] is True


@pytest.mark.parametrize("channel", ["sms", "mms"])
def test_other_channels_have_none(api: Caller, willing: str, channel: str) -> None:
    assert send(api, willing, channel=channel)["outside_whatsapp_window"] is None


def test_enforced_it_refuses_free_text_and_lets_a_template_pass(make_sending: MakeSending, twilio: FakeTwilio) -> None:
    host = make_sending(WHATSAPP_WINDOW="enforce")
    api = host.person()
    contact = opted_in(host, api)
    assert preview(api, contact, channel="whatsapp")["blocked"]["reason"] == "outside_whatsapp_window"
    assert send(api, contact, 409, channel="whatsapp")["code"] == "outside_whatsapp_window"
    assert (twilio.attempts, host.rows("Message")) == ([], [])
    assert preview(api, contact, **TEMPLATE)["blocked"] is None
    assert send(api, contact, **TEMPLATE)["outside_whatsapp_window"] is True
    send(api, contact)
    write(twilio)
    assert send(api, contact, channel="whatsapp")["outside_whatsapp_window"] is False


def test_the_provider_may_decide_otherwise(host: Host, api: Caller, twilio: FakeTwilio, willing: str) -> None:
    write(twilio)
    message = send(api, willing, channel="whatsapp")
    twilio.deliver(message["provider_sid"], "undelivered", error_code=63016)
    row = host.row("Message", id=message["id"])
    assert (row["status"], row["error_code"]) == ("undelivered", "63016")
    assert "template" in row["error_message"]
