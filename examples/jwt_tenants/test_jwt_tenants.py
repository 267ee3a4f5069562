"""Ledger over HTTP, with tokens of two tenants."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token

from examples.driving import API, ask, statements
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


def test_the_seventeen_routes(app: Flask, log_in: LogIn) -> None:
    ruth = log_in("ruth@north.example")
    cher = f"/contacts/{id_of(app, Person, name='Cher')}"
    ada = f"/contacts/{id_of(app, Person, name='Ada Marie Lovelace')}"

    profile = ask(ruth, "GET", f"{cher}/relationship")["profile"]
    assert (profile["phone_number"], profile["phone_e164"]) == ("(613) 555-0142", "+16135550142")
    assert ask(ruth, "PATCH", f"{cher}/relationship", {"twilio_opt_in": True})["profile"]["messaging_blocked"] is None

    concert = {"event_type": "concert", "title": "First night", "event_date": "2031-05-20"}
    event = ask(ruth, "POST", f"{cher}/life-events", concert, 201)["event"]
    assert ask(ruth, "GET", f"{cher}/life-events")["events"] == [event]
    assert ask(ruth, "PATCH", f"{cher}/life-events/{event['id']}", {"title": "Last night"})["event"]["days_until"] > 0

    card = {"title": "Card", "action_type": "card"}
    action = ask(ruth, "POST", f"{ada}/relationship-actions", card, 201)["action"]
    named = {key: action[key] for key in ("first_name", "last_name", "company_name", "assigned_to_name")}
    assert named == {
        "first_name": "Ada",
        "last_name": "Marie Lovelace",
        "company_name": "Mill & Co",
        "assigned_to_name": "Ruth Okoye",
    }
    assert ask(ruth, "GET", f"{ada}/relationship-actions")["actions"] == [action]
    listed = ask(ruth, "GET", "/relationship-actions")["actions"]
    assert {(row["first_name"], row["last_name"]) for row in listed} == {("Ada", "Marie Lovelace"), ("Cher", None)}
    path = f"/relationship-actions/{action['id']}"
    assert ask(ruth, "PATCH", path, {"status": "dismissed"})["action"]["status"] == "dismissed"

    text = {"channel": "whatsapp", "body": "Break a leg", "auto_action_id": event["open_action_id"]}
    message = ask(ruth, "POST", f"{cher}/messages", text, 201)["message"]
    assert [row["id"] for row in ask(ruth, "GET", f"{cher}/messages")["messages"]] == [message["id"]]
    assert ask(ruth, "DELETE", f"{cher}/life-events/{event['id']}") == {"ok": True}

    for method, path in (
        ("GET", "/companies/1/partners"),
        ("POST", "/companies/1/partners"),
        ("PATCH", "/companies/1/partners/1"),
        ("DELETE", "/companies/1/partners/1"),
        ("GET", "/clients/1/relationship-summary"),
    ):
        body = {"partner_company_name": "Nobody"} if method in ("POST", "PATCH") else None
        assert ask(ruth, method, path, body, 404)["code"] == "companies_not_mapped"


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
    ask(ruth, "POST", cher, to_lena, 404)


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


def test_the_list_of_actions_takes_as_many_statements_for_thirty_as_for_three(app: Flask, log_in: LogIn) -> None:
    ruth = log_in("ruth@north.example")
    path = f"/contacts/{id_of(app, Person, name='Cher')}/relationship-actions"
    counted = []
    for rows in (3, 27):
        for _ in range(rows):
            ask(ruth, "POST", path, {"title": "Call", "action_type": "call"}, 201)
        with statements(app) as seen:
            listed = ask(ruth, "GET", "/relationship-actions")["actions"]
        counted.append((len(listed), len(seen)))
    assert counted == [(3, counted[0][1]), (30, counted[0][1])]


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


def test_the_integration_takes_at_most_fifteen_lines() -> None:
    """From the names of the models to the end, blank lines aside, and the line in the factory."""
    source = Path(__file__).with_name("extensions.py").read_text()
    lines = source[source.index("PERSON, ACCOUNT") :].splitlines()
    assert sum(bool(line.strip()) for line in lines) + 1 <= 15
