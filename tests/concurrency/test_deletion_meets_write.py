"""Another process deletes a row of the host's while a request writes rows of ours: none of them is left without it.

SQLite as it is: it enforces no foreign keys.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_relationships.jobs.registry import run_due
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER
from tests.databases import Cleaner, Databases
from tests.hosts.made import Made, Models

CONTACT = "/contacts/{contact}"
WRITES = [
    ("contact", "GET", f"{CONTACT}/relationship", None, 404),
    ("contact", "PATCH", f"{CONTACT}/relationship", {"preferred_name": "Ada"}, 404),
    ("contact", "POST", f"{CONTACT}/life-events", {**EVENT, "event_date": "2031-05-01"}, 404),
    ("contact", "POST", f"{CONTACT}/relationship-actions", ACTION, 404),
    ("contact", "POST", f"{CONTACT}/messages", MESSAGE, 404),
    ("contact", "POST", "/companies/{client}/partners", {**PARTNER, "contact_id": "{contact}"}, 422),
    ("company", "POST", f"{CONTACT}/relationship-actions", {**ACTION, "company_id": "{company}"}, 422),
    ("company", "POST", f"{CONTACT}/life-events", {**EVENT, "company_id": "{company}"}, 422),
    ("company", "PUT", "/companies/{company}/client-profile", None, 404),
    ("company", "PUT", "/companies/{company}/calendar-feed", None, 404),
    ("colleague", "POST", f"{CONTACT}/relationship-actions", {**ACTION, "assigned_to_user_id": "{colleague}"}, 422),
    (
        "colleague",
        "PATCH",
        f"{CONTACT}/relationship-actions/{{action}}",
        {"title": "Call", "assigned_to_user_id": "{colleague}"},
        422,
    ),
    ("me", "POST", f"{CONTACT}/relationship-actions", ACTION, 401),
    ("me", "PUT", "/calendar-feed", None, 401),
]


@pytest.fixture(scope="module", params=["with keys", "without keys"])
def built(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Made]:
    models = Models()
    mappings = models.mappings()
    if request.param == "without keys":
        mappings = {kind: dataclasses.replace(mapping, foreign_key=False) for kind, mapping in mappings.items()}
    url = databases.url("sqlite", f"deletion_meets_write_{request.param.replace(' ', '_')}")
    made = Made(models, database_url=url, **mappings)
    yield made.create_tables()
    made.close()


@pytest.fixture
def made(built: Made) -> Iterator[Made]:
    yield built
    Cleaner(built.app.config["SQLALCHEMY_DATABASE_URI"], built.models.db.metadata).clean()


@pytest.fixture
def ids(made: Made) -> dict[str, str]:
    caller = made.caller()
    ids = {
        "me": "1",
        "contact": made.contact(),
        "company": made.add(made.models.Company, name="Analytical Engines"),
        "client": made.add(made.models.Company, name="Difference Engines"),
        "colleague": made.add(made.models.User, name="Mary Somerville"),
    }
    caller.put(f"/companies/{ids['client']}/client-profile", 201)
    other = made.contact()
    caller.post(f"/contacts/{other}/relationship-actions", ACTION)
    return ids


@contextmanager
def deleting(
    made: Made, kind: str, ids: dict[str, str], before: tuple[str, ...] = ("INSERT", "UPDATE")
) -> Iterator[None]:
    """Delete a row by another connection, just before the first write that begins like this."""
    models = made.models
    model = {"contact": models.Contact, "company": models.Company}.get(kind, models.User)
    with made.app.app_context():
        engine = models.db.engine
    pending = [True]

    def delete(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if pending and statement.lstrip().startswith(before):
            pending.clear()
            other = sa.create_engine(engine.url, poolclass=sa.NullPool)
            with Session(other) as session:
                session.delete(session.get_one(model, int(ids[kind])))
                session.commit()

    sa.event.listen(engine, "before_cursor_execute", delete)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", delete)
    assert not pending, "nothing was written"


def orphans(made: Made) -> list[str]:
    """The columns of our tables that point at rows of the host's that are gone."""
    found = []
    models, ours = made.models, made.relationships.models
    keys = {"contact": models.Contact.id, "company": models.Company.id, "user": models.User.id}
    with made.app.app_context():
        for table in ours.tables:
            for column in table.c:
                kind = column.info.get("host")
                if kind is None:
                    continue
                lost = sa.select(sa.func.count()).select_from(table)
                lost = lost.where(column.is_not(None), column.not_in(sa.select(keys[kind])))
                if models.db.session.scalar(lost):
                    found.append(str(column))
    return found


@pytest.mark.parametrize(("kind", "method", "path", "body", "status"), WRITES)
def test_no_row_is_left_without_the_host_s(
    made: Made, ids: dict[str, str], kind: str, method: str, path: str, body: Any, status: int
) -> None:
    api = made.caller()
    if "{action}" in path:
        ids["action"] = api.post(f"/contacts/{ids['contact']}/relationship-actions", ACTION)["action"]["id"]
    if "/messages" in path:
        api.patch(f"/contacts/{ids['contact']}/relationship", {"twilio_opt_in": True})
    filled = body and {name: value.format(**ids) if isinstance(value, str) else value for name, value in body.items()}
    with deleting(made, kind, ids):
        response = api.ask(method, path.format(**ids), filled)
    assert response.status_code == status, response.get_data(as_text=True)
    assert orphans(made) == []


def test_a_session_that_deletes_the_contact_of_its_own_new_rows(made: Made, ids: dict[str, str]) -> None:
    """The application's own code may do both in one transaction."""
    models, session = made.relationships.models, made.models.db.session
    with made.app.app_context():
        now = made.app.extensions["relationships"].now()
        contact = session.get(made.models.Contact, int(ids["contact"]))
        session.add(models.Profile(contact_id=contact.id, created_at=now, updated_at=now))
        session.flush()
        session.delete(contact)
        session.commit()
    assert orphans(made) == []


def test_what_was_rolled_back_is_not_looked_up(made: Made, ids: dict[str, str]) -> None:
    models, session = made.relationships.models, made.models.db.session
    with made.app.app_context():
        now = made.app.extensions["relationships"].now()
        session.add(models.Profile(contact_id=987654, created_at=now, updated_at=now))
        session.flush()
        session.rollback()
        session.commit()
    assert orphans(made) == []


def test_scheduled_jobs(made: Made, ids: dict[str, str]) -> None:
    """The reminder to keep in touch is created while the contact is deleted."""
    made.caller().patch(f"/contacts/{ids['contact']}/relationship", {"cadence_days": 1})
    with made.app.app_context():
        today = made.app.extensions["relationships"].today()
    with deleting(made, "contact", ids, before=("INSERT INTO relationships_actions",)), made.app.app_context():
        assert run_due(today + timedelta(days=30)).failed == ()
    assert orphans(made) == []
