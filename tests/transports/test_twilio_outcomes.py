"""Every way in which posting a message can end, and what the transport makes of it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from flask_relationships.providers.base import (
    OutboundMessage,
    Receipt,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
    TransportUnclear,
)
from flask_relationships.providers.twilio.transport import MAX_PAUSE_SECONDS, TwilioTransport
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.twilio.faults import FAULTS, Fault
from tests.transports.conftest import SID, TwilioDouble

Transports = Callable[..., TwilioTransport]
Messages = Callable[..., OutboundMessage]


def refused(code: Any, status: int = 400) -> dict[str, Any]:
    return {"code": code, "message": "No.", "more_info": "https://www.twilio.com/docs", "status": status}


@pytest.mark.parametrize(
    ("given", "answer", "receipt"),
    [
        ({}, {"sid": SID, "status": "queued", "from": "+1500"}, Receipt(SID, "queued", "+1500")),
        ({}, {"sid": SID, "status": "scheduled", "from": None}, Receipt(SID, "scheduled", "+15005550006")),
        ({}, {"sid": SID, "status": "a new word"}, Receipt(SID, "a new word", "+15005550006")),
        ({}, {"sid": SID}, Receipt(SID, "accepted", "+15005550006")),
        (
            {"messaging_service_sid": "MG1"},
            {"sid": SID, "status": "accepted", "from": None},
            Receipt(SID, "accepted", None),
        ),
        (
            {"whatsapp_from": "+1415", "channel": "whatsapp"},
            {"sid": SID, "status": "queued", "from": "whatsapp:+1415"},
            Receipt(SID, "queued", "+1415"),
        ),
    ],
)
def test_an_accepted_message(
    given: dict[str, Any],
    answer: dict[str, Any],
    receipt: Receipt,
    twilio: TwilioDouble,
    make_transport: Transports,
    make_message: Messages,
) -> None:
    twilio.answer(201, answer)
    channel = given.pop("channel", "sms")
    assert make_transport(**given).send(make_message(channel=channel)) == receipt


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, {"json": {}}),
        (201, {"json": {"sid": None}}),
        (201, {"json": {"sid": ""}}),
        (201, {"json": {"sid": ["SM1"]}}),
        (201, {"json": []}),
        (201, {"json": "SM1"}),
        (201, {"body": "null"}),
        (201, {"body": "<html>All is well</html>"}),
        (201, {"body": ""}),
        (204, {"body": ""}),
        (302, {"body": "", "headers": {"Location": "https://elsewhere.example"}}),
        (307, {"body": "", "headers": {"Location": "https://elsewhere.example"}}),
        (500, {"json": refused(20500, 500)}),
        (500, {"body": "<html>Oops</html>"}),
        (502, {"body": ""}),
        (503, {"json": refused(20503, 503)}),
        (504, {"body": "gateway timeout"}),
        (500, {"json": {"type": "t", "title": "No", "status": 400, "code": 21610}}),
    ],
)
def test_an_answer_that_settles_nothing_is_unclear_and_not_repeated(
    status: int,
    answer: dict[str, Any],
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    twilio.answer(status, **answer)
    with pytest.raises(TransportUnclear):
        make_transport().send(message)
    assert len(twilio.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"json": refused(21610)},
        {"json": refused("21610")},
        {"json": {"type": "t", "title": "Opted out", "status": 400, "code": 21610, "detail": "No."}},
        {"json": {"type": "t", "title": "Opted out", "status": 500, "code": "21610"}},
    ],
    ids=[
        "the usual family",
        "a code as text",
        "problem details",
        "problem details that contradict the answer",
    ],
)
def test_both_families_of_exceptions_are_understood(
    answer: dict[str, Any], twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(400, **answer)
    with pytest.raises(TransportRefused) as raised:
        make_transport().send(message)
    error = raised.value
    assert (error.status, error.code, error.provider_code) == (403, "opted_out_by_recipient", 21610)
    assert error.effect == "suppress"
    assert len(twilio.calls) == 1


@pytest.mark.parametrize("code", [None, True, 1.5, [], {}, "x" * 9999, "9" * 9999, -21610])
def test_a_refusal_with_an_odd_code_is_still_a_refusal(
    code: Any, twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(400, refused(code))
    with pytest.raises(TransportRefused) as raised:
        make_transport().send(message)
    error = raised.value
    assert (error.status, error.code, error.provider_code, error.effect) == (
        502,
        "provider_refused",
        None,
        None,
    )


@pytest.mark.parametrize("status", [400, 402, 403, 404, 409, 413, 422, 451])
@pytest.mark.parametrize("body", ["", "<html>No</html>", "[]", "{}", '{"code": 99999}'])
def test_any_other_4xx_is_a_refusal(
    status: int, body: str, twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(status, body=body)
    with pytest.raises(TransportRefused) as raised:
        make_transport().send(message)
    assert raised.value.status == 502
    assert raised.value.provider_code == (99999 if "99999" in body else None)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (401, {"json": refused(20003, 401)}),
        (403, {"json": refused(20003, 403)}),
        (401, {"body": ""}),
        (404, {"json": refused(20404, 404)}),
    ],
)
def test_a_refused_account_is_not_configured(
    status: int,
    answer: dict[str, Any],
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    twilio.answer(status, **answer)
    with pytest.raises(TransportNotConfigured):
        make_transport().send(message)


class Waiting:
    """A sleep that takes no time, and knows how long it would have been."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.times.append(seconds)


