"""An Idempotency-Key whose request died is free again after its lease, or answered from the message it has written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")

KEY = {"headers": {"Idempotency-Key": "the-same"}}

BODY = {"channel": "sms", "body": "Hello"}


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def send(api: Caller, contact: str) -> Any:
    return api.ask("POST", f"/contacts/{contact}/messages", BODY, **KEY)


def die(host: Host, message: dict[str, Any] | None = None, **left: Any) -> None:
    """Leave the rows as a process does that is killed before it could answer."""
    key = host.rows("IdempotencyKey")[0]
    host.change(host.models.IdempotencyKey, key["id"], status=None, answer=None)
    if message is not None:
        host.change(host.models.Message, message["id"], **left)


def later(host: Host, **after: int) -> Any:
    return host.clock_at(host.state.clock() + timedelta(**after))


def test_the_message_is_named_by_the_key_in_its_first_transaction(host: Host, api: Caller, willing: str) -> None:
    seen: list[Any] = []
    host.transport.during = lambda: seen.extend(host.rows("IdempotencyKey"))
    message = send(api, willing).json["message"]
    assert [(row["message_id"], row["contact_id"], row["status"]) for row in seen] == [(message["id"], willing, None)]


def test_what_is_left_of_the_lease_is_said(host: Host, api: Caller, willing: str) -> None:
    message = send(api, willing).json["message"]
    die(host, message, status="sending", status_rank=0, provider_sid=None)
    busy = send(api, willing)
    assert (busy.status_code, busy.json["code"]) == (409, "request_in_flight")
    assert 200 < int(busy.headers["Retry-After"]) <= 300
    with later(host, seconds=200):
        assert int(send(api, willing).headers["Retry-After"]) <= 100


@pytest.mark.parametrize(
    ("left", "status", "said"),
    [
        ({"status": "sending", "status_rank": 0, "provider_sid": None}, 202, "unconfirmed"),
        ({"status": "unconfirmed", "status_rank": 5, "provider_sid": None}, 202, "unconfirmed"),
        ({"status": "queued", "status_rank": -10, "provider_sid": None}, 201, "queued"),
        ({"status": "delivered", "status_rank": 60}, 201, "delivered"),
        ({"status": "undelivered", "status_rank": 50, "error_code": "30003"}, 201, "undelivered"),
        ({"status": "failed", "status_rank": 5, "error_code": "not_sent"}, 409, "message_not_sent"),
        ({"status": "failed", "status_rank": 5, "error_code": "21610"}, 502, "provider_refused"),
        ({"status": "failed", "status_rank": 5, "error_code": "provider_unavailable"}, 503, "provider_unavailable"),
    ],
)
def test_after_the_lease_the_message_answers_as_it_is(
    host: Host, api: Caller, willing: str, left: dict[str, Any], status: int, said: str
) -> None:
    message = send(api, willing).json["message"]
    die(host, message, **left)
    with later(host, minutes=6):
        for _ in range(2):
            answer = send(api, willing)
            assert answer.status_code == status
            assert answer.headers["Idempotent-Replayed"] == "true"
            if status < 400:
                assert (answer.json["message"]["id"], answer.json["message"]["status"]) == (message["id"], said)
            else:
                assert (answer.json["message_id"], answer.json["code"]) == (message["id"], said)
    assert len(host.transport.sent) == 1


def test_without_a_message_the_request_runs_again_after_a_minute(host: Host, api: Caller, contact: str) -> None:
    path, body = f"/contacts/{contact}/life-events", {"event_type": "visit", "title": "Visit"}
    api.ask("POST", path, body, **KEY)
    die(host)
    busy = api.ask("POST", path, body, **KEY)
    assert busy.status_code == 409
    assert 1 <= int(busy.headers["Retry-After"]) <= 60
    with later(host, seconds=61):
        assert api.ask("POST", path, {**body, "title": "Other"}, **KEY).status_code == 422
        again = api.ask("POST", path, body, **KEY)
        assert again.status_code == 201
        assert "Idempotent-Replayed" not in again.headers
        twin = api.ask("POST", path, body, **KEY)
        assert (twin.json, twin.headers["Idempotent-Replayed"]) == (again.json, "true")
        assert twin.headers["ETag"] == again.headers["ETag"] == '"1"'
    assert len(host.rows("LifeEvent")) == 2


def test_a_claim_of_version_0_1_stays_in_flight(host: Host, api: Caller, willing: str) -> None:
    """It may have sent a message of which its row says nothing."""
    send(api, willing)
    die(host)
    key = host.rows("IdempotencyKey")[0]["id"]
    host.change(host.models.IdempotencyKey, key, leased_until=None, message_id=None)
    with later(host, hours=1):
        assert send(api, willing).json["code"] == "request_in_flight"


@pytest.mark.parametrize("status", ["sending", "unconfirmed", "queued"])
def test_a_key_is_kept_while_its_message_is_unsettled(host: Host, api: Caller, willing: str, status: str) -> None:
    message = send(api, willing).json["message"]
    rank = {"sending": 0, "unconfirmed": 5, "queued": -10}[status]
    host.change(host.models.Message, message["id"], status=status, status_rank=rank, provider_sid=None)
    with later(host, days=3):
        assert send(api, willing).headers["Idempotent-Replayed"] == "true"
        host.change(host.models.Message, message["id"], status="delivered", status_rank=60)
        assert send(api, willing).json["message"]["id"] != message["id"]
    assert len(host.transport.sent) == 2


def test_an_unconfirmed_answer_is_told_anew_once_more_is_known(host: Host, api: Caller, willing: str) -> None:
    from flask_relationships.providers.base import TransportUnclear

    host.transport.failure = TransportUnclear("timeout")
    first = send(api, willing)
    assert first.status_code == 202
    host.change(host.models.Message, first.json["message"]["id"], status="delivered", status_rank=60)
    again = send(api, willing)
    assert (again.status_code, again.json["message"]["status"]) == (201, "delivered")


def test_answers_go_with_their_contact(host: Host, api: Caller, willing: str) -> None:
    action = api.post(f"/contacts/{willing}/relationship-actions", {"title": "Call", "action_type": "call"})["action"]
    company, partner = host.client(), {"partner_company_name": "Difference Engines", "contact_id": willing}
    asks: tuple[tuple[str, Any], ...] = (
        (f"/contacts/{willing}/life-events", {"event_type": "visit", "title": "Visit"}),
        (f"/contacts/{willing}/messages", BODY),
        (f"/contacts/{willing}/messages/preview", BODY),
        (f"/relationship-actions/{action['id']}/snooze", {"days": 3}),
        (f"/relationship-actions/{action['id']}/reopen", None),
        (f"/companies/{company}/partners", partner),
    )
    for path, body in asks:
        assert api.ask("POST", path, body, **KEY).status_code in (200, 201), path
    assert len(host.rows("IdempotencyKey")) == len(asks)
    host.delete_contact(willing)
    assert host.rows("IdempotencyKey") == []
