"""Every address that Twilio may send is accepted: RCS, names with punctuation, short codes, ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import MESSAGE
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.webhooks.conftest import INBOUND, PUBLIC_URL

pytestmark = one_host

NUMBER = "+442079460018"
AGENT = "rcs:acme_x1_agent"

SENDERS = [
    *("T-Mobile", "AT&T", "H&M Club", "Amazon.com", "SOLI-Bank", "B&B-Shop", "My_Brand", "Acme+", "BigLabel", "Tokyo"),
    *(
        "68849",
        "12345",
        "+68849",
        "SUPPORT",
        "InfoSMS",
        "Fromage Ltd",
        "!#%'\"*,/:;<=>?@",
        "Straße",
        "messenger:1234567",
    ),
    *("US.13491208655302741918", "+", "a" * 64, "+1", "+1 Shop", "+12025550123456789", "1st Bank"),
]


@databases("sqlite")
@pytest.mark.parametrize("sender", SENDERS)
def test_an_inbound_message_from_any_sender_is_kept_as_it_is(host: Host, twilio: FakeTwilio, sender: str) -> None:
    assert twilio.receive(INBOUND, sender, twilio.sms_from, "Your code is 1234") == 200
    assert [row["from_number"] for row in host.rows("Message")] == [sender]


@databases("sqlite")
@pytest.mark.parametrize("recipient", ["My-Brand", "rcs:acme_x1_agent", "72345", "B&B"])
def test_an_inbound_message_to_any_of_our_senders_is_kept(host: Host, twilio: FakeTwilio, recipient: str) -> None:
    assert twilio.receive(INBOUND, "+442079460999", recipient, "Hello") == 200
    assert [row["to_number"] for row in host.rows("Message")] == [recipient]


@databases("sqlite")
@pytest.mark.parametrize("sender", [*SENDERS, AGENT])
def test_a_report_of_any_sender_raises_the_status_and_names_the_sender(
    api: Caller, twilio: FakeTwilio, willing: str, sender: str
) -> None:
    sent = api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]
    assert twilio.deliver(sent["provider_sid"], "delivered", From=sender) == [204]
    (message,) = api.get(f"/contacts/{willing}/messages")["messages"]
    assert (message["status"], message["from_number"]) == ("delivered", sender)


class RcsTwilio(FakeTwilio):
    rcs_from = AGENT


@pytest.fixture
def rcs(make_host: Callable[..., Host]) -> Any:
    with RcsTwilio() as twilio:
        config = twilio.config(PUBLIC_URL=PUBLIC_URL, TWILIO_MESSAGING_SERVICE_SID=twilio.messaging_service_sid)
        host = make_host(**config)
        twilio.connect(host.app)
        api = host.person("manage", level="executive")
        contact = host.contact(phone="+44 20 7946 0018")
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        yield api, twilio, contact


def test_a_text_that_goes_by_rcs_has_the_channel_that_was_asked_for(rcs: Any) -> None:
    api, twilio, contact = rcs
    sent = api.post(f"/contacts/{contact}/messages", MESSAGE)["message"]
    assert (sent["channel"], sent["delivered_via"], sent["from_number"]) == ("sms", None, None)
    assert twilio.deliver(sent["provider_sid"], "sent", "delivered", "read") == [204] * 3
    (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
    assert (message["status"], message["channel"], message["delivered_via"]) == ("read", "sms", "rcs")
    assert message["from_number"] == AGENT
    assert api.get(f"/contacts/{contact}/relationship")["profile"]["last_contact"] is not None


def test_rcs_that_falls_back_to_sms_was_not_delivered_by_rcs(rcs: Any) -> None:
    api, twilio, contact = rcs
    sid = api.post(f"/contacts/{contact}/messages", MESSAGE)["message"]["provider_sid"]
    twilio.deliver(sid, "sent")
    twilio.deliver(sid, "delivered", From=twilio.sms_from, ChannelPrefix="sms")
    (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
    assert (message["delivered_via"], message["from_number"]) == (None, twilio.sms_from)


def test_a_reply_by_rcs_joins_the_thread(rcs: Any) -> None:
    api, twilio, contact = rcs
    assert twilio.receive(INBOUND, f"rcs:{NUMBER}", AGENT, "Thank you") == 200
    (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
    expected = {"channel": "sms", "delivered_via": "rcs", "from_number": NUMBER, "to_number": AGENT}
    assert expected.items() <= message.items()


def test_stop_by_rcs_suppresses_the_number(rcs: Any) -> None:
    api, twilio, contact = rcs
    assert twilio.receive(INBOUND, f"rcs:{NUMBER}", AGENT, "STOP") == 200
    assert api.post(f"/contacts/{contact}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"
    assert twilio.receive(INBOUND, f"rcs:{NUMBER}", AGENT, "START") == 200
    api.post(f"/contacts/{contact}/messages", MESSAGE)
