"""Harbour over HTTP, in a database that its migrations have made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade

from examples.driving import API, ask
from examples.uuid_squads import create_app
from examples.uuid_squads.models import Company, Contact, Squad, User, db
from examples.uuid_squads.relationships import relationships
from examples.uuid_squads.sample import PASSWORD, seed

LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def database_url() -> str:
    return "sqlite://"


@pytest.fixture
def empty(database_url: str) -> Iterator[Flask]:
    """The application with an empty database."""
    app = create_app(database_url)
    yield app
    with app.app_context():
        downgrade(revision="base")
        db.engine.dispose()


@pytest.fixture
def app(empty: Flask) -> Flask:
    with empty.app_context():
        upgrade()
        seed()
    return empty


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    def log_in(first_name: str) -> FlaskClient:
        client = app.test_client()
        form = {"email": f"{first_name}@harbour.example", "password": PASSWORD}
        assert client.post("/login", data=form).status_code == 302
        return client

    return log_in


def id_of(app: Flask, model: Any, **named: str) -> Any:
    with app.app_context():
        return db.session.scalars(sa.select(model.id).filter_by(**named)).one()


def test_contacts_of_another_squad_do_not_exist(app: Flask, log_in: LogIn) -> None:
    ines, tomas = log_in("ines"), log_in("tomas")
    olga = id_of(app, Contact, first_name="Olga")
    mine = {"title": "Mine", "action_type": "call", "assigned_to_user_id": str(id_of(app, User, full_name="Tomas Vaz"))}
    ask(ines, "POST", f"/contacts/{olga}/relationship-actions", mine, 201)

    hidden = tomas.get(f"{API}/contacts/{olga}/relationship")
    assert hidden.status_code == 404
    nobody = tomas.get(f"{API}/contacts/{UUID(int=0)}/relationship")
    assert hidden.data == nobody.data
    assert ask(tomas, "GET", "/relationship-actions")["actions"] == []
    assert [row["first_name"] for row in ask(ines, "GET", "/relationship-actions")["actions"]] == ["Olga"]


def test_a_role_says_whose_actions_one_sees_and_who_manages(app: Flask, log_in: LogIn) -> None:
    ines, marta, tomas, rui = map(log_in, ("ines", "marta", "tomas", "rui"))
    for client, contact in ((marta, "Hugo"), (tomas, "Ada"), (rui, "Olga")):
        path = f"/contacts/{id_of(app, Contact, first_name=contact)}/relationship-actions"
        ask(client, "POST", path, {"title": f"For {contact}", "action_type": "card"}, 201)

    def seen(client: FlaskClient) -> set[str]:
        return {row["title"] for row in ask(client, "GET", "/relationship-actions")["actions"]}

    assert seen(ines) == {"For Hugo", "For Ada", "For Olga"}
    assert seen(marta) == {"For Hugo", "For Ada"}
    assert seen(tomas) == {"For Ada"}
    company = id_of(app, Company)
    ask(tomas, "PUT", f"/companies/{company}/client-profile", status=403)
    ask(marta, "PUT", f"/companies/{company}/client-profile", status=201)


def test_the_crm_deletes_a_contact_and_what_we_keep_of_them_goes_too(app: Flask, log_in: LogIn) -> None:
    marta = log_in("marta")
    ada = id_of(app, Contact, first_name="Ada")
    ask(marta, "PATCH", f"/contacts/{ada}/relationship", {"twilio_opt_in": True})
    ask(marta, "POST", f"/contacts/{ada}/life-events", {"event_type": "award", "title": "Award"}, 201)
    ask(marta, "POST", f"/contacts/{ada}/messages", {"channel": "sms", "body": "Congratulations"}, 201)

    assert marta.post(f"/contacts/{ada}/delete", follow_redirects=True).text.count("<form") == 1
    models = relationships.models
    with app.app_context():
        for model in (models.Profile, models.LifeEvent, models.Action, models.Message, models.ActionCentreItem):
            assert db.session.scalars(sa.select(model)).all() == []


def test_the_migrations_make_what_the_models_say_and_take_it_away(empty: Flask) -> None:
    with empty.app_context():

        def differences() -> list[Any]:
            with db.engine.connect() as connection:
                return list(compare_metadata(MigrationContext.configure(connection), db.metadata))

        def tables() -> set[str]:
            return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}

        upgrade()
        assert differences() == []
        assert tables() == set(db.metadata.tables)
        downgrade(revision="0001")
        assert tables() == {model.__tablename__ for model in (Squad, User, Company, Contact)}
        downgrade(revision="base")
        assert tables() == set()


def test_flask_db_check_finds_nothing(app: Flask) -> None:
    checked = app.test_cli_runner().invoke(args=["db", "check"])
    assert checked.exit_code == 0, checked.output
    checked = app.test_cli_runner().invoke(args=["relationships", "check"])
    assert checked.exit_code == 0, checked.output


def test_several_applications_from_one_factory(log_in: LogIn) -> None:
    other = create_app("sqlite://", RELATIONSHIPS_URL_PREFIX="/tool")
    with other.app_context():
        upgrade()
        seed()
    other_ada = id_of(other, Contact, first_name="Ada")
    ask(log_in("ines"), "GET", f"/contacts/{other_ada}/relationship", status=404)
    assert other.test_client().get(f"/tool/contacts/{other_ada}/relationship").status_code == 401
    with other.app_context():
        db.engine.dispose()
