"""Fixtures: small hosts, on SQLite in memory or on the database of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.check.small import Small
from tests.databases import Databases

MakeSmall = Callable[..., Small]


@pytest.fixture
def make() -> Iterator[MakeSmall]:
    """A small host in memory: ``make(contact={"phone": "mobile"})``, without tables."""
    yield from _making("sqlite://")


@pytest.fixture
def make_there(database: str, databases: Databases) -> Iterator[MakeSmall]:
    """The same on each database, whose tables are dropped afterwards."""
    yield from _making(databases.url(database, "check"))


def _making(url: str) -> Iterator[MakeSmall]:
    made: list[Small] = []

    def make(**options: Any) -> Small:
        made.append(Small(options.pop("url", url), **options))
        return made[-1]

    yield make
    for small in made:
        if url != "sqlite://":
            with small.app.app_context():
                small.db.drop_all()
        small.close()
