"""How a host tests its relationships tool; the documentation shows all of it."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: tests
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flask_relationships import TransportRefused
from flask_relationships.testing import MemoryTransport
from tests.documentation.host_from_the_docs import Colleague, Person, create_app, db

ADA = {"agency": "north", "called": "Ada Quill", "token": "ada", "role": "update", "level": "member"}
BO = {"agency": "south", "called": "Bo Marsh", "token": "bo", "role": "manage", "level": "executive"}


@pytest.fixture
def transport() -> MemoryTransport:
    return MemoryTransport()


@pytest.fixture
def client(tmp_path: Path, transport: MemoryTransport) -> Iterator[FlaskClient]:
    app = create_app(f"sqlite:///{tmp_path / 'agency.sqlite'}", transport)
    with app.app_context():
        db.create_all()
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sam(client: FlaskClient) -> str:
    """The address of a contact of the northern agency."""
    with client.application.app_context():
        person = Person(agency="north", called="Sam Okafor", mobile="+44 20 7946 0123")
        db.session.add_all([Colleague(**ADA), Colleague(**BO), person])
        db.session.commit()
        return f"/api/relationships/contacts/{person.uid}"


def test_a_message_goes_to_the_contact(client: FlaskClient, transport: MemoryTransport, sam: str) -> None:
    ada = {"X-Token": "ada"}
    client.patch(f"{sam}/relationship", json={"twilio_opt_in": True}, headers=ada)
    answer = client.post(f"{sam}/messages", json={"channel": "sms", "body": "Hello"}, headers=ada)
    assert answer.status_code == 201
    assert [(message.to, message.body) for message in transport.sent] == [("+442079460123", "Hello")]


def test_a_refused_message_is_not_counted_as_sent(client: FlaskClient, transport: MemoryTransport, sam: str) -> None:
    ada = {"X-Token": "ada"}
    client.patch(f"{sam}/relationship", json={"twilio_opt_in": True}, headers=ada)
    transport.failure = TransportRefused("No.", provider_code=30007)
    answer = client.post(f"{sam}/messages", json={"channel": "sms", "body": "Hello"}, headers=ada)
    assert (answer.status_code, answer.get_json()["provider_code"]) == (502, 30007)


def test_another_agency_sees_nobody(client: FlaskClient, sam: str) -> None:
    assert client.get(f"{sam}/relationship", headers={"X-Token": "bo"}).status_code == 404


def test_nobody_may_delete_with_the_update_role(client: FlaskClient, sam: str) -> None:
    ada = {"X-Token": "ada"}
    new = {"event_type": "anniversary", "title": "Ten years"}
    event = client.post(f"{sam}/life-events", json=new, headers=ada).get_json()["event"]
    assert client.delete(f"{sam}/life-events/{event['id']}", headers=ada).status_code == 403


# end: tests
