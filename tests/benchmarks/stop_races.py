"""STOP against send: ``python -m tests.benchmarks.stop_races [200] [--database URL]`` prints what came of it.

In each round a contact says STOP while somebody sends to them, in two threads that begin at the same moment and then
wait for a while that is drawn. The URL names an empty database; SQLite in a temporary folder where it is left out.

No connection is held over the call to the provider, so nothing can stop a call once the database was asked whether the
number is suppressed. The figure is of those who were asked for after the STOP was committed; the others are told too.
"""

from __future__ import annotations

import argparse
import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_relationships import OutboundMessage, Receipt, signals
from flask_relationships.context import Context
from flask_relationships.domain.messages.sending import SendSignal, Sent
from flask_relationships.jobs.dispatch import InlineDispatcher
from flask_relationships.testing import FakeTwilio
from tests.benchmarks.command import DATABASE, database

LONGEST = 0.03
"""Seconds that either may wait: about what a request takes, so that a STOP comes before, during and after a send."""


@dataclass
class Result:
    """``broken``: calls whose number was looked up only after the STOP was committed. ``in_flight``: calls that were
    looked up before it and begun after it. ``before``: calls begun before it. ``refused``: no call was made."""

    rounds: int
    broken: int = 0
    in_flight: int = 0
    before: int = 0
    refused: int = 0
    unexpected: int = 0
    """Answers that are none of 201 and 403, or a STOP that was not taken."""


class Watched(InlineDispatcher):
    """Takes its time, as a queue does, and notes when a message is handed over: the number is looked up after that."""

    def __init__(self, wait: float) -> None:
        self._wait, self.looked_up = wait, 0.0

    def kick(self, ctx: Context, message_id: UUID, after_commit: SendSignal) -> Sent:
        time.sleep(self._wait)
        self.looked_up = time.monotonic()
        return super().kick(ctx, message_id, after_commit)


class Call:
    """The transport of the host, which notes when it is called."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.begun: float | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def send(self, message: OutboundMessage) -> Receipt:
        self.begun = time.monotonic()
        receipt: Receipt = self._transport.send(message)
        return receipt


def race(host: Any, twilio: FakeTwilio, rounds: int, *, seed: int = 1) -> Result:
    """Run the rounds on a host whose transport is the fake's."""
    from tests.webhooks.conftest import INBOUND

    drawn, result, api = random.Random(seed), Result(rounds), host.person("manage", level="executive")
    dispatcher, transport = host.state.dispatcher, host.state.transport
    try:
        for number in range(rounds):
            phone = f"+44207946{number % 10_000:04}"
            contact = host.contact(phone=phone)
            api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
            watched, call = Watched(drawn.uniform(0, LONGEST)), Call(transport)
            host.state.dispatcher, host.state.transport = watched, call
            waits, barrier = (drawn.uniform(0, LONGEST), drawn.uniform(0, LONGEST)), threading.Barrier(2)
            committed: list[float] = []

            def note(_app: Any, row: Any, user: Any, at: Any = committed) -> None:
                if row.event == "stop":
                    at.append(time.monotonic())

            def stop(wait: float = waits[0], start: Any = barrier, phone: str = phone) -> int:
                start.wait()
                time.sleep(wait)
                return twilio.receive(INBOUND, phone, twilio.sms_from, "STOP")

            def send(wait: float = waits[1], start: Any = barrier, contact: str = contact) -> int:
                start.wait()
                time.sleep(wait)
                body = {"channel": "sms", "body": "Hello"}
                return int(api.ask("POST", f"/contacts/{contact}/messages", body).status_code)

            with signals.consent_changed.connected_to(note, host.app), ThreadPoolExecutor(2) as pool:
                answers = [future.result() for future in (pool.submit(stop), pool.submit(send))]
            _count(result, answers, committed, watched, call)
    finally:
        host.state.dispatcher, host.state.transport = dispatcher, transport
    return result


def _count(result: Result, answers: list[int], committed: list[float], watched: Watched, call: Call) -> None:
    if answers[0] != 200 or answers[1] not in (201, 403) or len(committed) != 1:
        result.unexpected += 1
    elif call.begun is None:
        result.refused += 1
    elif watched.looked_up > committed[0]:
        result.broken += 1
    elif call.begun > committed[0]:
        result.in_flight += 1
    else:
        result.before += 1


def main() -> None:
    from tests.hosts.ordinary import OrdinaryHost
    from tests.webhooks.conftest import PUBLIC_URL

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=200)
    parser.add_argument("--database", help=DATABASE)
    asked = parser.parse_args()
    logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
    with FakeTwilio() as twilio, database(asked.database) as url:
        host = OrdinaryHost(url, **twilio.config(PUBLIC_URL=PUBLIC_URL))
        twilio.connect(host.app)
        began = time.monotonic()
        try:
            result = race(host, twilio, asked.rounds)
            kind = url.partition(":")[0]
            print(f"{kind}: {result}, seconds={time.monotonic() - began:.1f}")
        finally:
            host.close()


if __name__ == "__main__":
    main()
