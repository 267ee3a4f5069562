"""The README's quickstart over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from examples import minimal

CONTACT = "/api/relationships/contacts/1"


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[FlaskClient]:
    app = minimal.create_app(f"sqlite:///{tmp_path / 'minimal.sqlite'}")
    yield app.test_client()
    with app.app_context():
        minimal.db.engine.dispose()


@pytest.fixture
def client(nobody: FlaskClient) -> FlaskClient:
    nobody.get("/")
    return nobody


def test_the_start_page_logs_in_and_shows_the_contact_panel(nobody: FlaskClient) -> None:
    page = nobody.get("/")
    assert page.status_code == 200
    assert '<rel-contact-panel contact-id="1"' in page.text
    assert nobody.get("/relationships/contacts/1").status_code == 200
    answer = nobody.get(f"{CONTACT}/relationship")
    assert answer.json is not None
    assert answer.json["profile"]["phone_e164"] == "+442079460123"


def test_nobody_gets_a_problem_in_json(nobody: FlaskClient) -> None:
    answer = nobody.get(f"{CONTACT}/relationship")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_an_event_brings_a_follow_up_and_a_message_completes_it(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    new = {"event_type": "birthday", "title": "Birthday", "event_date": "1984-12-05", "recurs_annually": True}
    event = client.post(f"{CONTACT}/life-events", json=new)
    assert event.status_code == 201
    assert client.patch(f"{CONTACT}/relationship", json={"twilio_opt_in": True}).status_code == 200
    action = event.json["event"]["open_action_id"]  # type: ignore[index]
    message = {"channel": "sms", "body": "Happy birthday, Sam!", "auto_action_id": action}
    assert client.post(f"{CONTACT}/messages", json=message).status_code == 201
    assert "Happy birthday, Sam!" in capsys.readouterr().out
    actions = client.get(f"{CONTACT}/relationship-actions").json["actions"]  # type: ignore[index]
    assert [action["status"] for action in actions] == ["done"]


def test_the_permission_callback_decides(client: FlaskClient) -> None:
    with client.application.app_context():
        minimal.db.session.get_one(minimal.User, 1).is_admin = False
        minimal.db.session.commit()
    event = client.post(f"{CONTACT}/life-events", json={"event_type": "award", "title": "Award"})
    assert event.status_code == 201
    one_event = f"{CONTACT}/life-events/{event.json['event']['id']}"  # type: ignore[index]
    assert client.delete(one_event).status_code == 403


def test_starting_again_keeps_what_is_there(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'minimal.sqlite'}"
    for _ in range(2):
        app = minimal.create_app(database)
        with app.app_context():
            assert minimal.db.session.query(minimal.Contact).count() == 1
            minimal.db.engine.dispose()


def test_the_integration_is_about_a_dozen_lines() -> None:
    text = Path(minimal.__file__).read_text()
    quickstart = text.split("# start: binding")[1].split("# end: application")[0]
    stanzas = re.findall(
        r"(?ms)^relationships = .*?^\)|^@relationships.*?^    return.*?$|^    relationships\.init_app.*?$",
        quickstart,
    )
    assert len(stanzas) == 3
    assert sum(len(stanza.splitlines()) for stanza in stanzas) <= 12
