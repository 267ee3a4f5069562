"""The host's session and its transactions, whatever options it gave them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, Response, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from flask_relationships import Relationships
from flask_relationships.testing import MemoryTransport
from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.hosts.made import Made, Models, yes

API = "/api/relationships"
PROFILE = f"{API}/contacts/1/relationship"


@pytest.fixture(
    params=[
        {},
        {"autoflush": False},
        {"expire_on_commit": False},
        {"autoflush": False, "expire_on_commit": False},
        {"autobegin": True, "future": True},
    ],
    ids=lambda options: ", ".join(options) or "as it is",
)
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    """A host whose session has these options."""
    made = Made(Models(db=SQLAlchemy(session_options=request.param))).create_tables()
    made.caller()
    made.contact()
    yield made
    made.close()


def test_every_write_and_what_is_read_after_it(made: Made) -> None:
    caller = made.caller()
    caller.patch("/contacts/1/relationship", {"preferred_name": "Ada", "birthday": "05-15"})
    event = caller.post("/contacts/1/life-events", EVENT)["event"]
    caller.patch(f"/contacts/1/life-events/{event['id']}", {"title": "Jubilee"})
    action = caller.post("/contacts/1/relationship-actions", ACTION)["action"]
    caller.patch(f"/relationship-actions/{action['id']}", {"status": "done"})
    assert caller.get("/contacts/1/relationship")["profile"]["preferred_name"] == "Ada"
    assert [one["title"] for one in caller.get("/contacts/1/life-events")["events"]] == ["Jubilee"]
    caller.delete(f"/contacts/1/life-events/{event['id']}")


def test_what_the_host_left_unsaved_is_saved_with_ours(made: Made) -> None:
    """A host that notes every request before it: its row is flushed first, and committed with a change of ours."""
    company, db = made.models.Company, made.models.db

    @made.app.before_request
    def note() -> None:
        db.session.add(company(name="a note"))

    made.caller().patch("/contacts/1/relationship", {"preferred_name": "Ada"})
    with made.app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(company)) == 1


@pytest.mark.parametrize(("ends_it", "notes"), [(False, 0), (True, 1)])
def test_what_the_host_began_before_a_read_is_its_own_to_end(made: Made, ends_it: bool, notes: int) -> None:
    company, db = made.models.Company, made.models.db

    @made.app.before_request
    def begin() -> None:
        db.session.add(company(name="a note"))

    @made.app.after_request
    def end(response: Response) -> Response:
        if ends_it:
            db.session.commit()
        return response

    made.caller().get("/relationship-actions")
    with made.app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(company)) == notes


def test_a_savepoint_of_the_host_is_part_of_the_transaction(made: Made) -> None:
    db, company = made.models.db, made.models.Company

    @made.app.before_request
    def nest() -> None:
        db.session.begin_nested()
        db.session.add(company(name="within"))

    made.caller().post("/contacts/1/relationship-actions", ACTION)
    with made.app.app_context():
        assert db.session.scalar(sa.select(company.name)) == "within"
    assert made.count("Action") == 1


def test_rows_that_the_host_holds_are_not_lost(made: Made) -> None:
    """Its own objects live on after our commit, and can be used by whatever runs after the view."""
    db, contact, names = made.models.db, made.models.Contact, []

    @made.app.before_request
    def hold() -> None:
        g.held = db.session.get_one(contact, 1)

    @made.app.after_request
    def read(response: Response) -> Response:
        names.append(g.held.first_name)
        return response

    caller = made.caller()
    caller.patch("/contacts/1/relationship", {"preferred_name": "Ada"})
    caller.patch("/contacts/1/relationship", {"preferred_name": 7}, 422)
    assert names == ["Ada", "Ada"]


def test_rows_of_ours_in_a_transaction_of_the_host(made: Made) -> None:
    """A view of the host's reads and writes our tables beside its own, in one transaction that it ends by itself."""
    db, models = made.models.db, made.relationships.models

    @made.app.post("/merge")
    def merge() -> str:
        with db.session.begin_nested():
            profile = db.session.scalar(sa.select(models.Profile).where(models.Profile.contact_id == 1))
            assert profile is not None
            profile.personal_notes = "merged"
            db.session.add(made.models.Company(name="beside"))
        db.session.commit()
        return "merged"

    caller = made.caller()
    caller.get("/contacts/1/relationship")
    assert made.app.test_client().post("/merge").text == "merged"
    assert caller.get("/contacts/1/relationship")["profile"]["personal_notes"] == "merged"


def test_a_view_of_the_host_that_calls_the_api(made: Made) -> None:
    """Over HTTP in the same process, with a transaction of its own open meanwhile."""
    db = made.models.db

    @made.app.get("/panel")
    def panel() -> Any:
        db.session.scalar(sa.select(made.models.Contact))
        answer = made.app.test_client().get(f"{API}/relationship-actions")
        assert db.session.scalar(sa.select(made.models.Contact.first_name)) == "Ada"
        return answer.get_json()

    assert made.app.test_client().get("/panel").get_json() == {"actions": []}


def test_a_host_s_test_that_undoes_everything(engine: sa.Engine) -> None:
    """The usual fixture: one connection, one outer transaction, and a session that only makes savepoints in it."""
    if engine.dialect.name == "sqlite":  # whose driver begins too late for savepoints
        sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    models, app = Models(), Flask(__name__)
    with engine.connect() as connection:
        session = Session(connection, join_transaction_mode="create_savepoint")
        relationships = Relationships(
            session=lambda: session,
            **models.mappings(),
            permission=yes,
            current_user=lambda: 1,
            transport=MemoryTransport(),
        )
        relationships.init_app(app)
        models.db.metadata.create_all(connection)
        connection.commit()
        outer = connection.begin()
        session.add_all([models.User(id=1, name="Grace"), models.Contact(id=1, first_name="Ada")])
        session.commit()
        client = app.test_client()
        assert client.patch(PROFILE, json={"preferred_name": "Ada"}).status_code == 200
        assert client.patch(PROFILE, json={"preferred_name": 7}).status_code == 422
        assert client.post(f"{API}/contacts/1/life-events", json=EVENT).status_code == 201
        assert client.get(PROFILE).get_json()["profile"]["preferred_name"] == "Ada"
        session.close()
        outer.rollback()
        for model in (models.Contact, relationships.models.Profile, relationships.models.LifeEvent):
            assert connection.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_a_transaction_that_the_host_keeps(made: Made) -> None:
    """Begun by hand before each request: over after a change of ours, its own to end after a read."""
    db, active = made.models.db, []

    @made.app.before_request
    def begin() -> None:
        g.transaction = db.session.begin()

    @made.app.after_request
    def end(response: Response) -> Response:
        active.append(g.transaction.is_active)
        if g.transaction.is_active:
            g.transaction.commit()
        return response

    caller = made.caller()
    caller.get("/relationship-actions")
    caller.post("/contacts/1/relationship-actions", ACTION)
    caller.get("/relationship-actions")
    assert active == [True, False, True]
    assert made.count("Action") == 1
