"""One Idempotency-Key from many at once: each round is one message and one call of the provider.

``python -m tests.benchmarks.one_key [--database URL] [--rounds 1000] [--threads 16]``
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from tests.benchmarks.command import run
from tests.hosts.ordinary import OrdinaryHost

BODY = {"channel": "sms", "body": "Hello"}
WAITING = 0.005
"""Seconds that the provider takes, so that the others come meanwhile."""


def measure(url: str, *, rounds: int, threads: int) -> tuple[list[dict[str, Any]], bool]:
    host = OrdinaryHost(url)
    try:
        return _measure(host, rounds, threads)
    finally:
        host.clean()
        host.close()


def _measure(host: OrdinaryHost, rounds: int, threads: int) -> tuple[list[dict[str, Any]], bool]:
    api, contact = host.person(), host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    host.transport.during = lambda: time.sleep(WAITING)
    barrier, statuses, other = Barrier(threads), Counter[int](), 0
    began = time.monotonic()

    def post(key: str) -> int:
        barrier.wait()
        path = f"/contacts/{contact}/messages"
        return api.ask("POST", path, BODY, headers={"Idempotency-Key": key}).status_code

    with ThreadPoolExecutor(threads) as pool:
        for number in range(rounds):
            before = len(host.transport.sent)
            statuses.update(pool.map(post, [f"round-{number}"] * threads))
            other += len(host.transport.sent) != before + 1
    seconds = time.monotonic() - began
    again = api.ask("POST", f"/contacts/{contact}/messages", BODY, headers={"Idempotency-Key": "round-0"})
    line = {
        "rounds": rounds,
        "threads": threads,
        "calls": len(host.transport.sent),
        "messages": len(host.rows("Message")),
        "rounds without exactly one call": other,
        "answers": ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())),
        "seconds": round(seconds, 1),
    }
    right = other == 0 and line["calls"] == line["messages"] == rounds and statuses.keys() <= {201, 409}
    return [line], right and (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")


if __name__ == "__main__":
    run(__doc__, measure, rounds=1000, threads=16)
