"""``run_due``: what became of messages whose answer was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flask_relationships import OutboundMessage, signals
from flask_relationships.jobs import run_due
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import EVENT, MESSAGE
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = one_host

MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def host(make_host: Callable[..., Host], twilio: FakeTwilio) -> Host:
    host = make_host(**twilio.config())
    twilio.connect(host.app)
    host.state.clock = lambda: datetime.now(UTC)  # the fake's dates are of today's clock
    return host


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def run(host: Host, later: timedelta = timedelta()) -> dict[str, int]:
    """What became of messages that were unclear; ``lapsed`` are those that a dead process had left."""
    with host.app.app_context(), host.clock_at(datetime.now(UTC) + later):
        done = run_due()
    assert done.failed == ()
    found = {"lapsed": done["abandoned_messages"]["unclear"], **done["unclear_messages"]}
    return {name: number for name, number in found.items() if number}


def send(api: Caller, contact: str, status: int = 202, **fields: Any) -> dict[str, Any]:
    return dict(api.post(f"/contacts/{contact}/messages", {**MESSAGE, **fields}, status)["message"])


def only(api: Caller, contact: str) -> dict[str, Any]:
    (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
    return dict(message)


def statuses(api: Caller, contact: str) -> list[str]:
    return [action["status"] for action in api.get(f"/contacts/{contact}/relationship-actions")["actions"]]


def test_a_message_that_was_sent_is_found_and_its_action_done(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    twilio.fail("drop_after")
    send(api, willing, auto_action_id=action)
    assert run(host) == {"found": 1}
    message = only(api, willing)
    assert (message["status"], message["provider_sid"]) == ("queued", twilio.messages[0].sid)
    assert statuses(api, willing) == ["done"]
    assert run(host) == {}
    assert len(twilio.messages) == 1


def test_one_that_never_left_is_unclear_for_an_hour_and_then_not_sent(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    twilio.fail("drop_before")
    send(api, willing, auto_action_id=action)
    assert run(host, 50 * MINUTES) == {"still_unclear": 1}
    assert only(api, willing)["status"] == "unconfirmed"
    assert run(host, 2 * HOURS) == {"not_sent": 1}
    message = only(api, willing)
    assert (message["status"], message["error_code"]) == ("failed", "not_sent")
    send(api, willing, 201, auto_action_id=action)
    assert statuses(api, willing) == ["done"]
    assert twilio.messages[0].times == 1


def test_a_list_that_cannot_be_read_says_nothing(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    for fault in ("error_before", "html_error", "drop_before", "busy"):
        twilio.fail(fault, on="list", times=5)  # type: ignore[arg-type]
        assert run(host, 3 * HOURS) == {"still_unclear": 1}, fault
        twilio.recover()
    assert run(host, 3 * HOURS) == {"found": 1}


def test_a_list_that_lags_is_waited_for(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.list_lag = 600
    twilio.fail("drop_after")
    send(api, willing)
    assert run(host) == {"still_unclear": 1}
    twilio.list_lag = 0
    assert run(host) == {"found": 1}


def test_one_of_two_that_look_alike_is_not_guessed(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after", times=2)
    send(api, willing)
    send(api, willing)
    assert run(host, 2 * HOURS) == {"still_unclear": 2}
    assert {message["status"] for message in api.get(f"/contacts/{willing}/messages")["messages"]} == {"unconfirmed"}


def test_other_messages_to_the_number_are_not_taken_for_it(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    send(api, willing, 201)
    send(api, willing, 201, body="Another text")
    twilio.fail("drop_before")
    send(api, willing)
    assert run(host, 2 * HOURS) == {"not_sent": 1}


def test_it_is_found_among_many_that_came_after_it(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    """That it is not on the first page does not mean that it was never sent."""
    twilio.fail("drop_after")
    send(api, willing, body="The first")
    client = twilio.transport()
    for number in range(120):
        client.send(OutboundMessage(id=str(number), channel="sms", to="+442079460018", body=str(number)))
    assert run(host, 2 * HOURS) == {"found": 1}


def test_what_a_dead_process_left_is_looked_for(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    with host.app.app_context():
        message = host.session.query(host.models.Message).one()
        message.status, message.status_rank = "sending", 0
        host.session.commit()
    assert run(host, 2 * MINUTES) == {}
    assert run(host, 10 * MINUTES) == {"lapsed": 1, "found": 1}


def test_a_transport_that_keeps_no_list_leaves_it_unclear(
    make_host: Callable[..., Host],
) -> None:
    host = make_host()
    api = host.person()
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    host.transport.failure = [RuntimeError("broken")]
    send(api, contact)
    assert run(host, 5 * HOURS) == {"still_unclear": 1}


def test_the_command_says_what_it_did(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    runner = host.app.test_cli_runner()
    printed = runner.invoke(args=["relationships", "run-due"])
    assert (printed.exit_code, printed.output) == (0, "Unclear messages: 1 found\n")
    printed = runner.invoke(args=["relationships", "run-due", "--json"])
    told = json.loads(printed.output)
    assert (told["dry_run"], told["on"]) == (False, datetime.now(UTC).date().isoformat())
    assert {name for step in told["steps"] for name, number in step["counts"].items() if number} == set()


def test_one_of_two_twins_is_not_guessed_when_only_one_left(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    """The list shows one message, and either of ours may be it: whoever sent the other again would send it twice."""
    twilio.fail("drop_before")
    send(api, willing)
    twilio.fail("drop_after")
    send(api, willing)
    twilio.fail("drop_after")
    send(api, willing, body="Another text")
    assert run(host) == {"found": 1, "still_unclear": 2}
    assert run(host, 2 * HOURS) == {"still_unclear": 2}


def test_what_is_found_or_given_up_is_told(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    heard: list[tuple[str, Any]] = []

    def hear(app: Any, row: Any, user: Any) -> None:
        heard.append((row.status, user))

    twilio.fail("drop_after")
    send(api, willing, auto_action_id=action)
    twilio.fail("drop_before")
    send(api, willing, body="Another text")
    with signals.message_status_changed.connected_to(hear), signals.action_closed.connected_to(hear):
        run(host, 2 * HOURS)
    assert heard == [("queued", None), ("done", None), ("failed", None)]


def test_one_that_was_found_too_late_says_why(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    twilio._api.rise(twilio.messages[0].sid, "undelivered", 30005)
    assert run(host) == {"found": 1}
    message = only(api, willing)
    assert (message["status"], message["error_code"]) == ("undelivered", "30005")
    assert message["error_message"]


def test_one_that_twilio_is_sending_is_found(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    """Twilio's word for it is ours for a message that is being called for."""
    twilio.fail("drop_after")
    send(api, willing)
    twilio._api.rise(twilio.messages[0].sid, "sending", None)
    assert run(host) == {"found": 1}
    assert only(api, willing)["provider_sid"] == twilio.messages[0].sid


