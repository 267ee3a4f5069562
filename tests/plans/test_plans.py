"""No list reads more of our tables than a page's worth, whatever its scope holds and however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.benchmarks.agency import Agency
from tests.benchmarks.growth import PREFIX, encoded, lists
from tests.benchmarks.population import PRESENT, SQUAD, analyze, fill
from tests.databases import Databases
from tests.plans.reading import OURS, too_much

ACTIONS = 30_000

PAGE = 5

MOST = 1_000
"""Rows: a page of each of twenty people, where one row in four is wanted. The squad has a third more."""


@pytest.fixture(scope="module")
def agency(database: str, databases: Databases) -> Iterator[Agency]:
    agency = Agency(databases.url(database, "plans"))
    fill(agency.engine, agency.relationships, actions=ACTIONS)
    agency.app.extensions["relationships"].clock = lambda: PRESENT
    complete_rows(agency)
    yield agency
    agency.engine.dispose()


def complete_rows(agency: Agency) -> None:
    """Read each contact of the lists once: the first reading completes a profile and the numbers of a contact."""
    agency.shows(None)
    client, paths = agency.client(), [path.split("/") for _, _, path, *_ in lists()]
    for contact in {parts[2] for parts in paths if parts[1] == "contacts" and parts[2].isdigit()}:
        assert client.get(f"{PREFIX}/contacts/{contact}/relationship").status_code == 200


def wrong(
    agency: Agency,
    users: Any,
    path: str,
    query: dict[str, Any],
    *,
    statements_of_ours: int = 2,
    most: int = MOST,
    paged: bool = True,
) -> list[str]:
    """What the statements of one request read too much of."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *rest: Any) -> None:
        statements.append((sql, parameters))

    agency.shows(users)
    client = agency.client()
    sa.event.listen(agency.engine, "before_cursor_execute", note)
    response = client.get(PREFIX + path, query_string={**({"limit": PAGE} if paged else {}), **query})
    sa.event.remove(agency.engine, "before_cursor_execute", note)
    assert response.status_code == 200, response.get_data(as_text=True)
    ours = [one for one in statements if OURS in one[0]]
    assert 1 <= len(ours) <= statements_of_ours
    with agency.engine.connect() as connection:
        return [words for sql, parameters in ours for words in too_much(connection, sql, parameters, most)]


def test_no_list_reads_more_than_its_page(agency: Agency) -> None:
    found = {}
    for name, users, path, query, cursor in lists():
        pages = {"first": query} | ({"half": {**query, "cursor": encoded(cursor)}} if cursor else {})
        for depth, asked in pages.items():
            if words := wrong(agency, users, path, asked, statements_of_ours=_most_statements(path)):
                found[name, depth] = words
    assert {name: words for name, words in found.items() if name not in SORTED[agency.engine.dialect.name]} == {}


def _most_statements(path: str) -> int:
    """The statement that reads the contact of a path reads its stored number too."""
    if "history" in path:
        return 4
    return 3 if path.startswith("/contacts/") else 2


def test_a_client_s_summary_reads_what_concerns_it(agency: Agency) -> None:
    """A client has 200 contacts here, with 900 actions that wait, 600 events and 4,000 messages."""
    asked: Any = (agency, None, "/clients/3/relationship-summary", {})
    found = wrong(*asked, statements_of_ours=6, most=CONCERNING[agency.engine.dialect.name], paged=False)
    assert [words for words in found if "TEMP B-TREE" not in words] == []


CONCERNING = {"sqlite": 0, "mysql": 10_000, "postgresql": 2 * ACTIONS + MOST}
"""PostgreSQL reads a table whole, and twice, of which one client in fifteen is asked for."""

SHORT_SORTS = {
    (f"actions, {scope}, by -created_at, contact_id", depth)
    for scope in ("everyone", "own", "squad", "empty squad")
    for depth in ("first", "half")
} | {("life events", "first")}
"""The rows of one contact are few, and are sorted."""

UNDATED = {("actions, squad, by -created_at, undated", depth) for depth in ("first", "half")}
"""No index has the undated by their creation. Each of the twenty has sixty actions here, so that all of them are read
sooner than the few that are undated are found one by one."""

SORTED: dict[str, set[tuple[str, str]]] = {"sqlite": SHORT_SORTS, "postgresql": UNDATED, "mysql": UNDATED}


def test_a_squad_without_its_index_is_noticed(agency: Agency) -> None:
    """So the test above can fail."""
    table = agency.relationships.models.Action.__table__
    index = next(one for one in table.indexes if str(one.name).endswith("assigned_created"))
    asked: Any = (agency, SQUAD, "/relationship-actions", {"sort": "-created_at"})
    assert wrong(*asked) == []
    index.drop(agency.engine)
    try:
        analyze(agency.engine, table)
        assert wrong(*asked) != []
    finally:
        index.create(agency.engine)
        analyze(agency.engine, table)
