"""Celery: a worker is told of each message by its id, and what the broker loses or refuses is sent all the same."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from celery import Celery
from celery.schedules import crontab
from sqlalchemy.exc import OperationalError

from flask_relationships import TransportUnavailable, signals
from flask_relationships.celery import NoApplicationContext, beat_schedule, deliver, hand_over_digests
from flask_relationships.celery import run_due as run_due_task
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.dispatch.conftest import MakeCelery
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.servers import hung_port, refused_port

pytestmark = one_host

LONGEST = 2.5
"""Seconds that a broker may cost a request."""


def post(api: Caller, contact: str, **fields: Any) -> dict[str, Any]:
    return dict(api.post(f"/contacts/{contact}/messages", {**MESSAGE, **fields}, 201)["message"])


def status(api: Caller, contact: str) -> list[str]:
    return [message["status"] for message in api.get(f"/contacts/{contact}/messages")["messages"]]


def sweep(host: Host) -> int:
    with host.app.app_context():
        return run_due()["waiting_messages"]["sent"]


def test_a_worker_is_told_the_id_and_nothing_personal(
    host: Host, api: Caller, willing: str, connect: MakeCelery
) -> None:
    celery_app = connect("memory://")
    message = post(api, willing)
    assert (message["status"], message["provider_sid"]) == ("queued", None)
    assert host.transport.sent == []
    with celery_app.connection_for_read() as connection:
        told = connection.SimpleQueue("celery").get(timeout=1)
    arguments, named, _ = json.loads(b64decode(told.body) if told.content_encoding == "base64" else told.body)
    assert (arguments, named) == ([message["id"]], {})
    assert "79460018" not in json.dumps(told.headers)
    assert MESSAGE["body"] not in json.dumps(told.headers)


def test_a_task_sends_it_and_whoever_sends_it_tells(host: Host, api: Caller, willing: str, connect: MakeCelery) -> None:
    connect("memory://", task_always_eager=True)
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    heard: list[tuple[str, Any]] = []

    def hear(app: Any, row: Any, user: Any) -> None:
        heard.append((str(row.id), user))

    with signals.message_sent.connected_to(hear), signals.action_closed.connected_to(hear):
        message = post(api, willing, auto_action_id=action)
    assert message["status"] == "queued"
    assert message["provider_sid"] is not None
    assert heard == [(message["id"], None), (action, None)]
    assert len(host.transport.sent) == 1


def test_the_same_task_twice_sends_once(host: Host, api: Caller, willing: str, connect: MakeCelery) -> None:
    connect("memory://")
    message = post(api, willing)
    with host.app.app_context():
        deliver.run(message["id"])
        deliver.run(message["id"])
    assert (sweep(host), len(host.transport.sent)) == (0, 1)


def test_a_broker_that_refuses_loses_nothing(host: Host, api: Caller, willing: str, connect: MakeCelery) -> None:
    connect(f"redis://127.0.0.1:{refused_port()}/0")
    began = time.monotonic()
    assert post(api, willing)["status"] == "queued"
    assert time.monotonic() - began < LONGEST
    assert (sweep(host), sweep(host), len(host.transport.sent)) == (1, 0, 1)


@databases("sqlite")
@pytest.mark.parametrize("kind", ["redis", "amqp"])
def test_a_broker_that_hangs_is_waited_for_once(
    host: Host, api: Caller, willing: str, connect: MakeCelery, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with hung_port() as port:
        connect(f"{kind}://127.0.0.1:{port}//" if kind == "amqp" else f"{kind}://127.0.0.1:{port}/0")
        taken = []
        for _ in range(3):
            began = time.monotonic()
            assert post(api, willing)["status"] == "queued"
            taken.append(time.monotonic() - began)
    assert 0.9 < taken[0] < LONGEST
    assert max(taken[1:]) < 0.9
    assert sum(host.state.dispatcher.failures.values()) == 1  # type: ignore[attr-defined]
    assert "79460018" not in caplog.text
    assert (sweep(host), len(host.transport.sent)) == (3, 3)


@databases("sqlite")
def test_a_broker_that_has_come_back_is_asked_again(
    host: Host, api: Caller, willing: str, connect: MakeCelery, monkeypatch: pytest.MonkeyPatch
) -> None:
    celery_app = connect(f"redis://127.0.0.1:{refused_port()}/0")
    post(api, willing)
    celery_app.conf.task_always_eager = True
    assert post(api, willing)["provider_sid"] is None
    monkeypatch.setattr("flask_relationships.celery.BROKER_PAUSE_SECONDS", 0)
    host.state.dispatcher._retry_at = 0  # type: ignore[attr-defined]
    assert post(api, willing)["provider_sid"] is not None


@databases("sqlite")
def test_a_task_outside_the_application_says_what_is_missing() -> None:
    with pytest.raises(NoApplicationContext, match="FlaskTask"):
        deliver.run(str(uuid4()))


def test_a_database_that_fails_a_task_tells_no_number(
    host: Host, api: Caller, willing: str, connect: MakeCelery, caplog: pytest.LogCaptureFixture
) -> None:
    connect("memory://")
    message = post(api, willing)

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE relationships_messages"):
            raise OperationalError("+442079460018", {"to": "+442079460018"}, Exception("gone"))

    with host.app.app_context():
        engine = host.db.engine
        sa.event.listen(engine, "before_cursor_execute", fail)
        try:
            deliver.run(message["id"])
        finally:
            sa.event.remove(engine, "before_cursor_execute", fail)
    assert "a task failed" in caplog.text
    assert "79460018" not in caplog.text
    assert status(api, willing) == ["queued"]
    assert (sweep(host), len(host.transport.sent)) == (1, 1)


def test_a_provider_that_is_down_is_left_in_peace_and_tried_again(
    host: Host, api: Caller, willing: str, connect: MakeCelery
) -> None:
    connect("memory://")
    for _ in range(3):
        post(api, willing)
    host.transport.failure = [TransportUnavailable("down")]
    assert (sweep(host), len(host.transport.sent)) == (0, 0)
    assert status(api, willing) == ["queued"] * 3
    assert sweep(host) == 2
    with host.app.app_context(), host.clock_at(host.state.clock() + timedelta(minutes=2)):
        assert run_due()["waiting_messages"]["sent"] == 1
    assert len(host.transport.sent) == 3


@databases("sqlite")
def test_a_provider_that_stays_down_is_given_up(host: Host, api: Caller, willing: str, connect: MakeCelery) -> None:
    connect("memory://")
    post(api, willing)
    host.transport.failure = TransportUnavailable("down")
    began = host.state.clock()
    for tries in range(5):
        assert status(api, willing) == ["queued"], tries
        with host.app.app_context(), host.clock_at(began + timedelta(minutes=20 * tries)):
            run_due()
    assert status(api, willing) == ["failed"]


@databases("sqlite")
def test_what_cannot_be_sent_at_all_waits(host: Host, api: Caller, willing: str, connect: MakeCelery) -> None:
    connect("memory://")
    post(api, willing)
    host.transport.disabled = True
    assert (sweep(host), status(api, willing)) == (0, ["queued"])
    host.transport.disabled = False
    assert (sweep(host), len(host.transport.sent)) == (1, 1)


@databases("sqlite")
def test_what_is_due_is_a_task_that_beat_begins(host: Host, api: Caller, willing: str, connect: MakeCelery) -> None:
    celery_app: Celery = connect("memory://")
    post(api, willing)
    (entry,) = beat_schedule(seconds=30).values()
    assert celery_app.conf.beat_schedule.keys() == beat_schedule().keys()
    assert (entry["schedule"], celery_app.tasks[entry["task"]].name) == (30, run_due_task.name)
    celery_app.tasks[entry["task"]]()
    assert len(host.transport.sent) == 1
    assert [row["runner"] for row in host.rows("Run")] == ["celery"]


@databases("sqlite")
def test_digests_are_a_task_for_the_schedule_that_is_given(
    host: Host, api: Caller, connect: MakeCelery, caplog: pytest.LogCaptureFixture
) -> None:
    celery_app: Celery = connect("memory://")
    me = host.person().id
    action = {**ACTION, "due_date": host.today().isoformat(), "assigned_to_user_id": me}
    api.post(f"/contacts/{host.contact()}/relationship-actions", action)
    schedule = crontab(hour=7, minute=30)
    entry = beat_schedule(digests=schedule)[hand_over_digests.name]
    assert entry["schedule"] is schedule
    task = celery_app.tasks[entry["task"]]
    task()
    assert "digest_due has no receiver" in caplog.text
    taken: list[str] = []

    def take(app: Any, row: Any, user: Any) -> None:
        taken.append(row.user_id)

    with signals.digest_due.connected_to(take, host.app):
        task()
        task()
    assert taken == [me]
