"""A pool of four connections, eight threads and a slow provider: nobody waits for a connection in vain.

``python -m tests.benchmarks.small_pool [--database URL] [--messages 200] [--threads 8] [--pool 4]``
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.benchmarks.command import run
from tests.hosts.ordinary import OrdinaryHost

SLOW = 0.3
"""Seconds that the provider takes."""


def measure(url: str, *, messages: int, threads: int, pool: int) -> tuple[list[dict[str, Any]], bool]:
    options = {"pool_size": pool, "max_overflow": 0, "pool_timeout": 5}
    host = OrdinaryHost(url, SQLALCHEMY_ENGINE_OPTIONS=options)
    try:
        return _measure(host, messages, threads, pool)
    finally:
        host.clean()
        host.close()


def _measure(host: OrdinaryHost, messages: int, threads: int, size: int) -> tuple[list[dict[str, Any]], bool]:
    api = host.person()
    contacts = [host.contact() for _ in range(threads)]
    for contact in contacts:
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    with host.app.app_context():
        pool: Any = host.db.engine.pool
    assert pool.size() == size
    held: list[int] = []

    def slow() -> None:
        time.sleep(SLOW)
        held.append(pool.checkedout())

    host.transport.during = slow
    began = time.monotonic()

    def post(number: int) -> int:
        path = f"/contacts/{contacts[number % threads]}/messages"
        return api.ask("POST", path, {"channel": "sms", "body": "Hello"}).status_code

    with ThreadPoolExecutor(threads) as workers:
        statuses = Counter(workers.map(post, range(messages)))
    line = {
        "messages": messages,
        "threads": threads,
        "pool": size,
        "failures": messages - statuses[201],
        "calls": len(host.transport.sent),
        "most held during a call": max(held),
        "held afterwards": pool.checkedout(),
        "seconds": round(time.monotonic() - began, 1),
    }
    return [line], (line["failures"], line["calls"], line["held afterwards"]) == (0, messages, 0)


if __name__ == "__main__":
    run(__doc__, measure, messages=200, threads=8, pool=4)
