"""No secret, phone number or text of a message in a log, in an error or in anything it leads to."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from flask_relationships.providers.base import OutboundMessage, TransportError
from flask_relationships.providers.twilio.transport import TwilioTransport
from tests.transports.conftest import TwilioDouble

PHONE, TEXT, TOKEN, SENDER = "+447700900987", "Many happy returns", "s3cret-t0ken", "+15005559999"
ECHO = f"The number {PHONE} from {SENDER} cannot receive {TEXT!r}, token {TOKEN}."
CANARIES = (PHONE[1:], TEXT, TOKEN, SENDER, "cake.png")

FAILURES: dict[str, dict[str, Any]] = {
    "refused": {"status": 400, "json": {"code": 21211, "message": ECHO, "details": {"to": PHONE}}},
    "problem": {
        "status": 400,
        "json": {"type": ECHO, "title": ECHO, "status": 400, "code": 21211, "detail": ECHO},
    },
    "opted out": {"status": 400, "json": {"code": 21610, "message": ECHO}},
    "account": {"status": 401, "json": {"code": 20003, "message": ECHO}},
    "busy": {"status": 429, "json": {"code": 20429, "message": ECHO}},
    "failed": {"status": 500, "body": ECHO, "headers": {"X-Echo": PHONE}},
    "not json": {"status": 201, "body": ECHO},
    "no sid": {"status": 201, "json": {"to": PHONE, "body": TEXT}},
    "timeout": {"body": requests.ReadTimeout(ECHO)},
    "refused connection": {"body": requests.ConnectTimeout(ECHO)},
    "bug": {"body": RuntimeError(ECHO)},
}


@pytest.fixture
def transport() -> TwilioTransport:
    return TwilioTransport(
        account_sid="AC" + "a1" * 16,
        auth_token=TOKEN,
        sms_from=SENDER,
        whatsapp_from=SENDER,
        sleep=lambda _: None,
    )


@pytest.fixture
def personal(make_message: Callable[..., OutboundMessage]) -> OutboundMessage:
    return make_message(channel="mms", to=PHONE, body=TEXT, media_url="https://example.com/cake.png")


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "twilio.http_client"):
        yield caplog


def written(logs: pytest.LogCaptureFixture, output: pytest.CaptureFixture[str]) -> str:
    return logs.text + "".join(repr(vars(record)) for record in logs.records) + "".join(output.readouterr())


def test_nothing_personal_is_logged_of_an_accepted_message(
    twilio: TwilioDouble,
    transport: TwilioTransport,
    personal: OutboundMessage,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    twilio.answer()
    receipt = transport.send(personal)
    shown = written(everything_logged, capfd) + repr(transport) + repr(receipt)
    assert [canary for canary in CANARIES if canary in shown] == []


@pytest.mark.parametrize("failure", FAILURES)
def test_nothing_personal_in_logs_or_errors(
    failure: str,
    twilio: TwilioDouble,
    transport: TwilioTransport,
    personal: OutboundMessage,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    twilio.answer(**FAILURES[failure])
    with pytest.raises(TransportError) as raised:
        transport.send(personal)
    error = raised.value
    # Not even a link that is hidden when printed: error trackers and debuggers follow those.
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    shown += written(everything_logged, capfd)
    assert [canary for canary in CANARIES if canary in shown] == []


def test_the_hosts_own_use_of_the_client_is_left_alone(
    twilio: TwilioDouble, transport: TwilioTransport, personal: OutboundMessage
) -> None:
    theirs = logging.getLogger("twilio.http_client")
    before = (theirs.level, theirs.disabled, theirs.propagate, list(theirs.filters), list(theirs.handlers))
    twilio.answer()
    transport.send(personal)
    assert before == (theirs.level, theirs.disabled, theirs.propagate, theirs.filters, theirs.handlers)


def test_a_search_for_messages_through_this_client_would_not_log_the_number(
    twilio: TwilioDouble, transport: TwilioTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """Its address holds the number, and the client logs addresses."""
    url = f"https://api.twilio.com/2010-04-01/Accounts/{'AC' + 'a1' * 16}/Messages.json"
    twilio.mock.add("GET", url, json={"messages": [], "next_page_uri": None})
    with caplog.at_level(logging.DEBUG):
        assert transport._client().messages.list(to=PHONE, limit=1) == []
    assert PHONE[1:] not in caplog.text


def test_the_connection_pool_logs_no_query_of_twilio(caplog: pytest.LogCaptureFixture) -> None:
    """urllib3 logs the path and query of each request at DEBUG."""
    pool = logging.getLogger("urllib3.connectionpool")
    with caplog.at_level(logging.DEBUG, pool.name):
        line = '%s://%s:%s "%s %s %s" %s %s'
        path = "/2010-04-01/Accounts/AC0/Messages.json"
        pool.debug(line, "https", "api.twilio.com", 443, "GET", f"{path}?To=%2B447400123456", "HTTP/1.1", 200, None)
        pool.debug(line, "https", "example.com", 443, "GET", "/x?a=kept", "HTTP/1.1", 200, None)
    assert "447400123456" not in caplog.text
    assert path in caplog.text
    assert "a=kept" in caplog.text
