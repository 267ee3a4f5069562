"""The host changes a contact's phone: every effect follows with the first request that reads the contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.host import Caller, Host
from tests.hosts.ordinary import Contact
from tests.marks import one_host
from tests.webhooks.conftest import PUBLIC_URL
from tests.webhooks.test_number_spellings import write

pytestmark = one_host

OLD, NEW = "+442079460018", "+442079460019"

READS = ("relationship", "life-events", "relationship-actions", "messages", "consent", "vcard")
WRITES: dict[str, Any] = {
    "relationship-actions": ACTION,
    "life-events": {**EVENT, "event_date": "2030-05-15"},
}


def change_phone(host: Host, contact: str, phone: str | None) -> None:
    with host.app.app_context():
        row = host.session.get(Contact, int(contact))
        row.phone = phone
        host.session.commit()


def stored(host: Host, contact: str) -> list[tuple[str, str]]:
    rows = host.rows("ContactNumber")
    return [(row["number"], row["number_key"]) for row in rows if str(row["contact_id"]) == contact]


def threads(host: Host, contact: str) -> list[str]:
    return [row["body"] for row in host.rows("Message") if str(row["contact_id"]) == contact]


@pytest.mark.parametrize("route", READS)
def test_reading_a_contact_stores_the_number(host: Host, api: Caller, twilio: FakeTwilio, route: str) -> None:
    contact = host.contact(phone=OLD)
    write(twilio, "Hello", NEW, "sms")
    api.ask("GET", f"/contacts/{contact}/{route}")
    assert stored(host, contact) == [(OLD, OLD)]
    change_phone(host, contact, NEW)
    assert api.ask("GET", f"/contacts/{contact}/{route}").status_code == 200
    assert stored(host, contact) == [(NEW, NEW)]
    assert threads(host, contact) == ["Hello"]
    change_phone(host, contact, None)
    assert api.ask("GET", f"/contacts/{contact}/{route}").status_code == 200
    assert stored(host, contact) == []


@pytest.mark.parametrize("route", WRITES)
def test_writing_for_a_contact_stores_the_number(host: Host, api: Caller, twilio: FakeTwilio, route: str) -> None:
    contact = host.contact(phone=OLD)
    write(twilio, "Hello", NEW, "sms")
    change_phone(host, contact, NEW)
    assert api.ask("POST", f"/contacts/{contact}/{route}", WRITES[route]).status_code < 300
    assert stored(host, contact) == [(NEW, NEW)]
    assert threads(host, contact) == ["Hello"]


@pytest.mark.parametrize("by", ["profile", "send", "life events", "vcard"])
def test_every_effect_follows_whoever_reads_first(make_host: Callable[..., Host], by: str) -> None:
    """The opt-in lapses with its number, a STOP that waited joins, and both are announced."""
    with FakeTwilio() as twilio:
        host = make_host(**twilio.config(PUBLIC_URL=PUBLIC_URL, CONSENT_PER_NUMBER=True))
        twilio.connect(host.app)
        api, contact = host.person(), host.contact(phone=OLD)
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        write(twilio, "STOP", NEW, "sms")
        change_phone(host, contact, NEW)
        heard: list[str] = []
        matched: list[str] = []
        with (
            signals.consent_changed.connected_to(lambda _app, row, **_: heard.append(row.event), host.app),
            signals.message_matched.connected_to(lambda _app, row, **_: matched.append(row.body), host.app),
        ):
            if by == "send":
                assert api.ask("POST", f"/contacts/{contact}/messages", MESSAGE).status_code == 403
            else:
                route = {"profile": "relationship", "life events": "life-events", "vcard": "vcard"}[by]
                response = api.ask("GET", f"/contacts/{contact}/{route}")
                assert by != "vcard" or NEW in response.get_data(as_text=True)
        assert (heard, matched) == (["opt_out", "stop"], ["STOP"])
        profile = api.get(f"/contacts/{contact}/relationship")["profile"]
        assert (profile["phone_number"], profile["twilio_opt_in"]) == (NEW, False)
        assert profile["messaging_blocked"]["reason"] == "not_opted_in"
        assert profile["last_contact"] is not None
        assert threads(host, contact) == ["STOP"]
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        assert api.post(f"/contacts/{contact}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"
        assert twilio.messages == []


def test_a_preview_writes_nothing(host: Host, api: Caller, willing: str) -> None:
    before = stored(host, willing)
    change_phone(host, willing, NEW)
    assert api.post(f"/contacts/{willing}/messages/preview", MESSAGE, 200)["preview"]["to_number"] == NEW
    assert stored(host, willing) == before


def test_an_edited_phone_stays_when_the_host_changes_its_own(host: Host, api: Caller, willing: str) -> None:
    api.patch(f"/contacts/{willing}/relationship", {"phone_number": "+442079460555"})
    change_phone(host, willing, NEW)
    assert api.ask("GET", f"/contacts/{willing}/vcard").get_data(as_text=True).count("+442079460555") == 1
    assert stored(host, willing) == [(NEW, NEW)]
    profile = api.get(f"/contacts/{willing}/relationship")["profile"]
    assert (profile["phone_number"], profile["phone_number_source"]) == ("+442079460555", "edited")
