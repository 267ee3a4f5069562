"""Every pair of what writes one object, and each against the host's DELETE, in two processes at once.

``python -m tests.benchmarks.races --database NAME --trials 200`` prints how often each pair was answered with which
statuses. ``NAME`` is one of `DATABASES`; ``--only TEXT`` runs the pairs that have the text in their name. It fails for
a status that is none of 2xx, 404, 409, 412 and 503 with ``Retry-After`` (and 422, where the body names a row that was
deleted), for a scheduled job that fails, and for what `race_checks` finds in the tables afterwards.

The routes come from the registry of operations: one that writes and has no case in `race_cases` fails the run.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from flask_relationships.api.openapi import routes
from flask_relationships.testing import FakeTwilio
from tests.benchmarks.race_cases import GROUPS, Case, races
from tests.benchmarks.race_checks import inconsistencies
from tests.benchmarks.race_rows import Trials
from tests.benchmarks.race_sides import PUBLIC_URL, AskedTransport, Ids, Side
from tests.databases import Databases
from tests.hosts.host import Caller
from tests.hosts.ordinary import Company, Contact, OrdinaryHost, User

DATABASES = ("sqlite", "wal", "unenforced", "postgresql", "mariadb")
"""``unenforced`` is SQLite without ``PRAGMA foreign_keys``, as it is unless an application asks for it."""

HEAD_START = 0.006
"""Seconds by which one side may begin before the other, in every second trial."""

PATIENCE = 120
"""Seconds that the trials of one pair may take beside a second for each."""

FORK = multiprocessing.get_context("fork")


@dataclass
class Result:
    pairs: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Worker:
    """A process that stays alive: it does its side of all trials of a pair, and meets its twin before each."""

    def __init__(self, host: OrdinaryHost, barrier: Any, which: int) -> None:
        self.pipe, theirs = FORK.Pipe()
        self._process = FORK.Process(target=self._run, args=(host, barrier, which, theirs), daemon=True)
        self._process.start()

    def stop(self) -> None:
        self.pipe.send(None)
        self._process.join(20)

    def _run(self, host: OrdinaryHost, barrier: Any, which: int, pipe: Any) -> None:
        logging.disable(logging.CRITICAL)
        host.app.config["PROPAGATE_EXCEPTIONS"] = False
        with host.app.app_context():
            host.db.engine.dispose(close=False)
        side, all_races = Side(host), list(races())
        while (asked := pipe.recv()) is not None:
            place, trials = asked
            _, *cases = all_races[place]
            drawn, told = random.Random(place), list[str]()
            for number, (user, ids) in enumerate(trials):
                side.log_in(user)
                arms = {case.arm for case in cases} - {None}
                if arms:
                    barrier.wait()  # a job that is not done yet would see to the next object, too
                for arm in arms if which == 0 else ():
                    arm(side, ids)
                start = drawn.uniform(-HEAD_START, HEAD_START) if number % 2 else 0
                barrier.wait()
                time.sleep(max(start if which == 0 else -start, 0))
                told.append(cases[which].do(side, user, ids))
            pipe.send(told)


def uncovered(host: OrdinaryHost) -> list[str]:
    """Return the writing routes of the application that have no case."""
    known = {one.name.partition(" ")[0] for group in GROUPS for one in group.cases}
    with host.app.app_context():
        writing = [
            (rule, endpoint)
            for rule, endpoint, _ in routes(host.app)
            if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        ]
    return sorted({endpoint for _, endpoint in writing} - known)


def run(host: OrdinaryHost, trials: int, result: Result, only: str = "") -> None:
    api, barrier = host.person("manage", level="executive"), FORK.Barrier(2)
    workers = [Worker(host, barrier, which) for which in range(2)]
    try:
        for place, (group, first, second) in enumerate(races()):
            name = f"{group.name}: {first.name} | {second.name}"
            if only not in name:
                continue
            made = Trials(host, api, trials, reads=group.reads)
            group.make(made)
            seen = result.pairs[name] = _race(workers, place, [(ids["reader"] or api.id, ids) for ids in made.ids])
            wrong = [f"{told} ({seen[told]} times)" for told in seen if not _is_allowed(told, first, second)]
            wrong += inconsistencies(host)
            result.wrong += [f"{name}: {words}" for words in wrong]
            forget(host, api)
            told = ", ".join(f"{told}: {count}" for told, count in seen.most_common())
            print(f"{name:75} {told}{''.join(f'; WRONG: {words}' for words in wrong)}", flush=True)
    finally:
        for worker in workers:
            worker.stop()


def _race(workers: list[Worker], place: int, trials: list[tuple[str, Ids]]) -> Counter[str]:
    for worker in workers:
        worker.pipe.send((place, trials))
    answers = []
    for worker in workers:
        if not worker.pipe.poll(PATIENCE + len(trials)):
            raise TimeoutError("a worker has not answered")
        answers.append(worker.pipe.recv())
    return Counter(" and ".join(pair) for pair in zip(*answers, strict=True))


def _is_allowed(told: str, first: Case, second: Case) -> bool:
    """422 is a body that names a row that was deleted. Whoever is deleted themselves is answered 401 or 403."""
    allowed = {"404", "409", "412", "422", "503", "deleted", "ran"}
    if second.name == "DELETE reader":
        allowed |= {"401", "403"}
    if first.refused or second.refused:
        allowed.add("403")
    return all(part in allowed or (part.isdecimal() and part[0] == "2") for part in told.split(" and "))


def forget(host: OrdinaryHost, api: Caller) -> None:
    """Delete the rows of a pair, so that the next one is not slower."""
    ours = {table.name for table in host.models.tables}
    with host.app.app_context():
        connection = host.db.session.connection()
        for table in reversed(host.db.metadata.sorted_tables):
            if table.name in ours:
                connection.execute(sa.delete(table))
        connection.execute(sa.delete(Contact.__table__))
        connection.execute(sa.delete(Company.__table__))
        connection.execute(sa.delete(User.__table__).where(User.id != int(api.id)))
        host.db.session.commit()


def url_of(databases: Databases, kind: str) -> str:
    url = databases.url("sqlite" if kind in ("wal", "unenforced") else kind, f"races_{kind}")
    if kind == "wal":
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        engine.dispose()
    return url


def make_host(url: str, kind: str) -> OrdinaryHost:
    host = OrdinaryHost(url, **FakeTwilio().config(PUBLIC_URL=PUBLIC_URL, BIRTHDAY_EVENTS=True))
    host.app.test_client_class = FlaskClient  # the host's own compares each answer with its documentation
    host.state.transport = AskedTransport()
    if kind == "unenforced":
        stop_enforcing(host)
    return host


def stop_enforcing(host: OrdinaryHost) -> None:
    """Let SQLite ignore foreign keys on every connection from now on."""
    with host.app.app_context():
        engine = host.db.engine
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))
        engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--trials", type=int, default=200, help="for each pair")
    parser.add_argument("--only", default="", help="a part of the names of the pairs to run")
    asked = parser.parse_args()
    result, began = Result(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            host = make_host(url_of(databases, asked.database), asked.database)
            result.wrong += [f"{endpoint} writes and has no case" for endpoint in uncovered(host)]
            run(host, asked.trials, result, asked.only)
            host.close()
        finally:
            databases.stop()
    print(f"{asked.database}: {len(result.pairs)} pairs, {asked.trials} trials each, {time.monotonic() - began:.0f} s")
    if result.wrong:
        print("\n".join(result.wrong), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
