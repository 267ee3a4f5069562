"""Every form a mapping field may have, on the models that the documentation shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.documentation.mapping_forms import Agent, Base, Firm, Person, Telephone, company, contact, user

HERE = "tests.documentation.mapping_forms"


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[scoped_session[Session]]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'forms.sqlite'}")
    found = scoped_session(sessionmaker(engine))
    yield found
    found.remove()
    engine.dispose()


def host(sessions: scoped_session[Session], **mappings: Any) -> FlaskClient:
    app = Flask(__name__)
    given = {"contact": contact, "company": company, "user": user, **mappings}
    options: dict[str, Any] = {"permission": lambda *_: True, "current_user": lambda: 1}
    Relationships(app, session=sessions, **{name: given[name] for name in given if given[name]}, **options)
    app.teardown_appcontext(lambda _error: sessions.remove())
    Base.metadata.create_all(sessions.get_bind())
    return app.test_client()


@pytest.fixture
def client(sessions: scoped_session[Session]) -> FlaskClient:
    made = host(sessions)
    orchard = Firm(title="Orchard", switchboard="+44 20 7946 0100")
    people = [
        Person(legal_name="Okafor, Sam", mobile="+44 7911 123456", born_on=date(1984, 12, 5), agent_id=2),
        Person(legal_name="Lund, Kim", mobile="", telephones=[Telephone(number="+44 20 7946 0123")]),
        Person(legal_name="Roy, Jo", retired=True),
    ]
    for person in people:
        person.firms = [orchard]
    ada, bo = Agent(given_name="Ada", surname="Quill"), Agent(given_name="Bo", surname="Marsh")
    sessions.add_all([ada, bo])
    sessions.flush()
    sessions.add_all(people)
    sessions.commit()
    sessions.remove()
    return made


def profile(client: FlaskClient, contact_id: int) -> Any:
    answer = client.get(f"/api/relationships/contacts/{contact_id}/relationship")
    return answer.get_json()["profile"]


def test_several_sources_of_a_phone(client: FlaskClient) -> None:
    found = [profile(client, contact_id)["phone_e164"] for contact_id in (1, 2, 3)]
    assert found == ["+447911123456", "+442079460123", "+442079460100"]


def test_a_birthday_and_an_absent_one(client: FlaskClient) -> None:
    assert [profile(client, contact_id)["birthday"] for contact_id in (1, 2)] == ["1984-12-05", None]


def test_callables_an_owner_and_a_company_of_many(client: FlaskClient) -> None:
    new = {"event_type": "award", "title": "Award"}
    for contact_id in (1, 2):
        client.post(f"/api/relationships/contacts/{contact_id}/life-events", json=new)
    actions = [
        client.get(f"/api/relationships/contacts/{contact_id}/relationship-actions").get_json()["actions"][0]
        for contact_id in (1, 2)
    ]
    names = ("first_name", "last_name", "contact_email", "company_name", "assigned_to_name")
    assert [[action[name] for name in names] for action in actions] == [
        ["Sam", "Okafor", None, "Orchard", "Bo Marsh"],
        ["Kim", "Lund", None, "Orchard", "Ada Quill"],
    ]


def test_the_company_lists_all_its_people(client: FlaskClient) -> None:
    summary = client.get("/api/relationships/clients/1/relationship-summary").get_json()
    assert {contact["first_name"] for contact in summary["contacts"]} == {"Sam", "Kim", "Jo"}


def test_somebody_inactive_gets_no_reminder(client: FlaskClient) -> None:
    new = {"event_type": "award", "title": "Award"}
    event = client.post("/api/relationships/contacts/3/life-events", json=new).get_json()["event"]
    assert event["open_action_id"] is None


def test_models_as_text(client: FlaskClient, sessions: scoped_session[Session]) -> None:
    same = host(
        sessions,
        contact=ContactMapping(f"{HERE}:Person", name="legal_name", email=None, phone="mobile", company="firms"),
        company=CompanyMapping(f"{HERE}:Firm", name="title"),
        user=UserMapping(f"{HERE}:Agent", name="surname"),
    )
    assert profile(same, 1)["phone_e164"] == profile(client, 1)["phone_e164"]
