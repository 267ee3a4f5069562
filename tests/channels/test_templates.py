"""Approved templates of WhatsApp: ``content_sid`` and ``content_variables``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import send
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

SID = "HX" + "0a" * 16
TEMPLATE = {"channel": "whatsapp", "body": "Happy birthday, Ada", "content_sid": SID}


@databases("sqlite", "postgresql", "mariadb")
def test_a_template_is_sent_by_its_id_and_the_body_is_kept(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    variables = {"1": "Ada", "day": "☺"}
    message = send(api, willing, **TEMPLATE, content_variables=variables)
    (accepted,) = twilio.messages
    assert (accepted.content_sid, accepted.body, accepted.to) == (SID, "", "whatsapp:+442079460018")
    assert json.loads(accepted.content_variables or "") == variables
    assert (message["body"], message["content_sid"], message["num_segments"]) == ("Happy birthday, Ada", SID, 1)
    assert host.row("Message", id=message["id"])["content_variables"] == variables


def test_a_template_may_have_no_variables(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    send(api, willing, **TEMPLATE)
    assert twilio.messages[0].content_variables is None


@pytest.mark.parametrize("channel", ["sms", "mms"])
def test_a_template_is_for_whatsapp_only(api: Caller, twilio: FakeTwilio, willing: str, channel: str) -> None:
    problem = send(api, willing, 422, **{**TEMPLATE, "channel": channel})
    assert members(problem) == {"#/content_sid": "not_by_this_channel"}
    assert twilio.attempts == []


def test_variables_belong_to_a_template(api: Caller, willing: str) -> None:
    problem = send(api, willing, 422, channel="whatsapp", content_variables={"1": "Ada"})
    assert members(problem) == {"#/content_variables": "without_template"}


def test_the_body_is_needed_beside_a_template(api: Caller, willing: str) -> None:
    problem = api.post(f"/contacts/{willing}/messages", {"channel": "whatsapp", "content_sid": SID}, 422)
    assert members(problem) == {"#/body": "required"}


def test_an_id_may_have_digits_in_upper_case(api: Caller, willing: str) -> None:
    """Twilio's OpenAPI document: ``^HX[0-9a-fA-F]{32}$``."""
    sent = send(api, willing, **{**TEMPLATE, "content_sid": f"HX{SID[2:].upper()}"})
    assert sent["content_sid"] == f"HX{SID[2:].upper()}"


@pytest.mark.parametrize("sid", ["HX", SID.lower(), SID + "0", SID[:-1] + "g", f"{SID}\n", "MG" + SID[2:]])
def test_an_id_that_is_none_is_refused(api: Caller, willing: str, sid: str) -> None:
    assert members(send(api, willing, 422, **{**TEMPLATE, "content_sid": sid})) == {
        "#/content_sid": "invalid_content_sid"
    }


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ([], "invalid_type"),
        ({"1": 1}, "invalid_type"),
        ({"1": None}, "invalid_type"),
        ({"1": {"a": "b"}}, "invalid_type"),
        ({" ": "Ada"}, "blank"),
        ({"1" * 101: "Ada"}, "too_long"),
        ({"1": "x" * 1601}, "too_long"),
        ({str(number): "x" for number in range(101)}, "too_many"),
    ],
)
def test_variables_are_few_and_short_texts(api: Caller, willing: str, variables: Any, code: str) -> None:
    problem = send(api, willing, 422, **TEMPLATE, content_variables=variables)
    assert members(problem) == {"#/content_variables": code}


@databases("sqlite", "postgresql")
@pytest.mark.parametrize("raw", [r'{"1": "a\u0000"}', r'{"\u0000": "a"}', r'{"\ud800": "a"}', r'{"1": "a", "1": "b"}'])
def test_variables_hold_nothing_that_a_database_cannot(api: Caller, willing: str, raw: str) -> None:
    body = f'{{"channel": "whatsapp", "body": "Hello", "content_sid": "{SID}", "content_variables": {raw}}}'
    answer = api.ask("POST", f"/contacts/{willing}/messages", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unreadable_body")


def test_a_template_whose_answer_was_lost_is_found_again(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    """Twilio writes the text of a template itself, so it is not compared with ours."""
    host.state.clock = lambda: datetime.now(UTC)  # the fake's dates are of today's clock
    twilio.fail("drop_after")
    message = send(api, willing, 202, **TEMPLATE)
    host.app.test_cli_runner().invoke(args=["relationships", "run-due"])
    assert host.row("Message", id=message["id"])["provider_sid"] == twilio.messages[0].sid
