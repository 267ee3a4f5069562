"""A database of version 0.1 with data: upgraded by the host's own migration, used by both releases, and taken back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.jobs import registry as jobs
from flask_relationships.testing.contract.specification import ROUTES
from tests.hosts.made import KEYS, Made, Models
from tests.migrations import release_0_1 as release
from tests.migrations.alembic_project import AlembicProject, operations
from tests.migrations.host_metadata import host_metadata

ADDING = {"add_column", "create_index", "create_table", "create_unique_constraint", "create_foreign_key"}

FORGOTTEN = {f"{release.PREFIX}{name}" for name in ("idempotency_keys", "message_counts")}
"""Tables whose rows are deleted when they are old."""


@pytest.fixture(params=["int", "uuid"])
def made(request: pytest.FixtureRequest, engine: sa.Engine) -> Iterator[Made]:
    """The host's application with this release, on a database where nothing is yet."""
    url = engine.url.render_as_string(hide_password=False)
    made = Made(Models(KEYS[request.param]), database_url=url)
    yield made
    made.close()


class Database:
    """A database of 0.1, in which one person has rows in every table."""

    def __init__(self, made: Made, engine: sa.Engine) -> None:
        self.made, self.engine = made, engine
        self.metadata = release.released_metadata(made.models.db.metadata)
        self.metadata.create_all(engine)
        models = made.models
        self.user = self._add(models.User, name="Grace Hopper")
        self.company = self._add(models.Company, name="Analytical Engines")
        with engine.begin() as connection:
            release.insert(connection, self.metadata, {"client_profiles": [dict(release.client_profile(self.company))]})
        self.first = self.add_person("Ada")

    def _add(self, model: Any, **values: Any) -> Any:
        with self.made.app.app_context():
            row = model(**values)
            self.made.models.db.session.add(row)
            self.made.models.db.session.commit()
            return row.id

    def add_person(self, name: str) -> dict[str, Any]:
        """Another contact, with rows that a process of 0.1 inserts. Returns the ids that routes need."""
        contact = self._add(self.made.models.Contact, first_name=name, last_name="L", company_id=self.company)
        with self.made.app.app_context():
            today = self.made.app.extensions["relationships"].clock().date()
        rows = release.rows_of_one_person(contact, self.company, self.user, today)
        with self.engine.begin() as connection:
            release.insert(connection, self.metadata, rows)
        named = {"event": "life_events", "action": "actions", "partner": "partners", "message": "messages"}
        ids = {one: str(rows[table][0]["id"]) for one, table in named.items()}
        ids |= {"waiting": ids["message"], "unconfirmed": ids["message"]}
        return {**ids, "contact": str(contact), "company": str(self.company)}

    def read(self) -> dict[str, list[dict[str, Any]]]:
        with self.engine.connect() as connection:
            return release.read(connection, self.metadata)

    def look(self, ids: dict[str, Any]) -> None:
        """Ask every GET of the API."""
        caller = self.made.caller()
        for route in ROUTES:
            if route.method == "GET":
                answer = caller.ask(route.method, route.path.format(**ids))
                assert answer.status_code == 200, (str(route), answer.get_data(as_text=True))

    def use(self, ids: dict[str, Any]) -> None:
        """Ask every route once, those that delete last. The company stays a client."""
        caller = self.made.caller()
        for route in sorted(ROUTES, key=lambda route: route.method == "DELETE"):
            if str(route) == "DELETE /companies/{company}/client-profile":
                continue
            answer = caller.ask(route.method, route.path.format(**ids), route.body)
            assert answer.status_code < 300 or answer.status_code in (404, 409), (
                str(route),
                answer.get_data(as_text=True),
            )

    def run_jobs(self) -> None:
        with self.made.app.app_context():
            done = jobs.run_due()
        assert not done.failed, json.dumps(done.as_json())


@pytest.fixture
def database_0_1(made: Made, engine: sa.Engine) -> Database:
    return Database(made, engine)


def test_every_later_column_may_be_left_out() -> None:
    """A process of 0.1 goes on inserting rows while this release runs, and gives no value for later columns."""
    metadata = host_metadata()
    released = release.released_metadata(metadata)
    for name, table in released.tables.items():
        later = [column for column in metadata.tables[name].c if column.name not in table.c]
        unfit = [f"{name}.{column.name}" for column in later if not column.nullable and column.server_default is None]
        assert unfit == []


