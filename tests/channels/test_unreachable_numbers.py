"""Numbers that cannot receive anything: remembered as advice until they change, or something arrives."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import INBOUND, NUMBER, blocked, opted_in, send
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = one_host

LANDLINE, NOT_ON_WHATSAPP = 30006, 63003


def fail(api: Caller, twilio: FakeTwilio, contact: str, channel: str = "sms", code: int = LANDLINE) -> None:
    message = send(api, contact, channel=channel)
    twilio.deliver(message["provider_sid"], "undelivered", error_code=code)


def patch(api: Caller, contact: str, **values: Any) -> Any:
    return api.patch(f"/contacts/{contact}/relationship", values)["profile"]["messaging_blocked"]


def test_the_profile_says_since_when_and_messages_may_still_be_sent(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    other = opted_in(host, api)
    with host.clock_at(host.state.clock()):
        fail(api, twilio, willing)
        now = api.get(f"/contacts/{willing}/messages")["messages"][0]["created_at"]
    assert blocked(api, willing) == {"channel": "sms", "reason": "number_unreachable", "since": now}
    fail(api, twilio, willing)
    assert blocked(api, willing)["since"] == now, "since it was first said"
    assert blocked(api, other) is None


def test_a_channel_says_nothing_of_the_other(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    fail(api, twilio, willing, "whatsapp", NOT_ON_WHATSAPP)
    assert blocked(api, willing)["channel"] == "whatsapp"
    fail(api, twilio, willing)
    assert blocked(api, willing)["channel"] == "all"


@databases("sqlite")
def test_another_number_is_not_flagged(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    fail(api, twilio, willing)
    fail(api, twilio, willing, "whatsapp", NOT_ON_WHATSAPP)
    assert patch(api, willing, phone_number="+44 (0)20 7946 0018") is not None, "the same number, written otherwise"
    assert patch(api, willing, whatsapp_number="+44 20 7946 0019")["channel"] == "sms"
    assert patch(api, willing, phone_number="+44 20 7946 0020") is None


@databases("sqlite")
def test_a_late_report_of_the_number_before_flags_nothing(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    message = send(api, willing)
    patch(api, willing, phone_number="+44 20 7946 0020")
    twilio.deliver(message["provider_sid"], "undelivered", error_code=LANDLINE)
    assert blocked(api, willing) is None


@pytest.mark.parametrize("status", ["delivered", "read"])
@databases("sqlite")
def test_a_message_that_arrives_ends_it(api: Caller, twilio: FakeTwilio, willing: str, status: str) -> None:
    fail(api, twilio, willing)
    fail(api, twilio, willing, "whatsapp", NOT_ON_WHATSAPP)
    twilio.deliver(send(api, willing)["provider_sid"], "sent", status)
    assert blocked(api, willing)["channel"] == "whatsapp"


@databases("sqlite")
def test_a_message_from_there_ends_it(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    fail(api, twilio, willing)
    twilio.receive(INBOUND, NUMBER, "+15005550006", "I am here")
    assert blocked(api, willing) is None


@databases("sqlite")
def test_what_really_blocks_is_told_first(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    fail(api, twilio, willing)
    assert patch(api, willing, whatsapp_number="no number") == {
        "channel": "whatsapp",
        "reason": "no_phone_number",
        "since": None,
    }
    assert patch(api, willing, twilio_opt_in=False)["reason"] == "not_opted_in"
