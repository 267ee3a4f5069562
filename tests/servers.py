"""Servers that are no databases: a Redis where one is named, and brokers that are none."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.databases import missing

REDIS_VARIABLE = "RELATIONSHIPS_TEST_REDIS"


def redis_url() -> str:
    """The Redis of this run, whose keys may all be deleted. Skips or fails where there is none."""
    url = os.environ.get(REDIS_VARIABLE)
    if url is None:
        missing(f"redis is not available: {REDIS_VARIABLE} names no server, as redis://127.0.0.1:port/0")
    assert url is not None
    return url


@contextmanager
def hung_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        yield listening.getsockname()[1]


def refused_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
