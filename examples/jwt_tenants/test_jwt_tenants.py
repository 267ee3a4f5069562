"""Ledger over HTTP, with tokens of two tenants."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token

from examples.driving import API, ask
from examples.jwt_tenants import create_app
from examples.jwt_tenants.commands import PASSWORD, seed
from examples.jwt_tenants.extensions import db, relationships
from examples.jwt_tenants.models import Account, Person

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
    def log_in(email: str) -> FlaskClient:
        answer = app.test_client().post("/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json is not None
        return bearing(app, answer.json["access_token"])

    return log_in


def bearing(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def id_of(app: Flask, model: Any, **named: str) -> Any:
    with app.app_context():
        return db.session.scalars(sa.select(model.id).filter_by(**named)).one()


def test_the_rows_of_another_tenant_do_not_exist(app: Flask, log_in: LogIn) -> None:
    ruth, lena = log_in("ruth@north.example"), log_in("lena@south.example")
    grace = id_of(app, Person, name="Grace Hopper")
    call = {"title": "Call", "action_type": "call"}
    ask(lena, "POST", f"/contacts/{grace}/relationship-actions", call, 201)

    hidden, nobody = ruth.get(f"{API}/contacts/{grace}/relationship"), ruth.get(f"{API}/contacts/987654/relationship")
    assert hidden.status_code == 404
    assert hidden.data == nobody.data
    assert ask(ruth, "GET", "/relationship-actions")["actions"] == []

    cher = f"/contacts/{id_of(app, Person, name='Cher')}/relationship-actions"
    to_lena = {**call, "assigned_to_user_id": str(id_of(app, Account, display_name="Lena Roy"))}
    ask(ruth, "POST", cher, to_lena, 422)


def test_a_deleted_person_is_gone_and_purged_with_what_we_keep_of_them(app: Flask, log_in: LogIn) -> None:
    ruth = log_in("ruth@north.example")
    cher = id_of(app, Person, name="Cher")
    ask(ruth, "PATCH", f"/contacts/{cher}/relationship", {"twilio_opt_in": True})
    ask(ruth, "POST", f"/contacts/{cher}/life-events", {"event_type": "award", "title": "Award"}, 201)
    ask(ruth, "POST", f"/contacts/{cher}/messages", {"channel": "sms", "body": "Congratulations"}, 201)

    assert ruth.delete(f"/people/{cher}").json == {"ok": True}
    ask(ruth, "GET", f"/contacts/{cher}/relationship", status=404)
    assert ask(ruth, "GET", "/relationship-actions")["actions"] == []

    assert app.test_cli_runner().invoke(args=["purge"]).exit_code == 0
    models = relationships.models
    with app.app_context():
        assert db.session.get(Person, cher) is None
        for model in (models.Profile, models.LifeEvent, models.Action, models.Message, models.ActionCentreItem):
            assert db.session.scalars(sa.select(model)).all() == []


def test_the_token_says_who_asks_and_what_they_may(app: Flask, log_in: LogIn) -> None:
    cher = f"/contacts/{id_of(app, Person, name='Cher')}"
    finn = log_in("finn@north.example")
    ask(finn, "GET", f"{cher}/life-events")
    ask(finn, "POST", f"{cher}/life-events", {"event_type": "award", "title": "Award"}, 403)

    ask(app.test_client(), "GET", f"{cher}/life-events", status=401)
    ask(bearing(app, "not.a.token"), "GET", f"{cher}/life-events", status=401)
    claims = {"tenant": "north", "may": ["relationships:view"]}
    with app.app_context():
        expired = create_access_token("1", additional_claims=claims, expires_delta=timedelta(seconds=-1))
        of_nobody = create_access_token("987654", additional_claims=claims)
    for token in (expired, of_nobody):
        assert ask(bearing(app, token), "GET", f"{cher}/life-events", status=401)["code"] == "not_authenticated"


def test_flask_login_is_never_imported() -> None:
    script = f"""
import sys
from examples.jwt_tenants import create_app
from examples.jwt_tenants.commands import seed
app = create_app("sqlite://")
with app.app_context():
    seed()
client = app.test_client()
given = {{"email": "ruth@north.example", "password": "{PASSWORD}"}}
token = client.post("/login", json=given).json["access_token"]
headers = {{"Authorization": "Bearer " + token}}
print([client.get("/api/relationships/relationship-actions", headers=h).status_code for h in ({{}}, headers)])
print("flask_login" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.splitlines() == ["[401, 200]", "False"]


def test_the_tool_checks_itself(app: Flask) -> None:
    checked = app.test_cli_runner().invoke(args=["relationships", "check"])
    assert checked.exit_code == 0, checked.output
