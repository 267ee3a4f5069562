"""Switchboard over HTTP, in a database without enforced foreign keys where that is SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from examples.driving import API, ask
from examples.many_companies import create_app
from examples.many_companies.models import Company, Contact, Phone, db, employments
from examples.many_companies.relationships import relationships
from examples.many_companies.sample import PASSWORD, seed

LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def database_url() -> str:
    return "sqlite://"


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    app = create_app(database_url)
    with app.app_context():
        seed()
    yield app
    with app.app_context():
        db.drop_all()
        db.engine.dispose()


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    def log_in(given_name: str) -> FlaskClient:
        client = app.test_client()
        form = {"given_name": given_name, "password": PASSWORD}
        assert client.post("/login", data=form).status_code == 302
        return client

    return log_in


def id_of(app: Flask, model: Any, **named: str) -> Any:
    with app.app_context():
        return db.session.scalars(sa.select(model.id).filter_by(**named)).one()


def test_every_company_of_a_contact_lists_them(app: Flask, log_in: LogIn) -> None:
    nora = log_in("Nora")
    seen = {}
    for name in ("Mühle & Söhne", "Kleine Presse"):
        company = id_of(app, Company, name=name)
        answer = ask(nora, "GET", f"/clients/{company}/relationship-summary")
        seen[name] = {row["first_name"] for row in answer["contacts"]}
    assert seen == {"Mühle & Söhne": {"Ada"}, "Kleine Presse": {"Ada", "Jan"}}
    mill = id_of(app, Company, name="Mühle & Söhne")
    assert ask(nora, "GET", f"/companies/{mill}/partners", status=404)["code"] == "not_a_client"
    closed = id_of(app, Company, name="Alte Schmiede")
    assert ask(nora, "GET", f"/clients/{closed}/relationship-summary", status=404)["code"] == "not_found"


def test_somebody_elses_private_contact_does_not_exist(app: Flask, log_in: LogIn) -> None:
    nora, emil = log_in("Nora"), log_in("Emil")
    ida = id_of(app, Contact, first_name="Ida")
    press = id_of(app, Company, name="Kleine Presse")
    event = {"event_type": "birthday", "title": "Ida's", "event_date": "1990-01-02", "recurs_annually": True}
    ask(emil, "POST", f"/contacts/{ida}/life-events", {**event, "company_id": str(press)}, 201)
    partner = {"partner_company_name": "Papier AG", "contact_id": str(ida)}
    ask(emil, "POST", f"/companies/{press}/partners", partner, 201)

    hidden, nobody = nora.get(f"{API}/contacts/{ida}/relationship"), nora.get(f"{API}/contacts/987654/relationship")
    assert hidden.status_code == 404
    assert hidden.data == nobody.data
    assert "Ida" in emil.get(f"{API}/clients/{press}/relationship-summary").text
    summary = nora.get(f"{API}/clients/{press}/relationship-summary").text
    assert "Papier AG" in summary
    assert "Ida" not in summary


def test_the_owner_is_reminded_and_only_the_owner_deletes(app: Flask, log_in: LogIn) -> None:
    nora, emil = log_in("Nora"), log_in("Emil")
    jan = f"/contacts/{id_of(app, Contact, first_name='Jan')}"
    event = ask(nora, "POST", f"{jan}/life-events", {"event_type": "award", "title": "Award"}, 201)["event"]
    (reminder,) = ask(emil, "GET", "/relationship-actions")["actions"]
    assert (reminder["id"], reminder["assigned_to_name"]) == (event["open_action_id"], "Emil Kurz")
    assert ask(nora, "GET", "/relationship-actions")["actions"] == []
    ask(nora, "DELETE", f"{jan}/life-events/{event['id']}", status=403)
    ask(emil, "DELETE", f"{jan}/life-events/{event['id']}")
    ask(app.test_client(), "GET", f"{jan}/relationship", status=401)


def test_the_address_book_deletes_a_contact_and_what_we_keep_of_them_goes_too(app: Flask, log_in: LogIn) -> None:
    nora = log_in("Nora")
    ada = id_of(app, Contact, first_name="Ada")
    ask(nora, "PATCH", f"/contacts/{ada}/relationship", {"twilio_opt_in": True})
    ask(nora, "POST", f"/contacts/{ada}/life-events", {"event_type": "award", "title": "Award"}, 201)
    ask(nora, "POST", f"/contacts/{ada}/messages", {"channel": "sms", "body": "Congratulations"}, 201)

    assert "Winter" not in nora.post(f"/contacts/{ada}/delete", follow_redirects=True).text
    models = relationships.models
    with app.app_context():
        left = (models.Profile, models.LifeEvent, models.Action, models.Message, models.ActionCentreItem, Phone)
        for model in left:
            assert db.session.scalars(sa.select(model)).all() == []
        assert ada not in db.session.scalars(sa.select(employments.c.contact_id)).all()


def test_the_tool_checks_itself(app: Flask) -> None:
    checked = app.test_cli_runner().invoke(args=["relationships", "check"])
    assert checked.exit_code == 0, checked.output
