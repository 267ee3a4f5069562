"""Messages that Celery sends, over a broker that works, forgets everything, hangs or refuses.

``python -m tests.benchmarks.brokers [--database URL] [--messages 100]`` prints what was lost or doubled, and how long a
request took. Redis is that of ``RELATIONSHIPS_TEST_REDIS``, whose keys are deleted; without one only the last two.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

from flask_relationships.celery import CeleryDispatcher
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing import FakeTwilio
from tests.benchmarks.command import run
from tests.documentation.with_celery import make_celery
from tests.hosts.host import Caller
from tests.hosts.ordinary import OrdinaryHost
from tests.servers import REDIS_VARIABLE, hung_port, refused_port

LONGEST = 2.5
"""Seconds that a broker may cost a request."""


def measure(url: str, *, messages: int) -> tuple[list[dict[str, Any]], bool]:
    redis = os.environ.get(REDIS_VARIABLE)  # empty counts as none
    with ExitStack() as stack:
        brokers = {"hung": f"redis://127.0.0.1:{stack.enter_context(hung_port())}/0"}
        brokers["refused"] = f"redis://127.0.0.1:{refused_port()}/0"
        if redis:
            brokers = {"working": redis, "flushed": redis} | brokers
        lines = [Measured(url, kind, broker).run(messages) for kind, broker in brokers.items()]
    return lines, all(
        (line["sent"], line["lost"], line["doubled"]) == (messages, 0, 0) and line["longest"] < LONGEST
        for line in lines
    )


class Measured:
    def __init__(self, url: str, kind: str, broker: str) -> None:
        self.url, self.kind, self.broker = url, kind, broker
        self.host = OrdinaryHost(url, RELATIONSHIPS_DISPATCH="celery")
        self.host.state.clock = lambda: datetime.now(UTC)
        self.host.app.config["CELERY_BROKER_URL"] = broker
        make_celery(self.host.app).set_current()

    def run(self, messages: int) -> dict[str, Any]:
        with FakeTwilio() as twilio, ExitStack() as stack:
            self.host.state.transport = twilio.transport()  # type: ignore[assignment]
            try:
                self.flush()
                if self.kind == "working":
                    stack.enter_context(self.worker(twilio))
                taken = self.post(self.host.person(), messages)
                if self.kind == "flushed":
                    stack.enter_context(self.worker(twilio))
                self.wait(messages)
                return self.compare(twilio, taken)
            finally:
                self.host.clean()
                self.host.close()

    def post(self, api: Caller, messages: int) -> list[float]:
        """How long each request took. Half-way through, a broker that is to forget does so."""
        contact, taken = self.host.contact(), []
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        for number in range(messages):
            began = time.monotonic()
            body = {"channel": "sms", "body": str(number)}
            assert api.post(f"/contacts/{contact}/messages", body, 201)["message"]["status"] == "queued"
            taken.append(time.monotonic() - began)
            if self.kind == "flushed" and number == messages // 2:
                self.flush()
        return taken

    def flush(self) -> None:
        if self.kind in ("working", "flushed"):
            from redis import Redis

            with Redis.from_url(self.broker) as server:
                server.flushdb()

    @contextmanager
    def worker(self, twilio: FakeTwilio) -> Iterator[None]:
        told = {"DATABASE": self.url, "BROKER": self.broker, "TWILIO": twilio.url}
        command = [sys.executable, "-m", "celery", "-A", "tests.benchmarks.celery_worker", "worker"]
        command += ["--pool", "solo", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"]
        environment = {**os.environ, **{f"MEASURED_{name}": value for name, value in told.items()}}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=environment, **quiet)  # type: ignore[call-overload]  # noqa: S603
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def wait(self, messages: int, seconds: int = 60) -> None:
        """Until all are sent: by the worker where one works, and by ``run-due`` beside it where the broker does not."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.kind != "working":
                with self.host.app.app_context():
                    run_due()
            if sum(row["provider_sid"] is not None for row in self.host.rows("Message")) == messages:
                break
            time.sleep(0.1)
        time.sleep(1 if self.kind == "flushed" else 0)  # what the worker still has been told of

    def compare(self, twilio: FakeTwilio, taken: list[float]) -> dict[str, Any]:
        there = Counter(message.body for message in twilio.messages)
        sids = {message.sid for message in twilio.messages}
        dispatcher = self.host.state.dispatcher
        assert isinstance(dispatcher, CeleryDispatcher)
        return {
            "broker": self.kind,
            "messages": len(taken),
            "sent": len(there),
            "doubled": sum(times - 1 for times in there.values()),
            "lost": sum(row["provider_sid"] not in sids for row in self.host.rows("Message")),
            "median": round(median(taken), 3),
            "longest": round(max(taken), 3),
            "told of failing": sum(dispatcher.failures.values()),
        }


if __name__ == "__main__":
    run(__doc__, measure, messages=100)
