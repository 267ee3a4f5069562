"""GET /contacts/:id/consent: what was said about messages to a contact."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_relationships.testing import FakeTwilio
from tests.channels.conftest import INBOUND, NUMBER, send
from tests.consent.conftest import history, say
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = one_host

OTHER = "+44 20 7946 0019"


def test_it_is_empty_at_first(api: Caller, contact: str) -> None:
    assert history(api, contact) == {"entries": [], "suppressions": []}


def test_every_change_is_a_line_newest_first(host: Host, api: Caller, twilio: FakeTwilio, contact: str) -> None:
    begun = host.state.clock()
    steps = (
        lambda: say(api, contact, True),
        lambda: twilio.receive(INBOUND, NUMBER, twilio.sms_from, "STOP", sid="SM" + "0" * 32),
        lambda: twilio.receive(INBOUND, NUMBER, twilio.sms_from, "START", sid="SM" + "1" * 32),
        lambda: say(api, contact, False),
    )
    for minute, step in enumerate(steps):
        with host.clock_at(begun + timedelta(minutes=minute)):
            step()
    found = history(api, contact)
    told = [(line["event"], line["source"], line["channel"], line["evidence"]) for line in found["entries"]]
    assert told == [
        ("opt_out", "staff", None, None),
        ("start", "recipient", "sms", "SM" + "1" * 32),
        ("stop", "recipient", "sms", "SM" + "0" * 32),
        ("opt_in", "staff", None, None),
    ]
    assert [line["actor_user_id"] for line in found["entries"]] == [api.id, None, None, api.id]
    assert {line["number"] for line in found["entries"]} == {NUMBER}
    times = [line["created_at"] for line in found["entries"]]
    (suppression,) = found["suppressions"]
    assert suppression == {
        "number": NUMBER,
        "channel": "sms",
        "reason": "stop",
        "created_at": times[2],
        "lifted_at": times[1],
    }


def test_what_the_provider_refuses_is_there_too(api: Caller, twilio: FakeTwilio, contact: str) -> None:
    say(api, contact, True)
    twilio.fail("refuse", code=21610)
    send(api, contact, 403)
    found = history(api, contact)
    assert [(line["event"], line["source"]) for line in found["entries"]][:1] == [("refused", "provider")]
    assert [(one["reason"], one["lifted_at"]) for one in found["suppressions"]] == [("refused", None)]


def test_pages(api: Caller, contact: str) -> None:
    for opt_in in (True, False, True, False, True):
        say(api, contact, opt_in)
    whole = history(api, contact)["entries"]
    pages, cursor = [], None
    while True:
        page = history(api, contact, limit=2, **({"cursor": cursor} if cursor else {}))
        assert page["suppressions"] == []
        pages.append(page["entries"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [line for page in pages for line in page] == whole


def test_the_suppression_of_a_number_that_they_had_is_shown(api: Caller, twilio: FakeTwilio, contact: str) -> None:
    """Whoever looks for a reason finds it, also after the number was changed; that of others is not shown."""
    say(api, contact, True)
    twilio.receive(INBOUND, NUMBER, twilio.sms_from, "STOP")
    twilio.receive(INBOUND, "+12025550123", twilio.sms_from, "STOP")
    api.patch(f"/contacts/{contact}/relationship", {"phone_number": OTHER})
    assert [one["number"] for one in history(api, contact)["suppressions"]] == [NUMBER]


def test_a_number_of_whatsapp_counts(api: Caller, twilio: FakeTwilio, contact: str) -> None:
    api.patch(f"/contacts/{contact}/relationship", {"whatsapp_number": OTHER})
    twilio.receive(INBOUND, "+442079460019", twilio.sms_from, "STOP")
    assert [one["number"] for one in history(api, contact)["suppressions"]] == ["+442079460019"]


@pytest.mark.on_hosts("peculiar")
@databases("sqlite")
def test_who_wrote_a_line_is_null_where_they_may_not_be_seen(host: Host, api: Caller, contact: str) -> None:
    other = host.person()
    say(other, contact, True)
    assert [line["actor_user_id"] for line in history(api, contact)["entries"]] == [other.id]
    host.hide_user(other.id)
    assert [line["actor_user_id"] for line in history(api, contact)["entries"]] == [None]


@databases("sqlite")
def test_it_is_for_whoever_may_see_the_contact(host: Host, contact: str) -> None:
    history(host.person("view"), contact)
    assert host.person("none").get(f"/contacts/{contact}/consent", 403)["code"] == "forbidden"
    assert host.person().get(f"/contacts/{host.absent_id()}/consent", 404)["code"] == "not_found"


@databases("sqlite")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_route_changes_it(api: Caller, contact: str, method: str) -> None:
    assert api.ask(method, f"/contacts/{contact}/consent", {}).status_code == 405


def test_staff_cannot_lift_a_stop(host: Host, api: Caller, twilio: FakeTwilio, contact: str) -> None:
    say(api, contact, True)
    twilio.receive(INBOUND, NUMBER, twilio.sms_from, "STOP")
    for opt_in in (False, True):
        say(api, contact, opt_in, opt_in_source="They rang", opt_in_evidence="and said it was a mistake")
    api.patch(f"/contacts/{contact}/relationship", {"phone_number": None})
    api.patch(f"/contacts/{contact}/relationship", {"phone_number": NUMBER})
    assert send(api, contact, 403)["code"] == "opted_out_by_recipient"
    other = host.contact(phone=NUMBER)
    say(api, other, True)
    assert send(api, other, 403)["code"] == "opted_out_by_recipient"
    assert twilio.attempts == []
