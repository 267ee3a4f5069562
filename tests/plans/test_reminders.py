"""The job that reminds reads nothing of the backlog of a user who has got as many reminders today as they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.domain.keeping_in_touch import reminders
from tests.benchmarks.agency import Agency
from tests.benchmarks.population import PRESENT, analyze, fill
from tests.databases import Databases
from tests.plans.reading import OURS, too_much

ACTIONS = 20_000

SETTERS = 3

MOST = 300
"""Rows: the backlog has 2,000. What is read is the reminders of today, and a step for each user."""


@pytest.fixture(scope="module")
def agency(database: str, databases: Databases) -> Iterator[Agency]:
    """Two thousand contacts that have been due for long: three users have set their cadence, or nobody has."""
    agency = Agency(databases.url(database, "plans_reminders"))
    fill(agency.engine, agency.relationships, actions=ACTIONS)
    agency.app.extensions["relationships"].clock = lambda: PRESENT
    profile = agency.relationships.models.Profile.__table__
    setter = profile.c.contact_id % (SETTERS + 1)
    due = PRESENT.toordinal() - 5 - profile.c.contact_id % 1000
    late = {"cadence_days": 30, "in_touch_due_day": due, "in_touch_remind_day": due, "last_contact_at": None}
    setting = sa.update(profile).values(**late, cadence_set_by_user_id=sa.case((setter > 0, setter)))
    with agency.engine.begin() as connection:
        connection.execute(setting)
    analyze(agency.engine, profile)
    yield agency
    agency.engine.dispose()


def run(agency: Agency) -> tuple[int, list[tuple[str, Any]]]:
    """Run the job; return how many it made, and its statements."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *rest: Any) -> None:
        statements.append((sql, parameters))

    state = agency.app.extensions["relationships"]
    sa.event.listen(agency.engine, "before_cursor_execute", note)
    with agency.app.app_context():
        done = reminders.remind(state.context(), PRESENT.date())
    sa.event.remove(agency.engine, "before_cursor_execute", note)
    return len(done.made), statements


def test_a_full_day_s_backlog_is_not_read_again(agency: Agency) -> None:
    most = agency.app.extensions["relationships"].settings.in_touch_per_day
    assert run(agency)[0] == most * (SETTERS + 1)
    analyze(agency.engine, agency.relationships.models.Action.__table__)
    made, statements = run(agency)
    assert made == 0
    ours = [(sql, parameters) for sql, parameters in statements if OURS in sql]
    assert 1 <= len(ours) <= 3
    with agency.engine.connect() as connection:
        found = {sql: words for sql, parameters in ours if (words := too_much(connection, sql, parameters, MOST))}
    assert found == {}


def test_who_has_room_is_reminded_though_others_have_none(agency: Agency) -> None:
    profile = agency.relationships.models.Profile.__table__
    run(agency)
    with agency.engine.begin() as connection:
        waits = (profile.c.cadence_set_by_user_id == 1, profile.c.in_touch_remind_day <= PRESENT.toordinal())
        row = connection.execute(sa.select(profile.c.id).where(*waits).limit(1)).scalar_one()
        connection.execute(sa.update(profile).where(profile.c.id == row).values(cadence_set_by_user_id=4))
    assert [run(agency)[0] for _ in range(2)] == [1, 0]
