"""Contacts with owners: a page of one's overdue contacts, and a run for those whose day is full, read few rows of ours.

The backlog has 8,000 contacts. One user has set all cadences and owns none; the contacts of another lie last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ActionScope
from flask_relationships.domain.keeping_in_touch import assignee_copies, reminders
from tests.benchmarks.owned_contacts import IDLE, LATE_OWNER, NOW, OWNERS, SETTER, OwnedContacts
from tests.benchmarks.population import analyze
from tests.databases import Databases
from tests.plans.reading import OURS, too_much

DUE = 8_000

PER_DAY = 2

PAGE = 5

MOST = 500
"""Rows of ours: a page of each of twenty people. MariaDB counts the host's too, and its own of intermediate results."""

Statements = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def office(database: str, databases: Databases) -> Iterator[OwnedContacts]:
    made = OwnedContacts(databases.url(database, "plans_owners"))
    made.fill(DUE + 1000, DUE)
    with made.made.app.app_context():
        assert assignee_copies.fill(made.state.context()) == DUE + 1000
    analyze(made.engine, made.made.table("Profile"))
    yield made
    made.close()


class Noted:
    """The statements over our tables that an engine runs."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine, self.statements = engine, Statements()

    def __enter__(self) -> Statements:
        sa.event.listen(self.engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if OURS in sql:
            self.statements.append((sql, parameters))


def wrong(engine: sa.Engine, statements: Statements) -> list[str]:
    most = MOST * (2 if engine.dialect.name == "mysql" else 1)
    with engine.connect() as connection:
        return [words for one in statements for words in too_much(connection, *one, most)]


@pytest.mark.parametrize(
    "users",
    [OWNERS[:1], [LATE_OWNER], [IDLE], [SETTER], OWNERS, [SETTER, LATE_OWNER, IDLE]],
    ids=["first", "last", "none", "setter", "twenty", "three"],
)
def test_a_page_of_a_scope_reads_few_rows(office: OwnedContacts, users: Sequence[int]) -> None:
    office.scope = ActionScope.users(users)
    caller = office.made.caller()
    with Noted(office.engine) as first:
        page = caller.get("/contacts/neglected", limit=PAGE)
    assert len(page["contacts"]) == (0 if set(users) <= {IDLE, SETTER} else PAGE)
    assert len(first) == 1, "one statement"
    found = wrong(office.engine, first)
    if page["next_cursor"] is not None:
        with Noted(office.engine) as next_one:
            caller.get("/contacts/neglected", limit=PAGE, cursor=page["next_cursor"])
        found += wrong(office.engine, next_one)
    assert found == []


def test_copies_that_are_not_read_yet_are_noticed(office: OwnedContacts) -> None:
    """So the test above can fail: unknown copies are compared one by one, and none is hidden."""
    profile = office.made.table("Profile")
    with office.engine.begin() as connection:
        before = connection.execute(sa.select(profile.c.id, profile.c.in_touch_user_id)).all()
        connection.execute(sa.update(profile).values(assignee_copies.UNKNOWN))
    analyze(office.engine, profile)
    office.scope = ActionScope.users([LATE_OWNER])
    try:
        with Noted(office.engine) as statements:
            page = office.made.caller().get("/contacts/neglected", limit=PAGE)
        assert len(page["contacts"]) == PAGE
        if office.engine.dialect.name != "sqlite":  # whose plan has no numbers
            assert wrong(office.engine, statements) != []
    finally:
        with office.made.app.app_context():
            assignee_copies.fill(office.state.context())
        analyze(office.engine, profile)
        with office.engine.begin() as connection:
            after = connection.execute(sa.select(profile.c.id, profile.c.in_touch_user_id)).all()
        assert set(after) == set(before)


def run(office: OwnedContacts) -> tuple[int, Statements]:
    with office.made.app.app_context(), Noted(office.engine) as statements:
        done = reminders.remind(office.state.context(), NOW.date())
    return len(done.made), statements


def test_the_backlog_of_full_days_is_not_read_again(office: OwnedContacts) -> None:
    office.state.settings = office.state.settings._replace(in_touch_per_day=PER_DAY)
    assert run(office)[0] == PER_DAY * (len(OWNERS) + 1)
    if office.engine.dialect.name != "sqlite":  # which scans a table that it knows to be small
        analyze(office.engine, office.made.table("Action"))
    analyze(office.engine, office.made.table("Profile"))
    made, statements = run(office)
    assert made == 0
    assert 1 <= len(statements) <= 5, "none for each of those whose day is full"
    found = wrong(office.engine, statements)
    assert [words for words in found if "TEMP B-TREE" not in words] == [], "what is due of nobody is few, and sorted"


def test_who_has_room_is_reminded_though_others_have_none(office: OwnedContacts) -> None:
    run(office)
    with office.engine.begin() as connection:
        contact = office.models.Contact.__table__
        connection.execute(sa.update(contact).where(contact.c.id == DUE - 1).values(owner_id=IDLE))
        profile = office.made.table("Profile")
        theirs = sa.update(profile).where(profile.c.contact_id == DUE - 1)
        connection.execute(theirs.values(assignee_copies.UNKNOWN))
    with office.made.app.app_context():
        assignee_copies.fill(office.state.context())
    assert [run(office)[0] for _ in range(2)] == [1, 0]
