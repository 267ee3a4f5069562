"""How long the requests of this package take, beside the same written with other frameworks, over the same tables.

Every peer answers the same JSON, which is looked at first. Then all are asked in turns, in this process, in an order
that is drawn anew each round; of each round the ratios are taken, and of these the median. Microseconds say little:
what the machine does beside it changes them, and the ratios hardly.

``x`` is how many times as long a peer takes as this package; ``added`` is what this package takes beyond a route of the
host that asks who is there and answers nothing, in units of the floor: bare WSGI, the driver and orjson.

``python -m tests.benchmarks.compare [--database sqlite|postgresql|mariadb|URL] [--actions 100000] [--only own,squad]``
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.peers.everyone import ENDPOINTS, FLOOR, NOTHING, OURS, PEERS, RARE_ENDPOINTS, Everyone, add_rows
from tests.benchmarks.peers.servers import Ask, set_up_all
from tests.benchmarks.population import analyze, fill
from tests.databases import DATABASES, Databases
from tests.statements.counting import counted

TURN = 0.004
"""The least seconds that one turn of a peer takes: a faster one is asked several times."""

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)?")

ANEW = ("id", "open_action_id", "created_at", "updated_at")
"""The members of a new event that are different for each."""


@dataclass(frozen=True)
class Measured:
    """One endpoint: the seconds of everybody in each round, and how many statements this package needs."""

    endpoint: str
    seconds: Mapping[str, Sequence[float]]
    statements: int
    bytes: int

    def ratio(self, name: str) -> float:
        """How many times as long as this package somebody takes."""
        return statistics.median(
            theirs / ours for theirs, ours in zip(self.seconds[name], self.seconds[OURS], strict=True)
        )

    @property
    def added(self) -> float:
        rounds = zip(self.seconds[OURS], self.seconds[NOTHING], self.seconds[FLOOR], strict=True)
        return statistics.median((ours - nothing) / floor for ours, nothing, floor in rounds)

    def milliseconds(self, name: str) -> float:
        return statistics.median(self.seconds[name]) * 1000


def prepare(url: str, actions: int) -> None:
    """Fill an empty database with so many actions; one that has our tables is taken as it is."""
    from tests.benchmarks.peers import ours

    app = ours.make_app(url)
    with app.app_context():
        engine, table = ours.db.engine, ours.relationships.models.Action.__table__
        if not sa.inspect(engine).has_table(table.name):
            fill(engine, ours.relationships, actions=actions)
            with engine.begin() as connection:
                add_rows(connection)
            analyze(engine, ours.Person.__table__, ours.relationships.models.Message.__table__)
        engine.dispose()


def measure(everyone: Everyone, name: str, seconds: float, rounds: int = 5) -> Measured:
    """One endpoint, for about so many seconds and at least so many rounds.

    Raises `AssertionError` where two do not answer the same.
    """
    asks = everyone.asks(ENDPOINTS[name])
    answered = same_answers(name, asks)
    statements = _statements(everyone, asks[OURS]) - _statements(everyone, asks[NOTHING])
    for ask in asks.values():  # what is done once is done
        ask()
    turns = {who: max(1, round(TURN / _timed(ask, 3))) for who, ask in asks.items()}
    found: dict[str, list[float]] = {who: [] for who in asks}
    gc.collect()
    gc.freeze()
    order, until = list(asks), time.perf_counter() + seconds
    while len(found[OURS]) < rounds or time.perf_counter() < until:
        random.shuffle(order)
        for who in order:
            found[who].append(_timed(asks[who], turns[who]))
    gc.unfreeze()
    return Measured(name, found, statements, answered)


def check_rare_values(everyone: Everyone) -> None:
    """Raise `AssertionError` where two do not answer the same of rows with values that few rows have."""
    for name, endpoint in RARE_ENDPOINTS.items():
        same_answers(name, everyone.asks(endpoint))


def _timed(ask: Ask, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        ask()
    return (time.perf_counter() - began) / times


def same_answers(name: str, asks: Mapping[str, Ask]) -> int:
    """The bytes of our answer, once everybody has been asked. Raises `AssertionError` where an answer differs."""
    ours = asks[OURS]()
    assert ours.status in (200, 201), (name, ours)
    wanted = _plain(json.loads(ours.body))
    for who, ask in asks.items():
        if who in (OURS, NOTHING):
            continue
        theirs = ask()
        assert theirs.status in (200, 201), f"{name}: {who} answers {theirs.status}: {theirs.body!r:.2000}"
        difference = _difference(wanted, _plain(json.loads(theirs.body)))
        assert not difference, f"{name}: {who} answers another {difference}"
    return len(ours.body)


def _plain(body: dict[str, Any]) -> Any:
    """An answer without what is spelled by everybody in another way: moments, cursors, and ids of what is new."""
    body["next_cursor"] = bool(body.get("next_cursor"))
    if "event" in body:
        body["event"] |= {name: body["event"][name] is not None for name in ANEW}
    return _with_plain_moments(body)


def _with_plain_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_plain_moments(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_plain_moments(item) for item in value]
    written = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    return f"{written[1]}T{written[2]}" if written else value


def _difference(ours: Any, theirs: Any, where: str = "body") -> str:
    """Where two answers begin to differ, or nothing."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return next(filter(None, (_difference(ours[name], theirs[name], f"{where}.{name}") for name in ours)), "")
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next(filter(None, (_difference(*pair, f"{where}[{place}]") for place, pair in pairs)), "")
    return "" if ours == theirs and type(ours) is type(theirs) else f"{where}: {theirs!r:.300} for {ours!r:.300}"


