"""``run_due``: what became of messages whose answer was lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flask_relationships import OutboundMessage, signals
from flask_relationships.jobs.registry import run_due
from flask_relationships.providers.twilio.transport import TwilioTransport
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import EVENT, MESSAGE
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = one_host

MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)


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
    found = {"Unconfirmed messages: 1 found"}
    assert (printed.exit_code, set(printed.output.splitlines())) == (0, found)
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

    monkeypatch.setattr("flask_relationships.jobs.registry.recovery.lapse", fail)
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


ALTERED = {
    "smart encoding": ("It’s “fine” – see you…", 'It\'s "fine" - see you...'),
    "trimmed": ("  Hello there \n", "Hello there"),
    "line ends": ("Hello\r\nthere", "Hello\nthere"),
    "normal form": ("Cafe\u0301 at 5", "Caf\u00e9 at 5"),
    "trial prefix": ("Hello", "Sent from your Twilio trial account - Hello"),
    "short link": ("Look: https://crm.example.com/very/long?x=1 now", "Look: https://twil.io/abc12 now"),
    "footer": ("Hello", "Hello\nReply STOP to unsubscribe."),
    "footer in its own words": ("Hello", "Hello Text STOP to opt-out"),
    "redacted": ("Hello", ""),
    "a prefix of ours": ("Sent from your Twilio trial account - Hi", "Sent from your Twilio trial account - Hi"),
    "invisible marks": ("Hel\u200blo\u00a0there", "Hello there"),
    "all at once": (
        "It’s https://a.example/b?c\r\n bye ",
        "Sent from your Twilio trial account - It's https://twil.io/x bye\nReply STOP to end",
    ),
}


@databases("sqlite")
@pytest.mark.parametrize(("ours", "theirs"), ALTERED.values(), ids=ALTERED)
def test_a_text_that_twilio_has_changed_is_found(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, ours: str, theirs: str
) -> None:
    twilio.fail("drop_after")
    send(api, willing, body=ours)
    twilio.listed = lambda message: {**message, "body": theirs}
    assert run(host, 2 * HOURS) == {"found": 1}


def test_another_text_at_the_provider_leaves_it_unconfirmed_with_both_texts(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    """Twilio may change texts in ways that nobody knows."""
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    twilio.fail("drop_after")
    send(api, willing, body="Hello", auto_action_id=action)
    twilio.listed = lambda message: {**message, "body": "Quite another text"}
    assert run(host, 2 * HOURS) == {"still_unclear": 1}
    message = only(api, willing)
    (candidate,) = message["candidates"]
    assert (message["status"], message["body"]) == ("unconfirmed", "Hello")
    assert (candidate["body"], candidate["provider_sid"]) == ("Quite another text", twilio.messages[0].sid)
    assert candidate["created_at"]
    twilio.listed = dict
    assert run(host, 3 * HOURS) == {"found": 1}
    assert only(api, willing)["candidates"] == []
    assert statuses(api, willing) == ["done"]


CLOCKS = [timedelta(minutes=6), timedelta(minutes=-16), timedelta(hours=1), timedelta(hours=-1), timedelta(hours=9)]


@databases("sqlite")
@pytest.mark.parametrize("wrong", CLOCKS, ids=str)
def test_a_wrong_clock_does_not_hide_a_message(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, wrong: timedelta
) -> None:
    twilio.clock_skew = wrong
    twilio.fail("drop_after")
    send(api, willing)
    assert run(host, 2 * HOURS) == {"found": 1}


@databases("sqlite")
@pytest.mark.parametrize("wrong", CLOCKS[:4], ids=str)
def test_a_clock_that_was_set_since_does_not_hide_a_message(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, wrong: timedelta
) -> None:
    """The difference of the clocks is zero when it is measured."""
    with host.app.app_context(), host.clock_at(datetime.now(UTC) + wrong):
        twilio.fail("drop_after")
        send(api, willing)
    for hours in (2, 3):
        twilio.clock_skew = hours * HOURS  # as much time has passed at Twilio as here
        assert "not_sent" not in run(host, hours * HOURS)
    message = only(api, willing)
    assert message["status"] == "queued" or [one["body"] for one in message["candidates"]] == [message["body"]]


def test_it_is_found_after_the_sender_was_changed(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    twilio.sms_from = "+15005550009"
    host.state.transport = twilio.transport(sms_from="+15005550009")
    assert run(host, 2 * HOURS) == {"found": 1}


def test_it_is_found_where_it_went_by_rcs(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    sent = twilio.messages[0]
    twilio._log.change(sent.sid, to=f"rcs:{sent.to}", from_="rcs:acme_agent")
    assert run(host, 2 * HOURS) == {"found": 1}
    message = only(api, willing)
    assert (message["channel"], message["delivered_via"]) == ("sms", "rcs")


@databases("sqlite")
@pytest.mark.parametrize(
    ("stored", "listed"),
    [
        ("+52 55 1234 5678", "whatsapp:+5215512345678"),
        ("+54 9 11 2345 6789", "whatsapp:+541123456789"),
        ("+55 11 98765-4321", "whatsapp:+551187654321"),
    ],
)
def test_it_is_found_under_the_other_spelling_of_its_number(
    api: Caller, host: Host, twilio: FakeTwilio, stored: str, listed: str
) -> None:
    contact = host.contact(phone=stored)
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    twilio.fail("drop_after")
    send(api, contact, channel="whatsapp")
    twilio._log.change(twilio.messages[0].sid, to=listed)
    assert run(host, 2 * HOURS) == {"found": 1}


def test_empty_pages_end_the_list(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.empty_pages = True
    twilio.fail("drop_after")
    send(api, willing)
    twilio.fail("drop_before")
    send(api, willing, body="Another text")
    done = run(host)
    assert done == {"found": 1, "still_unclear": 1}
    assert run(host, 2 * HOURS) == {"not_sent": 1}


@databases("sqlite")
@pytest.mark.parametrize("date", ["2026-11-30T19:05:00Z", None, "", "yesterday"])
def test_a_date_that_cannot_be_read_says_nothing(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, date: str | None
) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    twilio.listed = lambda message: {**message, "date_created": date}
    assert run(host, 2 * HOURS) == {"still_unclear": 1}
    assert only(api, willing)["status"] == "unconfirmed"
    twilio.listed = dict
    assert run(host, 2 * HOURS) == {"found": 1}


def test_a_text_that_differs_only_as_twilio_changes_texts_is_a_twin(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    twilio.fail("drop_before")
    send(api, willing, body="It’s today")
    twilio.fail("drop_after")
    send(api, willing, body="It's today")
    assert run(host) == {"still_unclear": 2}


@databases("sqlite")
@pytest.mark.parametrize("status", ["received", "receiving"])
def test_an_outbound_message_is_never_received(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, status: str
) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    twilio.listed = lambda message: {**message, "status": status}
    assert run(host) == {"found": 1}
    assert only(api, willing)["status"] == "accepted"


def test_without_credentials_nobody_is_called(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio.fail("drop_after")
    api.post(f"/contacts/{willing}/messages", MESSAGE, 202)
    settings = host.state.settings._replace(twilio_auth_token=None, twilio_api_key_sid=None)
    monkeypatch.setattr(host.state, "transport", TwilioTransport.from_settings(settings))
    called: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *given: called.append(given))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **_: called.append(given))
    with host.app.app_context():
        run_due()
    assert called == []
    assert host.row("Message", contact_id=willing)["status"] in ("sending", "unconfirmed")
