"""A short comparison: the same answers, statements that are a constant, and ratios that noise does not reach.

What is measured at length stands in the documentation. The ratios here are far below it, and no time is looked at.
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

FASTER = {
    "profile": 0.6,
    "messages": 0.9,
    "all": 1.0,
    "own": 0.9,
    "squad": 0.8,
    "summary": 1.0,
    "many": 2.0,
    "event": 0.5,
}
"""How many times as long the same takes with Flask, the ORM and marshmallow, at the very least."""

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


pytestmark = pytest.mark.databases("sqlite", "postgresql")


def test_everybody_answers_the_same_and_we_are_no_slower(everyone: Everyone) -> None:
    measured = {name: measure(everyone, name, 0.5, rounds=3) for name in ENDPOINTS}
    assert {name: one.statements for name, one in measured.items()} == STATEMENTS
    ratios = {name: measured[name].ratio(MARSHMALLOW) for name in FASTER}
    assert {name: ratio for name, ratio in ratios.items() if ratio < FASTER[name]} == {}


def test_everybody_answers_the_same_of_rare_values(everyone: Everyone) -> None:
    check_rare_values(everyone)
