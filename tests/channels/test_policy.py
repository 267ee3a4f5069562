"""One answer to "may this be sent?": the problem, the preview and the profile agree, and say why."""

from __future__ import annotations

import pytest

from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import MESSAGE
from tests.channels.conftest import preview, send
from tests.hosts.host import Caller
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("07400 123456", "no_country_code"),
        ("+999 1234567", "unknown_country_code"),
        ("+44 20", "too_short"),
        ("+44 20 7946 0000 0000", "too_long"),
        ("+44 7400 123456 / +44 20 7946 0000", "several_numbers"),
        ("unlisted", "no_digits"),
    ],
)
@pytest.mark.parametrize(("member", "channel"), [("phone_number", "sms"), ("whatsapp_number", "whatsapp")])
def test_a_number_that_cannot_be_read_says_why(
    api: Caller, willing: str, member: str, channel: str, text: str, reason: str
) -> None:
    changed = api.patch(f"/contacts/{willing}/relationship", {member: text})["profile"]
    assert changed[f"{member}_problem"]["code"] == reason
    assert changed["messaging_blocked"]["reason"] == "no_phone_number"
    refused = send(api, willing, 400, channel=channel)
    assert (refused["code"], refused["reason"]) == ("no_phone_number", reason)
    assert refused["detail"] == changed[f"{member}_problem"]["detail"]
    assert preview(api, willing, channel=channel)["blocked"]["reason"] == "no_phone_number"


def test_a_number_that_is_read_or_missing_has_no_problem(api: Caller, willing: str) -> None:
    profile = api.get(f"/contacts/{willing}/relationship")["profile"]
    assert (profile["phone_number_problem"], profile["whatsapp_number_problem"]) == (None, None)
    cleared = api.patch(f"/contacts/{willing}/relationship", {"phone_number": None})["profile"]
    assert cleared["phone_number_problem"] is None
    assert "reason" not in send(api, willing, 400)


@pytest.mark.parametrize("code", [30004, 63014, 63033])
def test_a_block_is_no_opt_out(api: Caller, twilio: FakeTwilio, willing: str, code: int) -> None:
    twilio.fail("refuse", code=code)
    assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "blocked_by_recipient"
    assert api.get(f"/contacts/{willing}/relationship")["profile"]["messaging_blocked"] is None
    assert api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]["provider_sid"]
