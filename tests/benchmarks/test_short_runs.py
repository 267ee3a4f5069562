"""Each figure, in a few seconds. The commands of this folder print those of the long runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.databases import DATABASES, Databases
from tests.servers import REDIS_VARIABLE, redis_url


def measure(name: str, url: str, *options: str, **environment: str) -> str:
    """What the command prints. In a process of its own: some of them fork, and Celery's application is global."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--database", url, *options]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=240, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_processes_that_are_killed_send_nothing_twice_and_lose_nothing(database: str, databases: Databases) -> None:
    """Sixty times with -9, while the provider fails a fifth of the time: afterwards both say the same."""
    options = ("--messages", "180", "--kills", "60", "--workers", "3", "--faults", "0.2")
    assert "kills 60" in measure("kill_loop", databases.url(database, "kills"), *options)


def test_one_key_is_one_call(database: str, databases: Databases) -> None:
    measure("one_key", databases.url(database, "one_key"), "--rounds", "20", "--threads", "16")


def test_a_small_pool_and_a_slow_provider(database: str, databases: Databases) -> None:
    measure("small_pool", databases.url(database, "small_pool"), "--messages", "24")


@pytest.mark.on_databases("sqlite")
def test_brokers_that_hang_and_refuse_lose_nothing(database: str, databases: Databases) -> None:
    printed = measure("brokers", databases.url(database, "brokers"), "--messages", "6", **{REDIS_VARIABLE: ""})
    assert "hung" in printed
    assert "refused" in printed


@pytest.mark.on_databases("postgresql")
def test_a_broker_that_forgets_loses_nothing(database: str, databases: Databases) -> None:
    redis = {REDIS_VARIABLE: redis_url()}
    printed = measure("brokers", databases.url(database, "forgetful"), "--messages", "20", **redis)
    assert "working" in printed
    assert "flushed" in printed


def test_many_processes_remind_of_each_contact_once(database: str, databases: Databases) -> None:
    options = ("--contacts", "400", "--due", "150", "--assignees", "5", "--processes", "3")
    assert "the next day, 3 processes" in measure("keeping_in_touch", databases.url(database, "in_touch"), *options)


def test_deleting_with_and_without_the_indexes_of_links(database: str, databases: Databases) -> None:
    printed = measure("deletion", databases.url(database, "deletion"), "--messages", "2000", "--rounds", "2")
    assert "user, with none" in printed


@pytest.mark.parametrize("kind", ["sqlite", "wal", "unenforced", "postgresql", "mariadb"])
def test_every_pair_of_writing_routes_at_once(kind: str, databases: Databases) -> None:
    """Twenty trials for each pair. None ends in an error, and what is left agrees with itself."""
    if kind in DATABASES:
        databases.url(kind, "races")  # skips without a server
    command = [sys.executable, "-m", "tests.benchmarks.races", "--database", kind, "--trials", "20"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.on_databases("sqlite")
def test_the_engine_of_occurrences_agrees_with_the_calendar(database: str, databases: Databases) -> None:
    measure("occurrences", databases.url(database, "occurrences"), "--cases", "1500", "--seed", "7")


def test_processes_that_remind_at_once_make_one_action_each(database: str, databases: Databases) -> None:
    url = databases.url(database, "reminders")
    measure("reminders_at_once", url, "--events", "1500")
    measure("reminders_at_once", url, "--events", "1500", "--kills", "4")


def test_what_is_due_among_many_events(database: str, databases: Databases) -> None:
    options = ("--events", "6000", "--due", "700", "--at-once", "4000")
    measure("many_events", databases.url(database, "many_events"), *options)


def test_a_year_with_outages_wrong_clocks_and_kills(database: str, databases: Databases) -> None:
    measure("simulated_year", databases.url(database, "year"), "--events", "100", "--seed", "8")
