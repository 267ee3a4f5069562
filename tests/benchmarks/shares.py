"""Where the time of a request goes: whose code runs, looked at some thousand times a second while it is asked again.

``host`` is what the application itself does: Flask, its log-in, and whatever it asks its database. ``driver`` is the
driver with the database behind it, ``SQLAlchemy`` what it does for the statements of this package, and ``package`` this
package with marshmallow and the encoder of JSON. ``floor`` and ``no-op`` are those of `compare`, of the same minute.

``python -m tests.benchmarks.shares [--database sqlite|postgresql|mariadb|URL] [--actions 100000] [--only own,squad]``
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import sqlalchemy as sa

from tests.benchmarks.command import print_table
from tests.benchmarks.compare import database, prepare
from tests.benchmarks.peers.everyone import ENDPOINTS, FLOOR, NOTHING, OURS, Everyone
from tests.benchmarks.peers.servers import Ask, set_up_all

PACKAGE = ("flask_relationships/", "marshmallow/")
"""Where our own code stands."""

DRIVER = ("/engine/default.py", "/engine/cursor.py", "psycopg", "pymysql", "sqlite3")
CALLS = ("do_", "fetch", "_fetch", "cursor", "execute")

EACH = 0.0003
"""Seconds between two looks."""


def whose(frame: FrameType | None) -> str:
    """Whose time this is: by the innermost code that is somebody's, and by who had it called."""
    inner, asked_by_us, called = "", False, ""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if "benchmarks/peers/ours" in file:
            return "host"  # what the application's own functions are asked, from within ours
        if any(part in file for part in PACKAGE):
            asked_by_us = True
            inner = inner or "package"
        elif any(part in file for part in DRIVER) and name.startswith(CALLS) and not inner:
            called = called or "driver"
        elif "sqlalchemy/" in file:
            inner = inner or "SQLAlchemy"
        elif "flask" in file or "werkzeug" in file:
            inner = inner or "host"
        frame = frame.f_back
    if not asked_by_us:
        return "host"
    return called if called and inner in ("", "SQLAlchemy") else inner


@contextmanager
def looked_at(found: Counter[str]) -> Iterator[None]:
    """Count whose code this thread runs, until left."""
    watched, done, interval = threading.get_ident(), threading.Event(), sys.getswitchinterval()

    def look() -> None:
        while not done.wait(EACH):
            found[whose(sys._current_frames().get(watched))] += 1

    thread = threading.Thread(target=look)
    sys.setswitchinterval(EACH / 10)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(interval)


def _milliseconds(ask: Ask, times: int) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append(time.perf_counter() - began)
    return statistics.median(found) * 1000


def shares(everyone: Everyone, name: str, seconds: float) -> dict[str, str]:
    asks, found = everyone.asks(ENDPOINTS[name]), Counter[str]()
    for ask in asks.values():
        ask()
    times = max(5, int(300 / _milliseconds(asks[OURS], 5)))
    took = {who: _milliseconds(asks[who], times) for who in (OURS, NOTHING, FLOOR)}
    with looked_at(found):
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            asks[OURS]()
    return {
        "endpoint": ENDPOINTS[name].title,
        "ms": f"{took[OURS]:.2f}",
        **{who: f"{found[who] / found.total():.0%}" for who in ("host", "driver", "SQLAlchemy", "package")},
        "no-op ms": f"{took[NOTHING]:.2f}",
        "floor ms": f"{took[FLOOR]:.2f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="a kind of one, or the URL of one that is empty or filled")
    parser.add_argument("--actions", type=int, default=100_000, help="how many there are, 100000 if left out")
    parser.add_argument("--only", default=",".join(ENDPOINTS), help=f"some of {', '.join(ENDPOINTS)}")
    parser.add_argument("--seconds", type=float, default=5, help="how long each is looked at, 5 if left out")
    given = parser.parse_args()
    logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
    set_up_all()
    with database(given.database, given.actions) as url:
        prepare(url, given.actions)
        everyone = Everyone(url, [])
        lines = [shares(everyone, name, given.seconds) for name in given.only.split(",")]
    print_table([{"database": sa.make_url(url).get_backend_name(), **line} for line in lines])


if __name__ == "__main__":
    main()
