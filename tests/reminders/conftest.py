from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.databases import Databases
from tests.reminders.office import Office


@pytest.fixture
def open_office(database: str, databases: Databases) -> Iterator[Callable[..., Office]]:
    """``open_office(templates=...)``: an office of its own, on each database."""
    opened: list[Office] = []

    def make(**options: Any) -> Office:
        opened.append(Office(databases.url(database, "reminding_office"), **options))
        return opened[-1]

    yield make
    for office in opened:
        office.close_down()


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office()