def _statements(everyone: Everyone, ask: Ask) -> int:
    """How many statements reach the database."""
    with counted(everyone.ours) as found:
        ask()
    return len(found)


def table(measured: Iterable[Measured], peers: Iterable[str]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    names = list(peers)
    head = ["", "ms", "SQL", "bytes", *names, "added", "floor ms", "no-op ms"]
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for one in measured:
        cells = [
            ENDPOINTS[one.endpoint].title,
            f"{one.milliseconds(OURS):.2f}",
            str(one.statements),
            f"{one.bytes:,}",
            *(f"{one.ratio(name):.1f}x" for name in names),
            f"{one.added:.1f}",
            f"{one.milliseconds(FLOOR):.2f}",
            f"{one.milliseconds(NOTHING):.2f}",
        ]
        yield f"| {' | '.join(cells)} |"


@contextmanager
def database(named: str, actions: int) -> Iterator[str]:
    """The URL that was given, or that of an empty database of a kind, which is gone afterwards."""
    if named not in DATABASES:
        yield named
        return
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            yield databases.url(named, f"compared_{actions}")
        finally:
            databases.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="a kind of one, or the URL of one that is empty or filled")
    parser.add_argument("--actions", type=int, default=100_000, help="how many there are, 100000 if left out")
    parser.add_argument("--only", default=",".join(ENDPOINTS), help=f"some of {', '.join(ENDPOINTS)}")
    parser.add_argument("--peers", default=",".join(PEERS), help="some of them, by their names")
    parser.add_argument("--seconds", type=float, default=15, help="how long each is measured, 15 if left out")
    parser.add_argument("--plot", type=Path, help="where to write a plot, as SVG")
    given = parser.parse_args()
    logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
    set_up_all()
    peers = [name for name in given.peers.split(",") if name]
    with database(given.database, given.actions) as url:
        prepare(url, given.actions)
        everyone, measured = Everyone(url, peers), []
        check_rare_values(everyone)
        for name in given.only.split(","):
            measured.append(measure(everyone, name, given.seconds))
            print(*list(table(measured, peers))[-1:], file=sys.stderr, flush=True)
    kind = sa.make_url(url).get_backend_name()
    print(f"\n{kind}, {given.actions:,} actions\n", *table(measured, peers), sep="\n")
    if given.plot:
        from tests.benchmarks.plot import bars

        given.plot.write_text(bars(f"{kind}, {given.actions:,} actions", measured, peers), "utf-8")


if __name__ == "__main__":
    main()
