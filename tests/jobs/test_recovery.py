"""``run_due``: what became of messages whose answer was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships import OutboundMessage
from flask_relationships.jobs import Done, run_due
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import EVENT, MESSAGE
from tests.benchmarks.kill_loop import Loop
from tests.databases import Databases
from tests.hosts.host import Caller, Host
from tests.marks import one_host

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


def run(host: Host, later: timedelta = timedelta()) -> Done:
    with host.app.app_context(), host.clock_at(datetime.now(UTC) + later):
        return run_due()


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
    assert run(host) == Done(lapsed=0, found=1, not_sent=0, unclear=0)
    message = only(api, willing)
    assert (message["status"], message["provider_sid"]) == ("queued", twilio.messages[0].sid)
    assert statuses(api, willing) == ["done"]
    assert run(host) == Done(0, 0, 0, 0)
    assert len(twilio.messages) == 1


def test_one_that_never_left_is_unclear_for_an_hour_and_then_not_sent(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    action = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]["open_action_id"]
    twilio.fail("drop_before")
    send(api, willing, auto_action_id=action)
    assert run(host, 50 * MINUTES) == Done(0, 0, 0, unclear=1)
    assert only(api, willing)["status"] == "unconfirmed"
    assert run(host, 2 * HOURS) == Done(0, 0, not_sent=1, unclear=0)
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
        assert run(host, 3 * HOURS) == Done(0, 0, 0, unclear=1), fault
        twilio.recover()
    assert run(host, 3 * HOURS) == Done(0, 1, 0, 0)


def test_a_list_that_lags_is_waited_for(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.list_lag = 600
    twilio.fail("drop_after")
    send(api, willing)
    assert run(host) == Done(0, 0, 0, unclear=1)
    twilio.list_lag = 0
    assert run(host) == Done(0, 1, 0, 0)


def test_one_of_two_that_look_alike_is_not_guessed(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after", times=2)
    send(api, willing)
    send(api, willing)
    assert run(host, 2 * HOURS) == Done(0, 0, 0, unclear=2)
    assert {message["status"] for message in api.get(f"/contacts/{willing}/messages")["messages"]} == {"unconfirmed"}


def test_other_messages_to_the_number_are_not_taken_for_it(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    send(api, willing, 201)
    send(api, willing, 201, body="Another text")
    twilio.fail("drop_before")
    send(api, willing)
    assert run(host, 2 * HOURS) == Done(0, 0, not_sent=1, unclear=0)


def test_it_is_found_among_many_that_came_after_it(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    """That it is not on the first page does not mean that it was never sent."""
    twilio.fail("drop_after")
    send(api, willing, body="The first")
    client = twilio.transport()
    for number in range(120):
        client.send(OutboundMessage(id=str(number), channel="sms", to="+442079460018", body=str(number)))
    assert run(host, 2 * HOURS) == Done(0, found=1, not_sent=0, unclear=0)


def test_what_a_dead_process_left_is_looked_for(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    with host.app.app_context():
        message = host.session.query(host.models.Message).one()
        message.status, message.status_rank = "sending", 0
        host.session.commit()
    assert run(host, 2 * MINUTES) == Done(0, 0, 0, 0)
    assert run(host, 10 * MINUTES) == Done(lapsed=1, found=1, not_sent=0, unclear=0)


def test_a_transport_that_keeps_no_list_leaves_it_unclear(
    make_host: Callable[..., Host],
) -> None:
    host = make_host()
    api = host.person()
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    host.transport.failure = [RuntimeError("broken")]
    send(api, contact)
    assert run(host, 5 * HOURS) == Done(0, 0, 0, unclear=1)


def test_the_command_says_what_it_did(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    twilio.fail("drop_after")
    send(api, willing)
    runner = host.app.test_cli_runner()
    printed = runner.invoke(args=["relationships", "run-due"])
    assert (printed.exit_code, printed.output.split(",")[0]) == (0, "Unclear messages: 1 found at the provider")
    printed = runner.invoke(args=["relationships", "run-due", "--json"])
    assert json.loads(printed.output) == {"lapsed": 0, "found": 0, "not_sent": 0, "unclear": 0, "sent": 0}


def test_processes_that_are_killed_send_nothing_twice_and_lose_nothing(
    databases: Databases, place: tuple[str, str]
) -> None:
    """Workers killed with -9 at random, a provider that fails a fifth of the time: afterwards both say the same."""
    result = Loop(databases.url(place[1], "kills"), messages=60, kills=15, workers=2, faults=0.2, seed=3).run()
    assert (result.doubled, result.lost, result.wrong, result.unclear) == (0, 0, 0, 0), result
    assert result.sent >= 30
    assert result.kills == 15