def test_a_short_429_is_tried_again(twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage) -> None:
    twilio.answer(429, refused(20429, 429))
    twilio.answer(429, body="slow down")
    twilio.answer(201)
    waiting = Waiting()
    assert make_transport(sleep=waiting).send(message).provider_sid == SID
    assert len(twilio.calls) == 3
    assert len({call.request.body for call in twilio.calls}) == 1
    first, second = waiting.times
    assert 0.2 <= first <= 0.5
    assert 0.5 <= second <= 1.0


def test_pauses_differ(twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage) -> None:
    twilio.answer(429, refused(20429, 429))
    waiting = Waiting()
    for _ in range(5):
        with pytest.raises(TransportUnavailable):
            make_transport(sleep=waiting).send(message)
    assert len(set(waiting.times)) == 10


@pytest.mark.parametrize(
    ("header", "tries", "retry_after"),
    [
        (None, 3, None),
        ("0", 3, 0),
        ("1", 3, 1),
        ("2", 2, 2),
        ("3", 1, 3),
        ("3600", 1, 3600),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 3, None),
        ("-1", 3, None),
        ("9" * 5000, 3, None),
    ],
)
def test_a_long_429_is_unavailable(
    header: str | None,
    tries: int,
    retry_after: int | None,
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    twilio.answer(429, refused(20429, 429), headers={"Retry-After": header} if header else {})
    waiting = Waiting()
    with pytest.raises(TransportUnavailable) as raised:
        make_transport(sleep=waiting).send(message)
    assert raised.value.retry_after == retry_after
    assert len(twilio.calls) == tries
    assert sum(waiting.times) <= MAX_PAUSE_SECONDS


@pytest.mark.parametrize(("status", "code"), [(429, 21611), (400, 21611), (429, 14107), (429, 63038), (429, 99999)])
def test_a_full_queue_is_not_tried_again(
    status: int, code: int, twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(status, refused(code, status), headers={"Retry-After": "60"})
    waiting = Waiting()
    with pytest.raises(TransportUnavailable) as raised:
        make_transport(sleep=waiting).send(message)
    assert raised.value.retry_after == 60
    assert (len(twilio.calls), waiting.times) == (1, [])


@pytest.mark.parametrize(("then", "error"), [(400, TransportRefused), (500, TransportUnclear)])
def test_what_follows_a_429_counts(
    then: int,
    error: type[Exception],
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    twilio.answer(429, refused(20429, 429))
    twilio.answer(then, body="no")
    with pytest.raises(error):
        make_transport(sleep=Waiting()).send(message)
    assert len(twilio.calls) == 2


def test_a_lost_connection_after_an_answer_is_not_taken_for_that_answer(
    twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(429, refused(20429, 429))
    twilio.answer(body=requests.ReadTimeout("Read timed out."))
    with pytest.raises(TransportUnclear):
        make_transport(sleep=Waiting()).send(message)


POOL: Any = None


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (requests.ConnectTimeout("slow"), TransportUnavailable),
        (requests.exceptions.ProxyError("no tunnel"), TransportUnavailable),
        (
            requests.ConnectionError(MaxRetryError(POOL, "/", NewConnectionError(POOL, "no"))),
            TransportUnavailable,
        ),
        (
            requests.exceptions.SSLError(MaxRetryError(POOL, "/", SSLError(ssl.SSLCertVerificationError("who?")))),
            TransportUnavailable,
        ),
        (
            requests.exceptions.SSLError(MaxRetryError(POOL, "/", SSLError(ssl.SSLError("bad mac")))),
            TransportUnclear,
        ),
        (requests.exceptions.SSLError(MaxRetryError(POOL, "/", SSLError())), TransportUnclear),
        (requests.ReadTimeout("slow"), TransportUnclear),
        (requests.ConnectionError(ConnectionResetError(104, "reset")), TransportUnclear),
        (requests.ConnectionError(), TransportUnclear),
        (requests.exceptions.ChunkedEncodingError("cut"), TransportUnclear),
        (requests.exceptions.ContentDecodingError("not gzip"), TransportUnclear),
        (OSError("no such certificate file"), TransportUnclear),
        (RuntimeError("a bug in some library"), TransportUnclear),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_no_answer_at_all(
    error: Exception,
    outcome: type[Exception],
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    twilio.answer(body=error)
    with pytest.raises(outcome):
        make_transport().send(message)
    assert len(twilio.calls) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_process_that_is_told_to_stop_stops(
    error: type[BaseException],
    make_transport: Transports,
    message: OutboundMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "send", stop)
    with pytest.raises(error):
        make_transport().send(message)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("busy", "refuse", "problem")])
def test_a_real_connection_that_breaks_is_unclear_and_not_repeated(
    fault: Fault, fake: FakeTwilio, message: OutboundMessage
) -> None:
    fake.fail(fault, share=1.0)
    with pytest.raises(TransportUnclear):
        fake.transport(timeout=(1, 0.3)).send(message)
    assert len(fake.attempts) == 1


def test_the_message_after_a_broken_connection_takes_a_new_one(fake: FakeTwilio, message: OutboundMessage) -> None:
    transport = fake.transport()
    fake.fail("drop_after")
    with pytest.raises(TransportUnclear):
        transport.send(message)
    assert transport.send(message).status == "queued"
    assert fake.connections == 2


def test_a_refused_connection_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, make_transport: Transports, message: OutboundMessage
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can be given this port
        target = unused.getsockname()
        monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *_, **__: connect(target))
        with pytest.raises(TransportUnavailable):
            make_transport().send(message)


def connect(target: tuple[str, int]) -> socket.socket:
    connection = socket.socket()
    try:
        connection.connect(target)
    except OSError:
        connection.close()
        raise
    return connection


@pytest.mark.parametrize("error", [TimeoutError("timed out"), socket.gaierror(socket.EAI_NONAME, "unknown")])
def test_a_host_that_is_not_found_or_does_not_answer_is_unavailable(
    error: OSError, monkeypatch: pytest.MonkeyPatch, make_transport: Transports, message: OutboundMessage
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("urllib3.util.connection.create_connection", fail)
    with pytest.raises(TransportUnavailable):
        make_transport().send(message)
