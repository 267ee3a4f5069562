"""Rolodex over HTTP: logged in, and deleting, through the views of Flask-AppBuilder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import Model

from examples.appbuilder import create_app
from examples.appbuilder.models import Company, Contact, db
from examples.appbuilder.relationships import relationships
from examples.appbuilder.sample import PASSWORD, seed
from examples.driving import API, ask, statements

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


def test_the_seventeen_routes(app: Flask, log_in: LogIn) -> None:
    judith = log_in("judith")
    ada = f"/contacts/{id_of(app, Contact, first_name='Ada')}"
    orchard = id_of(app, Company)

    assert ask(judith, "GET", f"{ada}/relationship")["profile"]["phone_e164"] == "+61491570156"
    assert ask(judith, "PATCH", f"{ada}/relationship", {"twilio_opt_in": True})["profile"]["twilio_opt_in"] is True

    harvest = {"event_type": "harvest", "title": "Harvest", "event_date": "2020-03-01", "recurs_annually": True}
    event = ask(judith, "POST", f"{ada}/life-events", harvest, 201)["event"]
    assert ask(judith, "GET", f"{ada}/life-events")["events"] == [event]
    assert ask(judith, "PATCH", f"{ada}/life-events/{event['id']}", {"title": "First harvest"})["event"][
        "open_action_id"
    ]

    visit = {"title": "Visit", "action_type": "visit", "company_id": str(orchard)}
    action = ask(judith, "POST", f"{ada}/relationship-actions", visit, 201)["action"]
    assert (action["company_name"], action["assigned_to_name"]) == ("Huon Orchards", "Judith Moss")
    assert len(ask(judith, "GET", f"{ada}/relationship-actions")["actions"]) == 2
    listed = ask(judith, "GET", "/relationship-actions")["actions"]
    assert {(row["source"], row["assigned_to_name"]) for row in listed} == {
        ("manual", "Judith Moss"),
        ("auto", "Kiran Rao"),
    }
    done = ask(judith, "PATCH", f"/relationship-actions/{action['id']}", {"status": "done"})["action"]
    assert done["status"] == "done"

    text = {"channel": "sms", "body": "Good picking", "auto_action_id": event["open_action_id"]}
    message = ask(judith, "POST", f"{ada}/messages", text, 201)["message"]
    assert [row["id"] for row in ask(judith, "GET", f"{ada}/messages")["messages"]] == [message["id"]]

    partners = f"/companies/{orchard}/partners"
    ask(judith, "PUT", f"/companies/{orchard}/client-profile", status=201)
    partner = ask(judith, "POST", partners, {"partner_company_name": "Derwent Juice"}, 201)["partner"]
    changed = ask(judith, "PATCH", f"{partners}/{partner['id']}", {"relationship_type": "buyer"})["partner"]
    assert ask(judith, "GET", partners)["partners"] == [changed]
    summary = ask(judith, "GET", f"/clients/{orchard}/relationship-summary")
    assert {row["first_name"] for row in summary["contacts"]} == {"Ada", "Ben"}
    assert [row["title"] for row in summary["events"]] == ["First harvest"]
    assert ask(judith, "DELETE", f"{partners}/{partner['id']}") == {"ok": True}
    assert ask(judith, "DELETE", f"{ada}/life-events/{event['id']}") == {"ok": True}


def test_a_retired_contact_does_not_exist(app: Flask, log_in: LogIn) -> None:
    judith = log_in("judith")
    ben = id_of(app, Contact, first_name="Ben")
    ask(judith, "POST", f"/contacts/{ben}/relationship-actions", {"title": "Call", "action_type": "call"}, 201)
    assert len(ask(judith, "GET", "/relationship-actions")["actions"]) == 1
    form = {"first_name": "Ben", "last_name": "Ito", "is_retired": "y"}
    assert judith.post(f"/contactview/edit/{ben}", data=form).status_code == 302

    assert ask(judith, "GET", "/relationship-actions")["actions"] == []
    hidden, nobody = (judith.get(f"{API}/contacts/{id}/relationship") for id in (ben, 987654))
    assert hidden.status_code == 404
    assert hidden.data == nobody.data


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


def test_the_list_of_actions_takes_as_many_statements_for_thirty_as_for_three(app: Flask, log_in: LogIn) -> None:
    judith = log_in("judith")
    path = f"/contacts/{id_of(app, Contact, first_name='Ada')}/relationship-actions"
    counted = []
    for rows in (3, 27):
        for _ in range(rows):
            ask(judith, "POST", path, {"title": "Call", "action_type": "call"}, 201)
        with statements(app) as seen:
            listed = ask(judith, "GET", "/relationship-actions")["actions"]
        counted.append((len(listed), len(seen)))
    assert counted == [(3, counted[0][1]), (30, counted[0][1])]


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


def test_the_integration_takes_at_most_fifteen_lines() -> None:
    """From the object to the end, blank lines aside, and the line in the factory."""
    source = Path(__file__).with_name("relationships.py").read_text()
    lines = source[source.index("relationships = ") :].splitlines()
    assert sum(bool(line.strip()) for line in lines) + 1 <= 15
