"""How a host tests with a fake Twilio; the documentation shows all of it."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: tests
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flask_relationships.testing import FakeTwilio
from tests.documentation.host_from_the_docs import Colleague, Person, create_app, db


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def client(tmp_path: Path, twilio: FakeTwilio) -> Iterator[FlaskClient]:
    app = create_app(f"sqlite:///{tmp_path / 'agency.sqlite'}", **twilio.config())
    twilio.connect(app)
    with app.app_context():
        db.create_all()
    client = app.test_client()
    client.environ_base["HTTP_X_TOKEN"] = "ada"
    yield client
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def messages(client: FlaskClient) -> str:
    """The address of the messages of a contact who wants them."""
    with client.application.app_context():
        ada = Colleague(agency="north", called="Ada Quill", token="ada", role="update", level="member")
        sam = Person(agency="north", called="Sam Okafor", mobile="+44 20 7946 0123")
        db.session.add_all([ada, sam])
        db.session.commit()
        contact = f"/api/relationships/contacts/{sam.uid}"
    client.patch(f"{contact}/relationship", json={"twilio_opt_in": True})
    return f"{contact}/messages"


def test_a_message_is_accepted(client: FlaskClient, twilio: FakeTwilio, messages: str) -> None:
    answer = client.post(messages, json={"channel": "sms", "body": "Hello"})
    assert answer.status_code == 201
    (accepted,) = twilio.messages
    assert (accepted.to, accepted.body) == ("+442079460123", "Hello")
    assert accepted.sid == answer.get_json()["message"]["provider_sid"]


def test_a_message_whose_answer_is_lost_is_not_sent_again(
    client: FlaskClient, twilio: FakeTwilio, messages: str
) -> None:
    twilio.fail("drop_after")
    answer = client.post(messages, json={"channel": "sms", "body": "Hello"})
    assert answer.status_code == 202
    assert answer.get_json()["message"]["status"] == "unconfirmed"
    assert len(twilio.messages) == 1


# end: tests
