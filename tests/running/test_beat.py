"""Celery's beat and worker, as processes over a real broker: every step is done in the application's context."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from flask_relationships.jobs import registry as jobs
from flask_relationships.testing import FakeTwilio
from tests.databases import Databases
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.running.rows import waiting_message
from tests.running.test_worker import ROOT, sent, wait
from tests.servers import redis_url

pytestmark = [one_host, databases("sqlite", "postgresql")]


@contextmanager
def celery(log: Path, url: str, twilio: FakeTwilio, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "celery", "-A", "tests.running.celery_application", *options]
    told = {"WORKER_DATABASE": url, "WORKER_TWILIO": twilio.url, "WORKER_BROKER": redis_url()}
    with log.open("ab") as kept:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stdout=kept, stderr=kept)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


WORKER = ("worker", "--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle")


def test_all_that_is_due_is_done(
    host: Host, api: Caller, place: tuple[str, str], databases: Databases, tmp_path: Path
) -> None:
    with Redis.from_url(redis_url()) as server:
        server.flushdb()
    host.state.clock = lambda: datetime.now(UTC)
    url, log = databases.url(place[1], place[0]), tmp_path / "celery.log"
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    waiting_message(host, contact, "The first")
    waiting_message(host, contact, "It was left", status="sending", status_rank=0)
    beat = ("beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "", "--loglevel", "INFO", "--max-interval", "1")
    with FakeTwilio() as twilio, ExitStack() as stack:
        stack.enter_context(celery(log, url, twilio, *beat))
        with celery(log, url, twilio, *WORKER) as worker:
            wait(lambda: bool(host.rows("Run")), log.read_text)
            assert sent(twilio) == {"The first": 1}
            assert "Messages that had waited: 1 sent; Messages whose sender has died: 1 unclear" in log.read_text()
            worker.send_signal(signal.SIGKILL)
        waiting_message(host, contact, "The second")
        time.sleep(2)  # beat goes on telling, and what nobody hears expires
        stack.enter_context(celery(log, url, twilio, *WORKER))
        wait(lambda: len(twilio.messages) == 2, log.read_text)
    (kept,) = host.rows("Run")
    assert (kept["runner"], kept["failed"]) == ("celery", None)
    assert "79460018" not in log.read_text()
    with host.app.app_context():
        told = jobs.run_due(dry_run=True)
    assert {result.job.name for result in told.results if any(result.counts.values())} <= {"unclear_messages"}


def test_a_step_that_fails_fails_no_task(
    host: Host, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from flask_relationships.celery import run_due

    def fail(_: object) -> dict[str, int]:
        raise RuntimeError("+442079460018")

    broken = jobs.Job("broken", "A broken step", fail, fail)
    monkeypatch.setattr(jobs, "JOBS", (broken, *jobs.JOBS))
    with host.app.app_context():
        run_due.run()
    assert "broken is left to a later run: RuntimeError at " in caplog.text
    assert [row["failed"] for row in host.rows("Run")] == ["broken"]
    assert "79460018" not in caplog.text
