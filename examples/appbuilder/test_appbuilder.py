"""Rolodex over HTTP: logged in, and deleting, through the views of Flask-AppBuilder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import Model

from examples.appbuilder import create_app
from examples.appbuilder.models import Contact, Task, db
from examples.appbuilder.relationships import relationships
from examples.appbuilder.sample import PASSWORD, seed
from examples.driving import ask

CONFIG = {"WTF_CSRF_ENABLED": False, "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1000"}
LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def database_url() -> str:
    return "sqlite://"


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    app = create_app(database_url, **CONFIG)
    with app.app_context():
        seed()
    yield app
    with app.app_context():
        Model.metadata.drop_all(db.engine)
        db.engine.dispose()


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/login/", data={"username": username, "password": PASSWORD}).status_code == 302
        return client

    return log_in


def id_of(app: Flask, model: Any, **named: str) -> Any:
    with app.app_context():
        return db.session.scalars(sa.select(model.id).filter_by(**named)).one()


def test_the_roles_of_the_framework_decide(app: Flask, log_in: LogIn) -> None:
    kiran, judith = log_in("kiran"), log_in("judith")
    ada = f"/contacts/{id_of(app, Contact, first_name='Ada')}"
    event = ask(kiran, "POST", f"{ada}/life-events", {"event_type": "award", "title": "Award"}, 201)["event"]
    ask(kiran, "DELETE", f"{ada}/life-events/{event['id']}", status=403)
    ask(judith, "POST", f"{ada}/relationship-actions", {"title": "Call", "action_type": "call"}, 201)
    assert {row["title"] for row in ask(kiran, "GET", "/relationship-actions")["actions"]} == {"Award"}
    assert len(ask(judith, "GET", "/relationship-actions")["actions"]) == 2
    ask(judith, "DELETE", f"{ada}/life-events/{event['id']}")
    ask(app.test_client(), "GET", f"{ada}/relationship", status=401)


def test_the_framework_deletes_a_contact_and_what_we_keep_of_them_goes_too(app: Flask, log_in: LogIn) -> None:
    judith = log_in("judith")
    ada = id_of(app, Contact, first_name="Ada")
    ask(judith, "PATCH", f"/contacts/{ada}/relationship", {"twilio_opt_in": True})
    ask(judith, "POST", f"/contacts/{ada}/life-events", {"event_type": "award", "title": "Award"}, 201)
    ask(judith, "POST", f"/contacts/{ada}/messages", {"channel": "sms", "body": "Congratulations"}, 201)

    assert judith.post(f"/contactview/delete/{ada}").status_code == 302
    models = relationships.models
    with app.app_context():
        assert db.session.get(Contact, ada) is None
        for model in (models.Profile, models.LifeEvent, models.Action, models.Message, models.ActionCentreItem):
            assert db.session.scalars(sa.select(model)).all() == []


def test_a_task_that_is_ticked_off_in_the_framework_s_form_closes_its_action(app: Flask, log_in: LogIn) -> None:
    judith = log_in("judith")
    ada = id_of(app, Contact, first_name="Ada")
    new = {"title": "Call about the orchard", "action_type": "call", "due_date": "2031-05-01"}
    action = ask(judith, "POST", f"/contacts/{ada}/relationship-actions", new, 201)["action"]["id"]
    task = id_of(app, Task, title="Call about the orchard")

    def save(**changed: str) -> dict[str, Any]:
        form = {"title": "Call about the orchard", "due": "2031-05-01", "contact": str(ada), **changed}
        assert judith.post(f"/taskview/edit/{task}", data=form).status_code == 302
        found: dict[str, Any] = ask(judith, "GET", f"/relationship-actions/{action}")["action"]
        return found

    assert save(state="in progress")["status"] == "pending"
    assert save(state="done")["status"] == "done"
    assert save(state="open")["status"] == "pending"
    assert judith.post(f"/taskview/delete/{task}").status_code == 302
    assert ask(judith, "GET", f"/relationship-actions/{action}")["action"]["status"] == "dismissed"
    lines = ask(judith, "GET", f"/relationship-actions/{action}/history")["history"]
    kinds = ["dismissed", "reopened", "done", "created"]
    assert [line["kind"] for line in lines] == kinds
    assert {(line["by"], line["user_name"]) for line in lines[:3]} == {("task", "Judith Moss")}


def test_a_database_older_than_the_tool_gets_its_tables_by_command(app: Flask) -> None:
    """Flask-AppBuilder makes tables in an empty database only."""
    ours = relationships.models.tables
    runner = app.test_cli_runner()
    with app.app_context():
        Model.metadata.drop_all(db.engine, tables=ours)
    assert "tables_missing" in runner.invoke(args=["relationships", "check", "--json"]).output
    assert runner.invoke(args=["relationships", "init-db"]).exit_code == 0
    checked = runner.invoke(args=["relationships", "check"])
    assert checked.exit_code == 0, checked.output


def test_a_second_application_in_the_same_process(log_in: LogIn) -> None:
    other = create_app("sqlite://", **CONFIG, RELATIONSHIPS_URL_PREFIX="/tool")
    assert other.test_client().get("/tool/relationship-actions").status_code == 401
    ask(log_in("kiran"), "GET", "/relationship-actions")
    with other.app_context():
        db.engine.dispose()


def test_an_anonymous_user_is_sent_to_the_log_in_of_the_framework(app: Flask) -> None:
    answer = app.test_client().get("/relationships/")
    assert answer.status_code == 302
    assert answer.location.startswith("/login/?next=")
