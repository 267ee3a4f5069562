"""How the time of each paged list grows from ten thousand actions to a million, through the HTTP API.

``python -m tests.benchmarks.growth [--database URL] [--rounds 15] [--largest 1000000]``: a database for each size has
the name of the URL and the number of actions, such as ``growth10000``. One of a server has to be there, empty, or
filled by an earlier run. Rounds are interleaved; a list is flat where it takes at most 1.75 times as long as in the
first size, at the first page and at half depth.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.agency import Agency
from tests.benchmarks.command import run
from tests.benchmarks.population import EMPTY, PRESENT, SQUAD, fill

SIZES = (10_000, 100_000, 1_000_000)

MOST = 1.75

PREFIX = "/api/relationships"

SCOPES: dict[str, Any] = {"everyone": None, "own": (1,), "squad": SQUAD, "empty squad": EMPTY}

FILTERS: dict[str, dict[str, Any]] = {
    "": {},
    "status": {"status": "pending"},
    "action_type": {"action_type": "gift"},
    "source": {"source": "manual"},
    "assigned_to_user_id": {"assigned_to_user_id": 21},
    "assignee": {"assignee": "me"},
    "contact_id": {"contact_id": 7},
    "due_before": {"due_before": "2027-01-15"},
    "due_after": {"due_after": "2027-01-15"},
    "overdue": {"status": "pending", "due_before": "2027-01-15"},
    "undated": {"due": "none"},
}

OTHERS = {
    "messages": "/contacts/7/messages",
    "life events": "/contacts/7/life-events",
    "partners": "/companies/3/partners",
    "unmatched": "/messages/unmatched",
    "history": "/relationship-actions/01900000-0000-7000-8005-000000000001/history",
}


def lists() -> Iterator[tuple[str, Any, str, dict[str, Any], list[str]]]:
    """Each list: its name, the scope's users, path, query, and a cursor in the middle of it."""
    middle, id_ = "2027-01-15", "01900000-0000-7000-8005-000000001000"
    for scope, users in SCOPES.items():
        for sort, cursor in (("due_date", [middle, id_]), ("-created_at", ["2025-07-15T12:00:00", id_])):
            for name, query in FILTERS.items():
                about = f"actions, {scope}, by {sort}, {name}".removesuffix(", ")
                yield about, users, "/relationship-actions", {**query, "sort": sort}, cursor
        yield f"action centre, {scope}", users, "/action-centre", {}, ["1", middle, id_.replace("8005", "8006")]
        yield f"neglected, {scope}", users, "/contacts/neglected", {}, []
    for name, path in OTHERS.items():
        yield name, None, path, {}, []


def encoded(cursor: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")


def _taken(agency: Agency, client: Any, users: Any, path: str, query: dict[str, Any]) -> float:
    agency.shows(users)
    began = time.perf_counter()
    response = client.get(PREFIX + path, query_string={"limit": 50, **query})
    taken = time.perf_counter() - began
    assert response.status_code == 200, (path, query, response.get_data(as_text=True))
    return taken


def agency_of(url: str, actions: int) -> Agency:
    whole = sa.make_url(url)
    agency = Agency(whole.set(database=f"{whole.database}{actions}").render_as_string(hide_password=False))
    agency.app.extensions["relationships"].clock = lambda: PRESENT
    name = agency.relationships.models.Message.__table__.name
    with agency.app.app_context():
        there = sa.inspect(agency.engine).has_table(name)
    if not there:
        fill(agency.engine, agency.relationships, actions=actions)
    return agency


def measure(url: str, *, rounds: int, largest: int) -> tuple[list[dict[str, Any]], bool]:
    sizes = [size for size in SIZES if size <= largest]
    agencies = [agency_of(url, size) for size in sizes]
    clients = [agency.client() for agency in agencies]
    lines, right = [], True
    for name, users, path, query, cursor in lists():
        depths = {"first": query}
        if cursor:
            depths["half"] = {**query, "cursor": encoded(cursor)}
        for depth, asked in depths.items():
            taken: list[list[float]] = [[] for _ in sizes]
            for number in range(rounds + 2):
                for place, (agency, client) in enumerate(zip(agencies, clients, strict=True)):
                    seconds = _taken(agency, client, users, path, asked)
                    if number > 1:
                        taken[place].append(seconds)
            times = [median(one) for one in taken]
            ratio = median(last / first for first, last in zip(taken[0], taken[-1], strict=True))
            right = right and ratio <= MOST
            told = {f"{size // 1000}k ms": round(seconds * 1000, 2) for size, seconds in zip(sizes, times, strict=True)}
            lines.append({"list": name, "page": depth, **told, "ratio": round(ratio, 2), "flat": ratio <= MOST})
    return lines, right


if __name__ == "__main__":
    run(__doc__, measure, rounds=15, largest=1_000_000)