@databases("sqlite")
def test_a_list_that_cannot_be_read_is_not_asked_for_every_message(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    twilio.fail("drop_after", times=5)
    for number in range(5):
        send(api, willing, body=str(number))
    twilio.fail("error_before", on="list", share=1)
    assert run(host) == {"still_unclear": 3}
    twilio.recover()
    assert run(host) == {"found": 5}


@databases("sqlite")
def test_a_transport_that_raises_what_it_likes_stops_nothing(
    make_host: Callable[..., Host], caplog: pytest.LogCaptureFixture
) -> None:
    class Own(type(make_host().transport)):  # type: ignore[misc]
        def find(self, message: OutboundMessage, attempted_at: datetime) -> list[Any]:
            raise KeyError(message.to)

    host = make_host()
    host.state.transport = own = Own()
    api, contact = host.person(), host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    own.failure = [RuntimeError("broken")]
    send(api, contact)
    assert run(host, 5 * HOURS) == {"still_unclear": 1}
    assert "79460018" not in caplog.text


@databases("sqlite")
def test_a_database_that_fails_the_command_tells_no_number(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> int:
        raise OperationalError("SELECT", {"to": "+442079460018"}, Exception("gone"))

    monkeypatch.setattr("flask_relationships.jobs.recovery.lapse", fail)
    printed = host.app.test_cli_runner().invoke(args=["relationships", "run-due"])
    assert printed.exit_code == 1
    assert "Messages whose sender has died: not done, OperationalError" in printed.stderr
    assert "79460018" not in printed.output


def test_old_idempotency_keys_are_deleted(api: Caller, host: Host, willing: str) -> None:
    api.ask("POST", f"/contacts/{willing}/messages", MESSAGE, headers={"Idempotency-Key": "old"})
    run(host, 23 * HOURS)
    assert len(host.rows("IdempotencyKey")) == 1
    run(host, 25 * HOURS)
    assert host.rows("IdempotencyKey") == []


def test_an_old_key_may_be_used_again_where_nobody_runs_what_is_due(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    key = {"headers": {"Idempotency-Key": "the-same"}}
    first = api.ask("POST", f"/contacts/{willing}/messages", MESSAGE, **key)
    with host.clock_at(datetime.now(UTC) + 25 * HOURS):
        host.state.keys_forgotten_at = host.state.now()  # by another request, before this key was old
        again = api.ask("POST", f"/contacts/{willing}/messages", MESSAGE, **key)
        once_more = api.ask("POST", f"/contacts/{willing}/messages", MESSAGE, **key)
    assert "Idempotent-Replayed" not in again.headers
    assert once_more.headers["Idempotent-Replayed"] == "true"
    assert first.json is not None
    assert again.json is not None
    assert first.json["message"]["id"] != again.json["message"]["id"]
    assert len(host.rows("IdempotencyKey")) == 1
    assert len(twilio.messages) == 2


def test_keys_do_not_pile_up_where_nobody_runs_what_is_due(api: Caller, host: Host, willing: str) -> None:
    for hours in range(0, 60, 6):
        with host.clock_at(datetime.now(UTC) + hours * HOURS):
            key = {"Idempotency-Key": f"at-{hours}"}
            api.ask(
                "POST", f"/contacts/{willing}/relationship-actions", {"title": "x", "action_type": "call"}, headers=key
            )
    assert len(host.rows("IdempotencyKey")) <= 5
