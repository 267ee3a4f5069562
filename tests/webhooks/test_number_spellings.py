"""One person, several spellings of a number: matching, STOP in both directions, and the window of WhatsApp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import MESSAGE
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.webhooks.conftest import INBOUND, PUBLIC_URL

pytestmark = one_host

PAIRS = [
    ("+55 11 98765-4321", "+551187654321"),
    ("+55 11 8765-4321", "+5511987654321"),
    ("+55 31 98765-4321", "+553187654321"),
    ("+52 55 1234 5678", "+5215512345678"),
    ("+52 1 55 1234 5678", "+525512345678"),
    ("+54 11 2345-6789", "+5491123456789"),
    ("+54 9 11 2345-6789", "+541123456789"),
]
"""As people write it, and as a message comes in."""

SOMEBODY_ELSE = [
    ("+55 11 3456-7890", "+5511934567890"),
    ("+39 06 1234 5678", "+39612345678"),
    ("+54 11 2345-6789", "+541123456780"),
]


def opted_in(host: Host, api: Caller, phone: str) -> str:
    contact = host.contact(phone=phone)
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact


def write(twilio: FakeTwilio, body: str, sender: str, channel: str = "whatsapp", **more: Any) -> None:
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    to = twilio.whatsapp_from if channel == "whatsapp" else twilio.sms_from
    assert twilio.receive(INBOUND, f"{prefix}{sender}", f"{prefix}{to}", body, **more) == 200


def forget_keys(host: Host) -> None:
    """Leave the rows as version 0.1 wrote them."""
    models = host.models
    with host.app.app_context():
        for table, names in (
            (models.Profile, ("phone_key", "whatsapp_key", "phone_number_source")),
            (models.Suppression, ("number_key",)),
            (models.ConsentEntry, ("number_key",)),
            (models.Message, ("address_key",)),
        ):
            host.session.execute(sa.update(table).values(dict.fromkeys(names)))
        host.session.commit()


@pytest.mark.parametrize("old_rows", [False, True])
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
@pytest.mark.parametrize(("stored", "sender"), PAIRS)
def test_a_stop_in_another_spelling_suppresses_the_number(
    host: Host, api: Caller, twilio: FakeTwilio, stored: str, sender: str, channel: str, old_rows: bool
) -> None:
    contact = opted_in(host, api, stored)
    if old_rows:
        forget_keys(host)
    write(twilio, "STOP", sender, channel)
    if old_rows:
        forget_keys(host)
    for by in ("whatsapp", "sms"):
        path = f"/contacts/{contact}/messages"
        assert api.post(path, {**MESSAGE, "channel": by}, 403)["code"] == "opted_out_by_recipient"
        assert api.post(f"{path}/preview", {**MESSAGE, "channel": by}, 200)["preview"]["blocked"]["since"]
    profile = api.get(f"/contacts/{contact}/relationship")["profile"]
    assert profile["messaging_blocked"]["reason"] == "opted_out_by_recipient"
    assert twilio.attempts == []
    (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
    assert (message["from_number"], message["contact_id"]) == (sender, contact)
    told = api.get(f"/contacts/{contact}/consent")
    assert [entry["event"] for entry in told["entries"]] == ["stop", "opt_in"]
    assert [row["number"] for row in told["suppressions"]] == [sender]


@pytest.mark.parametrize("old_rows", [False, True])
@pytest.mark.parametrize(("stored", "sender"), PAIRS)
def test_start_in_any_spelling_lifts_it(
    host: Host, api: Caller, twilio: FakeTwilio, stored: str, sender: str, old_rows: bool
) -> None:
    contact = opted_in(host, api, stored)
    number = api.get(f"/contacts/{contact}/relationship")["profile"]["phone_e164"]
    write(twilio, "STOP", sender)
    write(twilio, "STOP", number)
    if old_rows:
        forget_keys(host)
    write(twilio, "START", sender)
    assert api.get(f"/contacts/{contact}/relationship")["profile"]["messaging_blocked"] is None
    assert api.post(f"/contacts/{contact}/messages", MESSAGE)["message"]["to_number"] == number


@pytest.mark.parametrize(("stored", "sender"), SOMEBODY_ELSE)
@pytest.mark.parametrize("old_rows", [False, True])
def test_what_only_looks_alike_is_somebody_else(
    host: Host, api: Caller, twilio: FakeTwilio, stored: str, sender: str, old_rows: bool
) -> None:
    contact = opted_in(host, api, stored)
    write(twilio, "STOP", sender, "sms")
    if old_rows:
        forget_keys(host)
    assert api.get(f"/contacts/{contact}/messages")["messages"] == []
    assert api.get(f"/contacts/{contact}/relationship")["profile"]["messaging_blocked"] is None


@databases("sqlite")
@pytest.mark.parametrize(("stored", "sender"), PAIRS)
def test_a_message_opens_the_window_and_counts_as_contact(
    make_host: Callable[..., Host], twilio: FakeTwilio, stored: str, sender: str
) -> None:
    host = make_host(**twilio.config(PUBLIC_URL=PUBLIC_URL, WHATSAPP_WINDOW="enforce"))
    twilio.connect(host.app)
    api = host.person()
    contact = opted_in(host, api, stored)
    message = {**MESSAGE, "channel": "whatsapp"}
    assert api.post(f"/contacts/{contact}/messages", message, 409)["code"] == "outside_whatsapp_window"
    write(twilio, "Hello", sender)
    assert api.post(f"/contacts/{contact}/messages", message)["message"]["outside_whatsapp_window"] is False
    assert api.get(f"/contacts/{contact}/relationship")["profile"]["last_contact"]["channel"] == "whatsapp"


@databases("sqlite")
def test_the_window_belongs_to_the_number_that_wrote(host: Host, api: Caller, twilio: FakeTwilio) -> None:
    contact = opted_in(host, api, "+44 20 7946 0018")
    write(twilio, "Hello", "+442079460018")
    api.patch(f"/contacts/{contact}/relationship", {"phone_number": "+44 20 7946 0019"})
    path = f"/contacts/{contact}/messages/preview"
    assert api.post(path, {**MESSAGE, "channel": "whatsapp"}, 200)["preview"]["outside_whatsapp_window"] is True


@databases("sqlite")
def test_the_normaliser_reads_inbound_addresses_too(make_host: Callable[..., Host], twilio: FakeTwilio) -> None:
    host = make_host(**twilio.config(PUBLIC_URL=PUBLIC_URL))
    twilio.connect(host.app)
    numbers = host.state.numbers
    host.state.numbers = type(numbers)(None, lambda text: text.replace(" ", "").replace("+990", "+991"))
    try:
        api = host.person()
        contact = opted_in(host, api, "+991 123456")
        write(twilio, "STOP", "+990123456", "sms")
        profile = api.get(f"/contacts/{contact}/relationship")["profile"]
        assert profile["messaging_blocked"]["reason"] == "opted_out_by_recipient"
        (message,) = api.get(f"/contacts/{contact}/messages")["messages"]
        assert message["from_number"] == "+990123456"
    finally:
        host.state.numbers = numbers


@databases("sqlite")
def test_a_normaliser_that_raises_loses_no_message(
    host: Host, api: Caller, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = opted_in(host, api, "+44 20 7946 0018")

    def fail(text: str) -> str:
        raise ValueError(text)

    monkeypatch.setattr(host.state, "numbers", type(host.state.numbers)(None, fail))
    write(twilio, "STOP", "+442079460018", "sms")
    monkeypatch.undo()
    assert api.post(f"/contacts/{contact}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"


@databases("sqlite")
@pytest.mark.parametrize("spelling", ["+52 1 55 1234 5678", "+525512345678"])
def test_another_spelling_of_a_number_is_no_new_number(make_host: Callable[..., Host], spelling: str) -> None:
    host = make_host(RELATIONSHIPS_CONSENT_PER_NUMBER=True)
    api = host.person()
    contact = opted_in(host, api, "+52 55 1234 5678")
    changed = api.patch(f"/contacts/{contact}/relationship", {"phone_number": spelling})["profile"]
    assert (changed["twilio_opt_in"], changed["phone_number"]) == (True, spelling)
