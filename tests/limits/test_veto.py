"""The signal ``message_sending``: an application may object before anything is kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from flask_relationships import MessageVetoed, signals
from tests.hosts.host import Caller, Host
from tests.limits.conftest import opted_in, send
from tests.marks import databases, one_host

pytestmark = one_host


@pytest.fixture
def contact(host: Host) -> str:
    return opted_in(host)


def with_key(api: Caller, contact: str) -> int:
    body, key = {"channel": "sms", "body": "Hello"}, {"Idempotency-Key": "one"}
    return api.ask("POST", f"/contacts/{contact}/messages", body, headers=key).status_code


def test_a_receiver_sees_the_message_before_it_is_kept(host: Host, api: Caller, contact: str) -> None:
    seen = []

    def look(app: Flask, row: Any, user: Any) -> None:
        seen.append((app, str(row.id), row.body, row.to_number, row.status, str(user.id), len(host.transport.sent)))

    with signals.message_sending.connected_to(look, host.app):
        message = send(api, contact)
    assert seen == [(host.app, message["id"], "Hello", "+442079460018", "sending", api.id, 0)]


def test_a_veto_is_told_and_nothing_is_sent_or_kept(host: Host, api: Caller, contact: str) -> None:
    action = api.post(f"/contacts/{contact}/relationship-actions", {"title": "Text", "action_type": "sms"})["action"]

    def object_(app: Flask, row: Any, user: Any) -> None:
        raise MessageVetoed("Not before the contract is signed.")

    with signals.message_sending.connected_to(object_, host.app):
        problem = send(api, contact, 403, auto_action_id=action["id"])
        assert with_key(api, contact) == 403
    assert (problem["code"], problem["detail"]) == ("message_vetoed", "Not before the contract is signed.")
    assert (host.transport.sent, host.rows("Message")) == ([], [])
    send(api, contact, auto_action_id=action["id"])
    assert with_key(api, contact) == 201


@databases("sqlite")
def test_a_receiver_that_fails_has_objected(
    host: Host, api: Caller, contact: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(app: Flask, row: Any, user: Any) -> None:
        raise RuntimeError(f"no opinion of {row.to_number}")

    with signals.message_sending.connected_to(fail, host.app), caplog.at_level(logging.ERROR):
        problem = send(api, contact, 403)
    assert problem["code"] == "message_vetoed"
    assert "RuntimeError" in caplog.text
    assert "7946" not in caplog.text + problem["detail"]
    assert (host.transport.sent, host.rows("Message")) == ([], [])


@databases("sqlite")
def test_a_veto_is_not_counted_in_a_limit(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="1 per day")
    api, contact = host.person(), opted_in(host)

    def object_(app: Flask, row: Any, user: Any) -> None:
        raise MessageVetoed

    with signals.message_sending.connected_to(object_, host.app):
        send(api, contact, 403)
    send(api, contact)


@databases("sqlite")
def test_a_preview_asks_nobody(host: Host, api: Caller, contact: str) -> None:
    def object_(app: Flask, row: Any, user: Any) -> None:
        raise MessageVetoed

    with signals.message_sending.connected_to(object_, host.app):
        shown = api.post(f"/contacts/{contact}/messages/preview", {"channel": "sms", "body": "Hello"}, 200)
    assert shown["preview"]["blocked"] is None
