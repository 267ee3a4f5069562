"""``flask relationships worker``, as a process: how it works, ends, is killed, and outlives its database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_relationships.jobs.registry import run_due
from flask_relationships.testing import FakeTwilio
from tests.databases import Databases
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.running.passage import Passage
from tests.running.rows import waiting_message

pytestmark = one_host

ROOT = Path(__file__).resolve().parents[2]

LONGEST = 20.0
"""Seconds that anything here may take."""

Start = Callable[..., "Worker"]


class Worker:
    """The process, and what it has logged."""

    def __init__(self, url: str, twilio: FakeTwilio, log: Path, *options: str) -> None:
        command = [sys.executable, "-m", "flask", "--app", "tests.running.application", "relationships", "worker"]
        environment = {**os.environ, "WORKER_DATABASE": url, "WORKER_TWILIO": twilio.url}
        self._log = log
        with log.open("ab") as kept:
            self.process = subprocess.Popen(  # noqa: S603
                [*command, "--every", "1", *options], cwd=ROOT, env=environment, stdout=kept, stderr=kept
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def has_logged(self, words: str, times: int = 1) -> None:
        wait(lambda: self.log.count(words) >= times, lambda: f"{times} x {words!r} is not in:\n{self.log}")

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(LONGEST)


def wait(ready: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    until = time.monotonic() + LONGEST
    while not ready():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.05)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def start(place: tuple[str, str], databases: Databases, twilio: FakeTwilio, tmp_path: Path) -> Iterator[Start]:
    started: list[Worker] = []

    def start(*options: str, url: str | None = None) -> Worker:
        name, database = place
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Worker(url or databases.url(database, name), twilio, log, *options))
        return started[-1]

    yield start
    for worker in started:
        worker.process.kill()
        worker.process.wait()


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    host.state.clock = lambda: datetime.now(UTC)
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def sent(twilio: FakeTwilio) -> Counter[str]:
    return Counter(str(message.body) for message in twilio.messages)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@databases("sqlite")
def test_it_works_until_it_is_told_to_end(
    host: Host, willing: str, start: Start, twilio: FakeTwilio, number: signal.Signals
) -> None:
    waiting_message(host, willing, "The first")
    worker = start()
    worker.has_logged("Messages that had waited: 1 sent")
    worker.has_logged("nothing was due")
    waiting_message(host, willing, "The second")
    worker.has_logged("Messages that had waited: 1 sent", times=2)
    assert worker.end(number) == 0
    assert worker.log.splitlines()[-1].endswith("the worker has stopped")
    assert sent(twilio) == {"The first": 1, "The second": 1}
    (kept,) = host.rows("Run")
    assert (kept["runner"], kept["failed"]) == ("worker", None)
    assert "79460018" not in worker.log


def test_it_ends_between_two_messages(host: Host, willing: str, start: Start, twilio: FakeTwilio) -> None:
    for text in ("one", "two", "three", "four"):
        waiting_message(host, willing, text)
    twilio.fail("hang_after", share=1, seconds=1)
    worker = start()
    wait(lambda: len(twilio.messages) == 1, lambda: worker.log)
    assert worker.end(signal.SIGTERM) == 0
    assert "stopped before the rest" in worker.log
    statuses = Counter(row["status"] for row in host.rows("Message"))
    assert statuses == {"queued": 4}, "sent and waiting alike are queued; none is left in the middle"
    assert sum(row["provider_sid"] is not None for row in host.rows("Message")) == len(twilio.messages) < 4
    assert host.rows("Run") == []


def test_what_is_killed_is_taken_up_by_the_next(host: Host, willing: str, start: Start, twilio: FakeTwilio) -> None:
    """With -9 in the middle of a call: that message is looked for, never sent again; the others are sent once."""
    for text in ("one", "two", "three"):
        waiting_message(host, willing, text)
    twilio.fail("hang_after", seconds=5)
    worker = start()
    wait(lambda: len(twilio.messages) == 1, lambda: worker.log)
    assert worker.end(signal.SIGKILL) == -signal.SIGKILL
    assert [row["status"] for row in host.rows("Message")].count("sending") == 1
    again = start()
    again.has_logged("Messages that had waited: 2 sent")
    assert again.end(signal.SIGTERM) == 0
    host.state.transport = twilio.transport()  # type: ignore[assignment]
    with host.app.app_context(), host.clock_at(datetime.now(UTC) + timedelta(minutes=10)):
        done = run_due()
    assert (done["abandoned_messages"]["unclear"], done["unclear_messages"]["found"]) == (1, 1)
    assert sent(twilio) == {"one": 1, "two": 1, "three": 1}
    assert {row["status"] for row in host.rows("Message")} == {"queued"}


@databases("postgresql", "mariadb")
def test_a_database_that_goes_away_and_comes_back(
    host: Host, willing: str, start: Start, twilio: FakeTwilio, place: tuple[str, str], databases: Any
) -> None:
    passage = Passage(databases.url(place[1], place[0]))
    worker = start(url=passage.url)
    worker.has_logged("nothing was due")
    passage.shut()
    waiting_message(host, willing, "Meanwhile")
    worker.has_logged("not done, the database does not answer", times=2)
    assert worker.process.poll() is None
    passage.open()
    worker.has_logged("Messages that had waited: 1 sent")
    assert worker.end(signal.SIGTERM) == 0
    passage.shut()
    assert sent(twilio) == {"Meanwhile": 1}


@databases("sqlite")
def test_two_at_once_send_each_message_once(host: Host, willing: str, start: Start, twilio: FakeTwilio) -> None:
    for number in range(20):
        waiting_message(host, willing, str(number))
    workers = [start(), start()]
    wait(lambda: len(twilio.messages) == 20, lambda: workers[0].log + workers[1].log)
    assert [worker.end(signal.SIGTERM) for worker in workers] == [0, 0]
    assert set(sent(twilio).values()) == {1}


@databases("sqlite")
def test_a_time_between_runs_that_makes_no_sense_is_refused(host: Host, start: Start) -> None:
    worker = start("--every", "0")
    assert worker.process.wait(LONGEST) == 2
    assert "--every" in worker.log
