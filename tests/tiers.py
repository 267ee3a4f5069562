"""The tier of each test, as a mark. `pytest` runs the first tier: what needs no mark.

1. No mark: no server, no browser, one host on SQLite. It is the specification, and takes a few minutes.
2. ``servers``: PostgreSQL, MariaDB. ``hosts``: the other host applications, on SQLite. ``browser``: Chromium.
3. ``slow``: races of processes, migrations of whole databases, benchmarks.

``pytest -m "servers or hosts or browser or slow"`` runs the others, ``pytest -m ""`` all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SERVERS = ("postgresql", "mariadb")

ORDINARY = "ordinary"
"""The host of the first tier."""

HOST_FOLDERS = ("examples", "binding", "check", "session_events", "testing")
"""Tests that build host applications of their own."""

HOST_FILES = ("test_your_contract.py", "test_your_host.py")
"""The contract suite, on the applications that its documentation shows."""

SLOW_FOLDERS = ("benchmarks", "concurrency", "dispatch", "migrations", "plans", "races", "statements")

SLOW_FILES = (
    *("test_build.py", "test_hidden_rows.py", "test_twilio_processes.py", "test_worker.py"),
    *("test_error_codes.py", "test_paged_scopes.py", "test_random_tenants.py"),
)
"""Tests that start processes, or that walk long tables or many rows."""

SLOW_TESTS = {
    "test_a_stop_in_another_spelling_suppresses_the_number",
    "test_a_thousand_forgeries",
    "test_another_leap_policy_on_the_very_eve_neither_loses_nor_doubles_that_year",
    "test_every_scope_and_the_job_agree_with_a_plain_loop",
    "test_in_every_order_and_with_repetitions_a_message_ends_where_it_has_to",
    "test_nor_are_such_rows_in_a_scope",
    "test_users_elsewhere_take_one_batch_for_each_list_that_names_them",
    "test_whatever_is_edited_in_any_order_they_agree",
}
"""Long property runs and long tables of otherwise fast files."""

MARKS = {
    "servers": "needs PostgreSQL or MariaDB",
    "hosts": "runs on a host application other than the ordinary one",
    "browser": "needs Chromium",
    "slow": "takes seconds by itself",
}


def add_marks(config: pytest.Config) -> None:
    """Register the marks of the tiers."""
    for name, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def mark_tiers(items: list[pytest.Item]) -> None:
    """Mark each test with what it needs beyond the first tier. Marking twice does no harm."""
    for item in items:
        for name in _tiers(item):
            item.add_marker(name)


def _tiers(item: pytest.Item) -> set[str]:
    found: set[str] = set()
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    host, database = parameters.get("place", (ORDINARY, parameters.get("database")))
    if database in SERVERS:
        found.add("servers")
    if host != ORDINARY:
        found.add("hosts")
    path = Path(item.path)
    folders = path.relative_to(item.config.rootpath).parts[:-1]
    if any(folder in HOST_FOLDERS for folder in folders):
        found.add("hosts")
    if "browser" in folders or "chromium" in getattr(item, "fixturenames", ()):
        found.add("browser")
    if path.name in HOST_FILES:
        found.add("hosts")
    function = getattr(item, "originalname", item.name)
    if path.name in SLOW_FILES or function in SLOW_TESTS or any(folder in SLOW_FOLDERS for folder in folders):
        found.add("slow")
    return found
