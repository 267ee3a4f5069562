"""Every error of Twilio's that is known here, in the reply and in a later report, through Twilio's own client."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flask_relationships.providers.twilio.errors import MEANINGS
from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import NUMBER, blocked, send
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

OPTED_OUT = {21610, 30630}
UNREACHABLE = {21211, 21217, 21265, 21614, 21635, 30005, 30006, 63003, 63024}

RESEARCHED = {
    *(21211, 21265, 21614, 21604, 21266, 21610, 30630, 21612, 21408, 21703, 21608, 63015, 21602, 21617, 21619),
    *(21620, 21623, 12300, 63019, 63021, 63034, 30019, 21603, 21606, 21212, 21661, 21704, 21705, 21910, 63007),
    *(63002, 21609, 21654, 21655, 21656, 63027, 63028, 63040, 63041, 63042, 20003, 20404, 20429, 14107, 21611),
    *(30001, 30017, 30022, 30023, 30410, 30500, 30002, 30032, 30034, 30035, 30003, 30008, 30004, 30005, 30006),
    *(30007, 30450, 63013, 30036, 63003, 63024, 63014, 63033, 63016, 63018, 63038, 63049),
}
"""The codes that are met in practice."""

CODES = sorted(MEANINGS)


def test_the_codes_that_are_met_in_practice_are_all_known() -> None:
    assert set(MEANINGS) >= RESEARCHED


def effects(host: Host, api: Caller, contact: str) -> tuple[Any, list[str]]:
    """Why the profile says no message can be sent, and whose numbers are suppressed."""
    since = blocked(api, contact)
    return since and since["reason"], [row["number"] for row in host.rows("Suppression")]


def expected(code: int) -> tuple[Any, list[str]]:
    if code in OPTED_OUT:
        return "opted_out_by_recipient", [NUMBER]
    return ("number_unreachable" if code in UNREACHABLE else None), []


def is_clean(words: str) -> bool:
    return NUMBER not in words and not re.search(r"\+?\d{5,}", words)


@pytest.mark.parametrize("code", CODES)
def test_in_the_reply(host: Host, api: Caller, twilio: FakeTwilio, willing: str, code: int) -> None:
    twilio.fail("refuse", code=code, times=3)
    answer = api.ask("POST", f"/contacts/{willing}/messages", {"channel": "whatsapp", "body": "Hello"})
    meaning, problem = MEANINGS[code], answer.get_json()
    assert (answer.status_code, problem["code"]) == (meaning.status, meaning.code)
    message = host.row("Message", id=problem["message_id"])
    assert message["status"] == "failed"
    assert is_clean(problem["detail"])
    assert is_clean(message["error_message"])
    if meaning.status not in (500, 503):
        assert (problem["detail"], problem["provider_code"]) == (meaning.detail, code)
    assert effects(host, api, willing) == expected(code)


@pytest.mark.parametrize("code", CODES)
def test_in_a_later_report(host: Host, api: Caller, twilio: FakeTwilio, willing: str, code: int) -> None:
    message = send(api, willing, channel="whatsapp")
    assert twilio.deliver(message["provider_sid"], "undelivered", error_code=code) == [204]
    (listed,) = api.get(f"/contacts/{willing}/messages")["messages"]
    told = (listed["status"], listed["error_code"], listed["error_message"])
    assert told == ("undelivered", str(code), MEANINGS[code].detail)
    assert is_clean(listed["error_message"])
    assert effects(host, api, willing) == expected(code)
