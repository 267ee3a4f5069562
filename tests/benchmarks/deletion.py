"""How long it takes to delete a contact and a user, with the indexes of the columns that point at them and without.

The host's row goes by SQL, and the database looks for the rows of ours that point at it: messages most of all. Both
columns are measured in one run, on the same rows: each deletion is rolled back, and the first of each kind, which
finds nothing in memory, is not counted. Without: the indexes of keys alone, which version 0.1 had not, are dropped.

``python -m tests.benchmarks.deletion [--database URL] [--messages 200000] [--rounds 5]``
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from tests.benchmarks.agency import Agency
from tests.benchmarks.command import run
from tests.benchmarks.population import EMPTY, analyze, fill

TARGETS = {"contact": 7, "user, with rows": 7, "user, with none": EMPTY[0]}
"""The keys of the rows that are deleted."""

MYSQL = ("mysql", "mariadb")


def measure(url: str, *, messages: int, rounds: int) -> tuple[list[dict[str, Any]], bool]:
    agency = Agency(url)
    try:
        fill(agency.engine, agency.relationships, actions=messages // 2)
        with_indexes = _medians(agency, rounds)
        with _no_link_indexes(agency) as dropped:
            without = _medians(agency, rounds)
        lines = [
            {
                "deleted": name,
                "messages": messages,
                "with ms": round(with_indexes[name] * 1000, 2),
                "without ms": round(without[name] * 1000, 2),
                "times": round(without[name] / with_indexes[name], 1),
                "dropped": dropped,
            }
            for name in TARGETS
        ]
        return lines, True
    finally:
        agency.engine.dispose()


def _medians(agency: Agency, rounds: int) -> dict[str, float]:
    return {name: median([_delete(agency, name) for _ in range(rounds + 1)][1:]) for name in TARGETS}


def _delete(agency: Agency, name: str) -> float:
    """Delete a row of the host and take it back; return the seconds of the statement."""
    hosts = agency.relationships.models.hosts
    table = getattr(hosts, name.partition(",")[0]).key.table
    with agency.engine.connect() as connection, connection.begin() as transaction:
        began = time.perf_counter()
        connection.execute(sa.delete(table).where(table.c.id == TARGETS[name]))
        taken = time.perf_counter() - began
        transaction.rollback()
    return taken


@contextmanager
def _no_link_indexes(agency: Agency) -> Iterator[int]:
    """Drop the indexes that have the name of their foreign key, and make them again; yield how many they are.

    MariaDB keeps an index for each foreign key: there is nothing to drop there.
    """
    tables = agency.relationships.models.tables
    found = [index for table in tables for index in table.indexes if str(index.name).startswith("fk_")]
    if agency.engine.dialect.name in MYSQL:
        found = []
    with agency.engine.begin() as connection:
        for index in found:
            index.drop(connection)
    analyze(agency.engine, *tables)
    yield len(found)
    with agency.engine.begin() as connection:
        for index in found:
            connection.execute(CreateIndex(index))
    analyze(agency.engine, *tables)


if __name__ == "__main__":
    run(__doc__, measure, messages=200_000, rounds=5)
