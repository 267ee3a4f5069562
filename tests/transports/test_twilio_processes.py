"""When the client is imported, and who shares it: threads do, processes do not."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_relationships.providers.base import OutboundMessage
from flask_relationships.testing import FakeTwilio

UNTIL_A_MESSAGE_IS_SENT = """
import sys
from flask_relationships.providers.base import OutboundMessage, TransportUnavailable
from flask_relationships.providers.twilio.transport import TwilioTransport

transport = TwilioTransport(account_sid="AC1", auth_token="t", sms_from="+15005550006")
assert transport.connected
for channel in ("sms", "mms"):
    transport.require_ready(channel)
assert "twilio" not in sys.modules, "imported too early"

import urllib3.util.connection
def refuse(*_, **__):
    raise ConnectionRefusedError
urllib3.util.connection.create_connection = refuse
try:
    transport.send(OutboundMessage("m", "sms", "+447700900123", "Hello"))
except TransportUnavailable:
    print("twilio" in sys.modules)
"""


def test_twilio_is_imported_when_a_message_is_sent_and_not_before() -> None:
    done = subprocess.run(  # noqa: S603 - this Python and the text above
        [sys.executable, "-c", UNTIL_A_MESSAGE_IS_SENT], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
def test_a_forked_process_opens_its_own_connection(fake: FakeTwilio, message: OutboundMessage) -> None:
    transport = fake.transport(timeout=(2, 2))
    transport.send(message)
    transport.send(message)
    assert fake.connections == 1
    child = os.fork()
    if child == 0:
        sent = False
        try:
            sent = transport.send(message).status == transport.send(message).status == "queued"
            # The parent's client is let go, and letting it go must not end the parent's connection.
            sent = sent and list(transport._clients) == [os.getpid()]
            gc.collect()
        finally:
            os._exit(0 if sent else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert fake.connections == 2
    transport.send(message)
    assert fake.connections == 2
    assert len(fake.attempts) == 5


def test_many_messages_keep_one_connection(fake: FakeTwilio, message: OutboundMessage) -> None:
    transport = fake.transport()
    gc.disable()  # a client thrown away after each message would only be missed by the collector
    try:
        sids = {transport.send(message).provider_sid for _ in range(50)}
    finally:
        gc.enable()
    assert len(sids) == 50
    assert fake.connections == 1


def test_threads_share_one_client_and_do_not_mix_their_answers(
    fake: FakeTwilio, make_message: Callable[..., OutboundMessage]
) -> None:
    transport = fake.transport()
    threads = 8
    together = threading.Barrier(threads)

    def work(number: int) -> list[str]:
        together.wait(10)
        return [transport.send(make_message(body=f"{number}-{turn}")).provider_sid for turn in range(10)]

    with ThreadPoolExecutor(threads) as pool:
        sids = [sid for of_one in pool.map(work, range(threads)) for sid in of_one]
    assert len(set(sids)) == 80
    assert {message.body for message in fake.messages} == {f"{n}-{t}" for n in range(threads) for t in range(10)}
    assert fake.connections <= threads
    assert len(transport._clients) == 1


def test_a_thread_judges_by_its_own_answer(fake: FakeTwilio, message: OutboundMessage) -> None:
    """The status that decides between refused and unclear is kept per thread."""
    transport = fake.transport()
    transport.send(message)
    assert transport._last.answer.status == 201
    seen: list[bool] = []
    other = threading.Thread(target=lambda: seen.append(hasattr(transport._last, "answer")))
    other.start()
    other.join()
    assert seen == [False]


def test_two_transports_share_nothing(fake: FakeTwilio, message: OutboundMessage) -> None:
    transports = fake.transport(), fake.transport(api_key_sid=fake.api_key_sid, api_key_secret=fake.api_key_secret)
    for transport in transports:
        transport.send(message)
    assert fake.connections == 2
