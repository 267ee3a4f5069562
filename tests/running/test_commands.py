"""``flask relationships run-due``: its options, what it prints, and how it exits."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result

from flask_relationships.jobs import registry as jobs
from flask_relationships.jobs.runner import Job
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.running.rows import waiting_message

pytestmark = [one_host, databases("sqlite")]


def run(host: Host, *options: str) -> Result:
    return host.app.test_cli_runner().invoke(args=["relationships", "run-due", *options])


@pytest.fixture
def waiting(host: Host, api: Caller) -> str:
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return waiting_message(host, contact, "It waits")


def test_it_prints_a_line_for_what_was_done(host: Host, waiting: str) -> None:
    assert run(host).output == "Messages that had waited: 1 sent\n"
    assert run(host).output == "Nothing was due.\n"


def test_a_dry_run_says_so_and_sends_nothing(host: Host, waiting: str) -> None:
    told = run(host, "--dry-run")
    first = f"Dry run for {host.today()}. Nothing was changed. This would be done:"
    assert told.output.splitlines() == [first, "Messages that had waited: 1 sent"]
    assert (told.exit_code, host.transport.sent, host.rows("Run")) == (0, [], [])
    run(host)
    assert run(host, "--dry-run").output.splitlines()[-1] == "Nothing is due."


def test_it_says_what_another_date_does_not_affect(host: Host, waiting: str) -> None:
    tomorrow = host.today() + timedelta(days=1)
    told = run(host, "--on", tomorrow.isoformat())
    last = told.output.splitlines()[-1]
    assert last.startswith("These jobs use the clock instead of --on: ")
    assert "Messages that had waited" in last
    assert json.loads(run(host, "--on", tomorrow.isoformat(), "--json").output)["on"] == tomorrow.isoformat()


@pytest.mark.parametrize("date", ["tomorrow", "2026-02-30", "2126-01-01", "0001-01-01", ""])
def test_no_date_or_one_far_away_is_refused(host: Host, waiting: str, date: str) -> None:
    told = run(host, "--on", date)
    assert (told.exit_code, host.transport.sent) == (2, [])
    assert "--on" in told.stderr


def test_a_step_that_fails_is_told_and_exits_with_1(host: Host, waiting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> dict[str, int]:
        raise RuntimeError("+442079460018")

    broken = Job("broken", "A broken step", fail, fail)
    monkeypatch.setattr(jobs, "JOBS", (broken, *jobs.JOBS))
    told = run(host, "--json")
    assert told.exit_code == 1
    steps = {step["name"]: step for step in json.loads(told.stdout)["steps"]}
    assert steps["broken"]["failure"].startswith("RuntimeError at ")
    assert steps["waiting_messages"]["counts"]["sent"] == 1
    again = run(host)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.splitlines()[-1].startswith("A broken step: not done, RuntimeError at ")
    assert "79460018" not in told.output + again.output


def test_a_table_that_is_missing_is_named_with_its_fix(host: Host, waiting: str) -> None:
    counts = host.models.MessageCount.__table__
    with host.app.app_context():
        counts.drop(host.db.engine)
        try:
            told = run(host)
        finally:
            counts.create(host.db.engine)
    assert told.exit_code == 1
    assert "run your migrations, or flask relationships init-db" in told.stderr
    assert len(host.transport.sent) == 1


@one_host
@databases("sqlite", "postgresql")
def test_our_tables_are_not_made_before_the_application_s_own(host: Host) -> None:
    from tests.hosts.ordinary import db

    with host.app.app_context():
        db.drop_all()
        try:
            told = host.app.test_cli_runner().invoke(args=["relationships", "init-db"])
            assert told.exit_code == 1
            assert "lacks the application's table company, contact, user" in told.output
            assert "Fix: create the application's tables first" in told.output
            assert "Traceback" not in told.output
        finally:
            db.create_all()
    again = host.app.test_cli_runner().invoke(args=["relationships", "init-db"])
    assert again.exit_code == 0
