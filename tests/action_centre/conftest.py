"""An office for each test, on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.action_centre.office import STYLES, Office
from tests.databases import Databases

MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(database: str, databases: Databases) -> Iterator[MakeOffice]:
    made: list[Office] = []

    def make(style: str = "text", **options: Any) -> Office:
        made.append(Office(STYLES[style], databases.url(database, f"tasks_{style}"), options))
        return made[-1]

    yield make
    for office in made:
        office.close()


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office()
