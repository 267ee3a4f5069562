"""How many messages Celery's workers send a second: one, two and four of them, and a provider that takes its time.

The messages are posted while no worker runs, then the workers begin; from their first call of the provider to their
last. ``post ms`` is how long a request took that hands a message to Celery. Needs Redis and its URL in
``RELATIONSHIPS_TEST_REDIS``, whose keys are deleted. ``x`` is compared with one worker.

``python -m tests.benchmarks.workers [--database URL] [--messages 200] [--milliseconds 100]``
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from statistics import median
from typing import Any

from flask_relationships.testing import FakeTwilio
from tests.benchmarks.brokers import Measured
from tests.benchmarks.command import run
from tests.servers import REDIS_VARIABLE

WORKERS = (1, 2, 4)

LONGEST = 1800
"""Seconds after which what was not sent is taken for lost."""


def measure(url: str, *, messages: int, milliseconds: int) -> tuple[list[dict[str, Any]], bool]:
    redis = os.environ.get(REDIS_VARIABLE) or sys.exit(f"{REDIS_VARIABLE} names no Redis")
    lines = [_Throughput(url, "working", redis).send(messages, workers, milliseconds) for workers in WORKERS]
    for line in lines:
        line["x"] = round(line["a second"] / lines[0]["a second"], 2)
    return lines, all((line["sent"], line["doubled"], line["lost"]) == (messages, 0, 0) for line in lines)


class _Throughput(Measured):
    def send(self, messages: int, workers: int, milliseconds: int) -> dict[str, Any]:
        with FakeTwilio() as twilio, ExitStack() as stack:
            self.host.state.transport = twilio.transport()  # type: ignore[assignment]
            try:
                self.flush()
                taken = self.post(self.host.person(), messages)
                twilio.fail("hang_after", share=1.0, seconds=milliseconds / 1000)
                for _ in range(workers):
                    stack.enter_context(self.worker(twilio))
                self.wait(messages, LONGEST)
                told = self.compare(twilio, taken)
            finally:
                self.host.clean()
                self.host.close()
        calls = [attempt.at for attempt in twilio.attempts]
        seconds = (max(calls) - min(calls)).total_seconds()
        return {
            "workers": workers,
            "messages": messages,
            "sent": told["sent"],
            "doubled": told["doubled"],
            "lost": told["lost"],
            "post ms": round(median(taken) * 1000, 1),
            "seconds": round(seconds, 1),
            "a second": round((len(calls) - 1) / seconds, 1),
        }


if __name__ == "__main__":
    run(__doc__, measure, messages=200, milliseconds=100)
