"""The parts that the documentation shows a host bringing along: a transport, an action centre, a receiver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from flask_relationships import signals
from flask_relationships.testing import MemoryTransport
from tests.documentation.conftest import MakeHost
from tests.documentation.own_action_centre import Task, TaskCentre
from tests.documentation.own_transport import GatewayTransport
from tests.documentation.plain_sqlalchemy import Sessions
from tests.documentation.run_from_code import run_before_the_holidays

CONTACT = "/api/relationships/contacts/1"
GATEWAY = "https://gateway.example/messages"


def send(app: Flask, channel: str = "sms") -> Any:
    client = app.test_client()
    client.patch(f"{CONTACT}/relationship", json={"twilio_opt_in": True})
    return client.post(f"{CONTACT}/messages", json={"channel": channel, "body": "Hello"})


class TestTransport:
    @pytest.fixture
    def gateway(self) -> Iterator[responses.RequestsMock]:
        with responses.RequestsMock() as mock:
            yield mock

    @pytest.fixture
    def app(self, make_host: MakeHost) -> Flask:
        return make_host(transport=GatewayTransport(GATEWAY, "key"))

    def test_it_sends(self, app: Flask, gateway: responses.RequestsMock) -> None:
        gateway.post(GATEWAY, status=202, json={"id": "7"})
        answer = send(app)
        assert (answer.status_code, answer.get_json()["message"]["provider_sid"]) == (201, "7")
        assert json.loads(gateway.calls[0].request.body or "{}")["to"] == "+442079460123"

    @pytest.mark.parametrize(
        ("outcome", "status", "kept"),
        [
            ({"status": 400}, 502, "failed"),
            ({"status": 500}, 202, "unconfirmed"),
            ({"status": 202, "body": "no JSON"}, 202, "unconfirmed"),
            ({"body": requests.ReadTimeout()}, 202, "unconfirmed"),
            ({"body": requests.ConnectTimeout()}, 503, "failed"),
        ],
    )
    def test_whatever_else_happens(
        self, app: Flask, gateway: responses.RequestsMock, outcome: Any, status: int, kept: str
    ) -> None:
        gateway.post(GATEWAY, **outcome)
        assert send(app).status_code == status
        messages = app.test_client().get(f"{CONTACT}/messages").get_json()["messages"]
        assert [message["status"] for message in messages] == [kept]

    def test_it_is_not_ready(self, app: Flask, make_host: MakeHost) -> None:
        assert send(app, "whatsapp").get_json()["code"] == "twilio_not_configured"

    def test_without_a_key_it_is_not_connected(self, make_host: MakeHost) -> None:
        app = make_host(transport=GatewayTransport(GATEWAY, None))
        assert app.test_client().get(f"{CONTACT}/relationship").get_json()["twilio_connected"] is False
        assert send(app).status_code == 500


class TestActionCentre:
    @pytest.fixture
    def client(self, make_host: MakeHost) -> FlaskClient:
        return make_host(action_centre=TaskCentre()).test_client()

    def test_its_tasks_follow_the_actions(self, client: FlaskClient) -> None:
        new = {"title": "Call Sam", "action_type": "call", "due_date": "2030-01-02"}
        action = client.post(f"{CONTACT}/relationship-actions", json=new).get_json()["action"]
        assert self.tasks() == [("Call Sam", "2030-01-02", True)]
        client.patch(f"/api/relationships/relationship-actions/{action['id']}", json={"status": "done"})
        assert self.tasks() == [("Call Sam", "2030-01-02", False)]

    def test_the_tools_own_list_is_elsewhere(self, client: FlaskClient) -> None:
        answer = client.get("/api/relationships/action-centre")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "action_centre_elsewhere")

    @staticmethod
    def tasks() -> list[tuple[str, str, bool]]:
        with Sessions() as session:
            return [(task.title, str(task.due_on), task.is_open) for task in session.scalars(sa.select(Task))]


def test_a_receiver_is_told(make_host: MakeHost) -> None:
    from tests.documentation.listening import count_message  # it listens to every application from now on

    app = make_host(transport=MemoryTransport())
    try:
        assert count_message in signals.message_sent.receivers_for(app)
        send(app)
        assert app.extensions["messages_by_channel"] == {"sms": 1}
    finally:
        signals.message_sent.disconnect(count_message)


def test_a_receiver_may_object(make_host: MakeHost) -> None:
    from tests.documentation.objecting import no_links  # it is asked by every application from now on

    transport = MemoryTransport()
    app = make_host(transport=transport)
    try:
        send(app)
        client, path = app.test_client(), "/api/relationships/contacts/1/messages"
        answer = client.post(path, json={"channel": "sms", "body": "See http://example.com"})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "message_vetoed")
        assert answer.get_json()["detail"] == "Links in texts begin with https."
        assert len(transport.sent) == 1
    finally:
        signals.message_sending.disconnect(no_links)


def test_what_is_due_is_run_from_code(make_host: MakeHost, caplog: pytest.LogCaptureFixture) -> None:
    app = make_host(transport=MemoryTransport())
    assert run_before_the_holidays(app) > 3
    assert caplog.text == ""
    health = app.test_client().get("/api/relationships/health").get_json()
    assert [run["runner"] for run in health["runs"]] == ["code"]