@pytest.mark.parametrize("batches", [True, False], ids=["batches", "no batches"])
def test_the_upgrade_and_the_way_back(database_0_1: Database, tmp_path: Path, batches: bool) -> None:
    old, made, engine = database_0_1, database_0_1.made, database_0_1.engine
    if not batches and engine.dialect.name == "sqlite":
        pytest.skip("SQLite alters no constraint; Flask-Migrate asks for batches by itself")
    before = old.read()
    project = AlembicProject(tmp_path / "new", engine, made.models.db.metadata, render_as_batch=batches)
    assert set(operations(project.autogenerate())["up"]) <= ADDING
    project.upgrade()
    assert project.differences() == []
    assert old.read() == before
    old.run_jobs()
    old.look(old.first)
    second = old.add_person("Mary")
    old.look(second)
    old.run_jobs()
    old.use(old.first)
    third = old.add_person("Charles")
    old.run_jobs()
    old.look(third)
    project.downgrade()
    assert AlembicProject(tmp_path / "old", engine, old.metadata).differences() == []
    assert {name for name, rows in old.read().items() if not rows} <= FORGOTTEN
    old.add_person("Emmy")


def test_what_is_there_stays_what_it_was(database_0_1: Database, tmp_path: Path) -> None:
    """The first runs of this release fill in what is new. They change no value that somebody gave."""
    old, engine = database_0_1, database_0_1.engine
    project = AlembicProject(tmp_path, engine, old.made.models.db.metadata)
    project.autogenerate()
    project.upgrade()
    before = old.read()
    for _ in range(2):
        old.run_jobs()
    after = old.read()
    written = ("profiles", "life_events", "messages", "partners", "consent_entries", "suppressions", "client_profiles")
    by_jobs = {"birthday_owed", "in_touch_remind_day", "next_reminder", "updated_at"}
    for name in (release.PREFIX + one for one in written):
        kept = [{column: row[column] for column in row if column not in by_jobs} for row in before[name]]
        found = {row["id"]: row for row in after[name]}
        assert [{column: found[row["id"]][column] for column in row} for row in kept] == kept


def test_open_actions_of_the_zeroth_year_are_dismissed(database_0_1: Database, tmp_path: Path) -> None:
    """Version 0.1 created an action for the day of an anniversary itself. One that a person has changed stays."""
    old, engine = database_0_1, database_0_1.engine
    table = old.metadata.tables[f"{release.PREFIX}actions"]
    changes = old.metadata.tables[f"{release.PREFIX}action_changes"]
    people = {name: old.add_person(name) for name in ("unchanged", "edited", "marked", "done", "one-off")}
    events = old.metadata.tables[f"{release.PREFIX}life_events"]
    with engine.begin() as connection:
        day = connection.execute(sa.select(events.c.event_date).where(events.c.event_type == "anniversary")).scalar()
        automatic = sa.select(table.c.life_event_id, table.c.id).where(table.c.occurrence_date == day)
        by_event = dict(connection.execute(automatic).all())
        keys = {name: by_event[uuid.UUID(ids["event"])] for name, ids in people.items()}
        done = sa.update(table).where(table.c.id == keys["done"]).values(status="done", closed_by="user")
        connection.execute(done)
        connection.execute(sa.update(table).where(table.c.id == keys["marked"]).values(set_by_hand="title"))
        change = {"id": uuid.uuid4(), "action_id": keys["edited"], "kind": "edited", "by": "user", "changes": "{}"}
        connection.execute(sa.insert(changes).values(**change, created_at=datetime.now(UTC).replace(tzinfo=None)))
        one_off = sa.update(events).where(events.c.id == uuid.UUID(people["one-off"]["event"]))
        connection.execute(one_off.values(recurs_annually=False, month_day=None))
    project = AlembicProject(tmp_path, engine, old.made.models.db.metadata)
    project.autogenerate()
    project.upgrade()
    old.run_jobs()
    with engine.connect() as connection:
        found = dict(connection.execute(sa.select(table.c.id, table.c.status)).all())
    expected = dict.fromkeys(people, "pending") | {"unchanged": "dismissed", "done": "done"}
    assert {name: found[key] for name, key in keys.items()} == expected
