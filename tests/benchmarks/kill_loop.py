"""Workers that send are killed with -9; afterwards the database must say what the provider's log says.

``python -m tests.benchmarks.kill_loop --database URL [--messages 3000] [--kills 1000] [--workers 3] [--faults 0.2]``
prints what came of it. The URL names an empty database; SQLite in a temporary folder where it is left out.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from flask_relationships.jobs import run_due
from flask_relationships.testing import FakeTwilio

FAULTS = ("drop_before", "drop_after", "error_before", "error_after", "cut", "html")


def account() -> dict[str, Any]:
    """The configuration of an application that has the fake's account."""
    fake = FakeTwilio()
    try:
        return fake.config()
    finally:
        fake.stop()


@dataclass(frozen=True)
class Result:
    """``sent``: at the provider. ``doubled``: there more than once. ``lost``: there, and not said to be sent here.
    ``wrong``: said to be sent here, and not there. ``unclear``: nobody knows, after all that can be asked."""

    sent: int
    doubled: int
    lost: int
    wrong: int
    unclear: int
    not_sent: int
    kills: int
    seconds: float


class Loop:
    def __init__(self, url: str, *, messages: int, kills: int, workers: int, faults: float, seed: int = 1) -> None:
        self.url, self.messages, self.kills, self.workers, self.faults = url, messages, kills, workers, faults
        self.drawn = random.Random(seed)

    def run(self) -> Result:
        from tests.hosts.ordinary import OrdinaryHost

        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "accepted.jsonl"
            host = OrdinaryHost(self.url, **account())
            host.state.clock = lambda: datetime.now(UTC)
            try:
                user, contacts = self._people(host)
                with self._provider(log) as provider:
                    killed = self._kill(provider, user, contacts)
                    self._recover(host, provider)
                return self._compare(host, log, killed, time.monotonic() - began)
            finally:
                host.clean()
                host.close()

    def _people(self, host: Any) -> tuple[str, str]:
        """Who sends, and so many who are written to that no list of a number is long."""
        api = host.person()
        contacts = [host.contact(phone=f"+44 20 7946 {number:04}") for number in range(1, 41)]
        for contact in contacts:
            api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        return api.id, ",".join(contacts)

    def _provider(self, log: Path) -> _Provider:
        return _Provider(log, self.faults)

    def _kill(self, provider: _Provider, user: str, contacts: str) -> int:
        """Let the workers write their messages, and kill one of them now and then; a new one takes its place."""
        share = self.messages // self.workers
        written = [0] * self.workers
        killed, running = 0, {place: self._worker(provider, user, contacts, place, 0) for place in range(self.workers)}
        while killed < self.kills:
            time.sleep(self.drawn.uniform(0.05, 0.4))
            place = self.drawn.randrange(self.workers)
            worker = running[place]
            worker.kill()
            printed = worker.communicate()[0]
            killed += 1
            written[place] += len(printed.split())
            running[place] = self._worker(provider, user, contacts, place, killed, max(0, share - written[place]))
        for worker in running.values():
            worker.communicate(timeout=600)
        return killed

    def _worker(
        self, provider: _Provider, user: str, contacts: str, place: int, life: int, count: int | None = None
    ) -> subprocess.Popen[str]:
        wanted = str(self.messages // self.workers if count is None else count)
        command = [sys.executable, "-m", "tests.benchmarks.kill_loop", "--work", self.url, provider.url, user, contacts]
        return subprocess.Popen(  # noqa: S603
            [*command, f"{place}.{life}", wanted], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def _recover(self, host: Any, provider: _Provider) -> None:
        """Some runs soon after, and one when everything that can be known is known."""
        logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
        host.state.transport = provider.transport()
        for later in (timedelta(), timedelta(minutes=10), timedelta(hours=2)):
            with host.app.app_context(), host.clock_at(datetime.now(UTC) + later):
                while any((done := run_due()) and (done.lapsed, done.found, done.not_sent)):
                    pass  # each run looks for a number of them
        logging.getLogger("flask_relationships").setLevel(logging.NOTSET)

    def _compare(self, host: Any, log: Path, killed: int, seconds: float) -> Result:
        accepted = FakeTwilio.read_log(log)
        there = Counter(message.body for message in accepted)
        sids = {message.sid for message in accepted}
        rows = host.rows("Message")
        ours = {row["provider_sid"] for row in rows if row["provider_sid"] is not None}
        return Result(
            sent=len(there),
            doubled=sum(times - 1 for times in there.values()),
            lost=len(sids - ours),
            wrong=len(ours - sids) + sum(row["status"] == "failed" and there[row["body"]] > 0 for row in rows),
            unclear=sum(row["status"] in ("sending", "unconfirmed") for row in rows),
            not_sent=sum(row["error_code"] == "not_sent" for row in rows),
            kills=killed,
            seconds=round(seconds, 1),
        )


class _Provider:
    """The fake in a process of its own, which nobody kills."""

    def __init__(self, log: Path, faults: float) -> None:
        self.command = [sys.executable, "-m", "flask_relationships.testing.twilio", "--log", str(log)]
        self.command += ["--fault-share", str(faults), "--faults", *FAULTS]

    def __enter__(self) -> _Provider:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert self.process.stdout is not None
        port = re.search(r"\d{2,5}", self.process.stdout.readline())
        assert port is not None
        self.url = f"http://127.0.0.1:{port[0]}"
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=10)

    def transport(self) -> Any:
        return FakeTwilio.transport_to(self.url)


def work(url: str, provider: str, user: str, contacts: str, name: str, count: int) -> None:
    """Send so many messages through the API, and print a line for each answer."""
    from tests.hosts.ordinary import create_app

    app = create_app(url, **account())
    app.extensions["relationships"].transport = FakeTwilio.transport_to(provider)
    app.extensions["relationships"].clock = lambda: datetime.now(UTC)
    client = app.test_client()
    client.post("/login", data={"user": user})
    them = contacts.split(",")
    for number in range(count):
        contact = them[number % len(them)]
        try:
            body = {"channel": "sms", "body": f"{name}.{number}"}
            client.post(f"/api/relationships/contacts/{contact}/messages", json=body)
        except SQLAlchemyError:
            continue  # SQLite was locked for too long; nothing was sent
        print(number, flush=True)


def main() -> None:
    if "--work" in sys.argv:
        *texts, count = sys.argv[sys.argv.index("--work") + 1 :]
        work(*texts, int(count))  # type: ignore[arg-type,call-arg]
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--faults", type=float, default=0.2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/kills.sqlite"
        dialect = sa.make_url(url).get_backend_name()
        loop = Loop(url, messages=given.messages, kills=given.kills, workers=given.workers, faults=given.faults)
        print(dialect, loop.run())


if __name__ == "__main__":
    main()
