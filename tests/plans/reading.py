"""How much a database reads of our tables for one statement, as far as each of them tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

OURS = "relationships_"


def too_much(connection: sa.Connection, sql: str, parameters: Any, most: int) -> list[str]:
    """Why a statement reads more than ``most`` rows, or sorts a scope: nothing, where it does not."""
    kind = connection.dialect.name
    if kind == "sqlite":
        return list(_sqlite(connection, sql, parameters))
    read = _postgresql(connection, sql, parameters) if kind == "postgresql" else _mariadb(connection, sql, parameters)
    return [f"{read} rows are read"] if read > most else []


def _sqlite(connection: sa.Connection, sql: str, parameters: Any) -> Iterator[str]:
    """Its plan names what it scans without an index, and what it sorts. Only what a page has left may be sorted: at the
    top, or where nothing but an inner page is read."""
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
    reading = {parent for _id, parent, _, step in plan if parent != 0 and OURS in step}
    for _id, parent, _, step in plan:
        if re.fullmatch(rf"SCAN {OURS}\w+", step) or ("TEMP B-TREE" in step and parent in reading):
            yield step


def _postgresql(connection: sa.Connection, sql: str, parameters: Any) -> float:
    told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) {sql}", parameters)
    found = told.scalar_one()
    return _rows((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def _rows(node: dict[str, Any]) -> float:
    """The rows of our tables that were found, and those that were found and thrown away."""
    names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    mine = sum(node.get(name, 0) for name in names) if node.get("Relation Name", "").startswith(OURS) else 0
    return float(mine * node["Actual Loops"] + sum(_rows(inner) for inner in node.get("Plans", ())))


def _mariadb(connection: sa.Connection, sql: str, parameters: Any) -> float:
    """Its plans are guesses; it counts what it has read, of any table, its own of intermediate rows included."""
    connection.exec_driver_sql("FLUSH STATUS")
    connection.exec_driver_sql(sql, parameters).all()
    told = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'", ())
    return float(sum(int(count) for _, count in told))
