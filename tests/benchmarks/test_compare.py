"""A short comparison: everybody answers the same, and the number of our statements is a constant.

How long each takes is measured by the command alone: a busy machine would fail any limit that is worth setting.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks.compare import check_rare_values, measure, prepare
from tests.benchmarks.peers.everyone import ENDPOINTS, MARSHMALLOW, Everyone
from tests.benchmarks.peers.servers import reset_all, set_up_all
from tests.databases import Databases

STATEMENTS = {
    "profile": 2,
    "messages": 2,
    "all": 1,
    "own": 1,
    "pending": 1,
    "squad": 2,
    "idle": 2,
    "summary": 7,
    "many": 2,
    "event": 6,
}
"""Beside that which loads the current user. The host looks up a squad with one of its own.

``summary`` and ``many`` list pending auto-actions that fell due in the last month: one statement more asks whether the
scheduled job has refreshed them.
"""

ACTIONS = 3_000


@pytest.fixture(scope="module")
def everyone(database: str, databases: Databases) -> Iterator[Everyone]:
    url = databases.url(database, "compared")
    set_up_all()
    try:
        prepare(url, ACTIONS)
        everyone = Everyone(url, [MARSHMALLOW])
        yield everyone
        everyone.close()
    finally:
        reset_all()


pytestmark = pytest.mark.on_databases("sqlite", "postgresql")


def test_everybody_answers_the_same_in_a_constant_number_of_statements(everyone: Everyone) -> None:
    measured = {name: measure(everyone, name, 0.5, rounds=3) for name in ENDPOINTS}
    assert {name: one.statements for name, one in measured.items()} == STATEMENTS


def test_everybody_answers_the_same_of_rare_values(everyone: Everyone) -> None:
    check_rare_values(everyone)
