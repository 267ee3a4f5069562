"""Marks that say where a test runs: see `tests.conftest`."""

from __future__ import annotations

from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Any)

hosts = pytest.mark.on_hosts
databases = pytest.mark.on_databases

one_host = hosts("ordinary")
"""For what does not depend on the models of the host, only on the database."""

with_companies = hosts("ordinary", "peculiar", "documented")


def input_only(test: Test) -> Test:
    """For input that is refused before it reaches a table: one host and one database tell as much as all."""
    narrowed: Test = hosts("ordinary")(databases("sqlite")(test))
    return narrowed
