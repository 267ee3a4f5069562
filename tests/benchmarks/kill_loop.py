"""Workers that send are killed with -9; afterwards the database must say what the provider's log says.

``python -m tests.benchmarks.kill_loop [--database URL] [--messages 3000] [--kills 1000] [--workers 3] [--faults 0.2]``
prints what came of it, and exits with 1 where the two differ.

One worker is a client of the API that asks again, with the same Idempotency-Key, whenever its application dies; the
others send what waits, as Celery's do, and each runs what is due. Workers are forked, so that a kill meets work and
not the start of a Python, and killed whenever the provider has taken a few more messages.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_relationships.domain.messages import recovery
from flask_relationships.jobs.registry import run_due
from flask_relationships.jobs.runner import RunReport
from flask_relationships.testing import FakeMessage, FakeTwilio
from tests.benchmarks.command import DATABASE, database
from tests.benchmarks.killed import Forked, Workers
from tests.hosts.ordinary import OrdinaryHost

PEOPLE = 40
"""How many are written to: so that no list of a number is long."""

WITH_ACTION = 10
"""Every how manieth message of the client fulfils an action."""

PATIENCE = 1.0
"""Seconds without a new message after which a worker is killed all the same."""


@dataclass(frozen=True)
class Result:
    """``messages``: those in the database. ``sent``: those the provider has taken.

    The two are equal where all of these are 0. ``doubled``: taken more than once. ``lost``: taken, and no row says so
    with this SID and this text. ``wrong``: a row says it was taken or that it failed, and the provider says otherwise.
    ``unsettled``: still waiting, being sent or unclear, after all that can be asked. ``actions``: done without a
    message, or not done with one.

    ``not_sent``: in the database as failed, and not at the provider.
    """

    database: str
    kills: int
    messages: int
    sent: int
    doubled: int
    lost: int
    wrong: int
    unsettled: int
    actions: int
    not_sent: int
    seconds: float

    @property
    def is_right(self) -> bool:
        return not (self.doubled or self.lost or self.wrong or self.unsettled or self.actions)


class Provider:
    """The fake in a process of its own, which nobody kills. Its log is on the disk before anybody is answered."""

    def __init__(self, log: Path, faults: float) -> None:
        self.log = log
        self.command = [sys.executable, "-m", "flask_relationships.testing.twilio", "--log", str(log)]
        self.command += ["--fault-share", str(faults)]

    def __enter__(self) -> Provider:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert self.process.stdout is not None
        port = re.search(r"\d{2,5}", self.process.stdout.readline())
        assert port is not None
        self.url = f"http://127.0.0.1:{port[0]}"
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=10)

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n")


class Loop:
    def __init__(self, url: str, *, messages: int, kills: int, workers: int, faults: float, seed: int = 1) -> None:
        self.url, self.messages, self.kills, self.workers, self.faults = url, messages, kills, workers, faults
        self.drawn = random.Random(seed)

    def run(self) -> Result:
        recovery.MIN_LEASE = timedelta()  # else nothing would lapse while this runs
        logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
        began = time.monotonic()
        with (
            tempfile.TemporaryDirectory() as folder,
            Provider(Path(folder) / "accepted.jsonl", self.faults) as provider,
        ):
            host = OrdinaryHost(self.url, **FakeTwilio().config(TWILIO_TIMEOUT=(1, 1)))
            host.state.clock = lambda: datetime.now(UTC)
            host.state.transport = FakeTwilio.transport_to(provider.url, timeout=(1, 1))  # type: ignore[assignment]
            try:
                work = self._prepare(host)
                with host.app.app_context():
                    host.db.session.remove()
                    host.db.engine.dispose()  # no connection crosses a fork
                killed = self._kill(Workers(Forked(host, *work), self.workers), provider)
                _recover(host)
                log = FakeTwilio.read_log(provider.log)
                return self._compare(host, log, killed, time.monotonic() - began)
            finally:
                host.clean()
                host.close()

    def _prepare(self, host: OrdinaryHost) -> tuple[str, list[dict[str, Any]]]:
        """Who writes, and what: a share of it to be posted, the rest in the database as a request leaves it."""
        api = host.person()
        people = [host.contact(phone=f"+44 20 7946 {number:04}") for number in range(1, PEOPLE + 1)]
        for contact in people:
            api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        posted = []
        for number in range(self.messages // self.workers):
            contact = people[number % PEOPLE]
            body: dict[str, Any] = {"channel": "sms", "body": f"posted {number}"}
            if number % WITH_ACTION == 0:
                new = {"title": "Text", "action_type": "sms"}
                action = api.post(f"/contacts/{contact}/relationship-actions", new)["action"]
                body["auto_action_id"] = action["id"]
            posted.append({"path": f"/contacts/{contact}/messages", "json": body})
        with host.app.app_context():
            table, now = host.models.Message, host.state.now()
            fixed = {"direction": "outbound", "channel": "sms", "status": "queued", "status_rank": -10, "attempt": 0}
            host.session.add_all(
                table(
                    **fixed,
                    body=f"waiting {number}",
                    contact_id=int(people[number % PEOPLE]),
                    to_number=f"+4420794600{number % PEOPLE + 1:02}",
                    created_at=now,
                )
                for number in range(self.messages - len(posted))
            )
            host.session.commit()
        return api.id, posted

    def _kill(self, workers: Workers, provider: Provider) -> int:
        """Kill one of the workers for every few messages that the provider takes, and then let them finish."""
        workers.start()
        each = 0.8 * self.messages / max(self.kills, 1)  # a fifth is never taken: by faults, and by the kills
        for kill in range(self.kills):
            until = time.monotonic() + PATIENCE
            while provider.count() < kill * each and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(self.drawn.uniform(0, 0.02))
            workers.kill(self.drawn.randrange(self.workers))
        workers.finish()
        return self.kills

    def _compare(self, host: OrdinaryHost, log: list[FakeMessage], killed: int, seconds: float) -> Result:
        rows = host.rows("Message")
        there = Counter(message.body for message in log)
        taken = {message.sid: message.body for message in log}
        ours = {row["provider_sid"]: row["body"] for row in rows if row["provider_sid"] is not None}
        done = {row["auto_action_id"] for row in rows if row["auto_action_id"] and row["provider_sid"]}
        actions = host.rows("Action")
        return Result(
            database=sa.make_url(self.url).get_backend_name(),
            kills=killed,
            messages=len(rows),
            sent=len(there),
            doubled=sum(times - 1 for times in there.values()),
            lost=sum(ours.get(sid) != body for sid, body in taken.items()),
            wrong=sum(taken.get(sid) != body for sid, body in ours.items())
            + sum(row["status"] == "failed" and there[row["body"]] > 0 for row in rows),
            unsettled=sum(
                row["status"] in ("sending", "unconfirmed") or (row["status"] == "queued" and not row["provider_sid"])
                for row in rows
            ),
            actions=sum((row["status"] == "done") != (row["id"] in done) for row in actions)
            + sum(row["claimed_by_message_id"] is not None for row in actions),
            not_sent=sum(row["status"] == "failed" and there[row["body"]] == 0 for row in rows),
            seconds=round(seconds, 1),
        )


def _recover(host: OrdinaryHost) -> None:
    """Some runs soon after, and some when everything that can be known is known."""
    for later in (timedelta(), timedelta(minutes=10), timedelta(hours=2)):
        with host.app.app_context(), host.clock_at(datetime.now(UTC) + later):
            while _has_settled_any(run_due()):
                pass  # each run does a number of them


def _has_settled_any(done: RunReport) -> bool:
    unclear = done["unclear_messages"]
    return any(
        (done["waiting_messages"]["sent"], done["abandoned_messages"]["unclear"], unclear["found"], unclear["not_sent"])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help=DATABASE)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--faults", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = vars(parser.parse_args())
    as_json = given.pop("json")
    with database(given.pop("database")) as url:
        result = Loop(url, **given).run()
    told = asdict(result)
    print(json.dumps(told) if as_json else "  ".join(f"{name} {value}" for name, value in told.items()))
    sys.exit(0 if result.is_right else 1)


if __name__ == "__main__":
    main()
