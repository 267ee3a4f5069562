"""Requests a second, and how long they wait, behind a server: this package, a route without an answer, and the peers.

One worker each: gunicorn's sync and gthread (four threads) for WSGI, uvicorn for ASGI. All of them run, and `wrk` asks
one after the other, in an order that is drawn anew each round. ``x`` is the median of the rounds' ratios: how many
times as many requests a second this package answers. ``CPU ms`` is what a request takes of the server itself, and
``CPU x`` the same ratio of it: all that can be trusted where the machine has more to do. Requests and milliseconds are
the median round's.

``python -m tests.benchmarks.under_load [--database URL] [--actions 100000] [--seconds 2] [--rounds 3]
[--only own,summary] [--kinds sync,gthread] [--connections 1,4,16]``
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median
from typing import Any

from tests.benchmarks.command import print_table
from tests.benchmarks.compare import prepare, same_answers
from tests.benchmarks.load import Loaded, Server, serving, wrk
from tests.benchmarks.peers.everyone import ENDPOINTS, NOTHING, OURS, PEERS, Endpoint
from tests.benchmarks.peers.servers import ASGI, Request, set_up_all

WARM = 20
"""Requests after which whatever is done once is done, in each of four threads too."""

PREFIX = "/api/relationships"


class Asked:
    """Everybody behind a server, asked one thing."""

    def __init__(self, servers: Mapping[str, Server], name: str) -> None:
        self.servers, self.name, endpoint = servers, name, ENDPOINTS[name]
        self.cookies = {who: server.log_in(endpoint.user) for who, server in servers.items()}
        self.requests = {who: _request(who, endpoint) for who in servers}
        asks = {who: lambda who=who: servers[who].ask(self.requests[who], self.cookies[who]) for who in servers}  # type: ignore[misc]
        same_answers(name, asks)
        for ask in asks.values():
            for _ in range(WARM):
                ask()

    def load(self, connections: int, seconds: int, rounds: int) -> dict[str, list[Loaded]]:
        found, order = defaultdict[str, list[Loaded]](list), list(self.servers)
        for _ in range(rounds):
            random.shuffle(order)
            for who in order:
                _, path, query, _ = self.requests[who]
                how: dict[str, Any] = {"connections": connections, "seconds": seconds, "cookie": self.cookies[who]}
                found[who].append(self.servers[who].load(f"{path}?{query}", **how))
        return {who: found[who] for who in self.servers}


def _request(who: str, endpoint: Endpoint) -> Request:
    if who == NOTHING:
        return Request("GET", "/nothing")
    path = endpoint.request.path
    return endpoint.request._replace(path=PREFIX + path if who == OURS else path)


def _line(who: str, rounds: list[Loaded], ours: list[Loaded]) -> dict[str, Any]:
    ratio = median(mine.a_second / theirs.a_second for mine, theirs in zip(ours, rounds, strict=True))
    worked = median(theirs.worked / mine.worked for mine, theirs in zip(ours, rounds, strict=True))
    return {
        "who": who,
        "a second": round(median(one.a_second for one in rounds)),
        "p50 ms": round(median(one.p50 for one in rounds), 1),
        "p99 ms": round(median(one.p99 for one in rounds), 1),
        "x": f"{ratio:.2f}",
        "CPU ms": round(median(one.worked for one in rounds), 2),
        "CPU x": f"{worked:.2f}",
        "failed": sum(one.failed for one in rounds),
    }


def measure(asked: argparse.Namespace, url: str) -> list[dict[str, Any]]:
    lines = []
    for kind in asked.kinds.split(","):
        with ExitStack() as stack:
            servers = {who: stack.enter_context(serving("ours", url, kind)) for who in (NOTHING, OURS)}
            for who, (module, wrapper) in PEERS.items():
                behind = "uvicorn" if wrapper is ASGI else kind
                servers[who] = stack.enter_context(serving(module, url, behind))
            for name in asked.only.split(","):
                everyone = Asked(servers, name)
                for connections in map(int, asked.connections.split(",")):
                    found = everyone.load(connections, asked.seconds, asked.rounds)
                    some = [
                        {"server": kind, "asked": name, "connections": connections, **_line(who, rounds, found[OURS])}
                        for who, rounds in found.items()
                    ]
                    print_table(some)
                    print(flush=True)
                    lines += some
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="the URL of one; SQLite in a temporary folder, if left out")
    parser.add_argument("--actions", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=2, help="of one turn of one of them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="profile,messages,own,summary", help=f"of {', '.join(ENDPOINTS)}, but event")
    parser.add_argument("--kinds", default="sync,gthread")
    parser.add_argument("--connections", default="1,4,16")
    asked = parser.parse_args()
    wrk()
    set_up_all()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/measured.sqlite"
        prepare(url, asked.actions)
        lines = measure(asked, url)
    sys.exit(1 if any(line["failed"] for line in lines) else 0)


if __name__ == "__main__":
    main()
