"""Messages that find their contact later: by hand, or because the contact gets their number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.jobs import registry as jobs
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import MESSAGE
from tests.hosts.host import Caller, Host
from tests.hosts.ordinary import Contact
from tests.marks import databases, one_host
from tests.webhooks.conftest import PUBLIC_URL
from tests.webhooks.test_number_spellings import forget_keys, opted_in, write

pytestmark = one_host

STRANGER = "+442079460999"
NUMBER = "+442079460018"


def unmatched(api: Caller) -> list[dict[str, Any]]:
    return list(api.get("/messages/unmatched")["messages"])


def attach(api: Caller, contact: str, status: int = 200) -> dict[str, Any]:
    (message,) = unmatched(api)
    return dict(api.ask("PUT", f"/contacts/{contact}/messages/{message['id']}").get_json())


def profile(api: Caller, contact: str) -> dict[str, Any]:
    return dict(api.get(f"/contacts/{contact}/relationship")["profile"])


def run_due(host: Host) -> Any:
    with host.app.app_context():
        return jobs.run_due()


def test_a_stop_matched_by_hand_holds_for_the_contact(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    write(twilio, "STOP", STRANGER, "sms")
    heard: list[str] = []
    with signals.consent_changed.connected_to(lambda _app, row, **_: heard.append(row.event), host.app):
        attach(api, willing)
    assert heard == ["stop"]
    assert profile(api, willing)["messaging_blocked"]["reason"] == "opted_out_by_recipient"
    for channel in ("sms", "whatsapp"):
        refused = api.post(f"/contacts/{willing}/messages", {**MESSAGE, "channel": channel}, 403)
        assert refused["code"] == "opted_out_by_recipient"
    told = api.get(f"/contacts/{willing}/consent")
    assert [(entry["event"], entry["number"]) for entry in told["entries"]] == [
        ("stop", STRANGER),
        ("opt_in", NUMBER),
    ]
    assert {row["number"] for row in told["suppressions"]} == {STRANGER, NUMBER}
    write(twilio, "START", NUMBER, "sms")
    assert profile(api, willing)["messaging_blocked"] is None


@databases("sqlite")
def test_a_stop_that_was_taken_back_since_suppresses_nothing(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str
) -> None:
    write(twilio, "STOP", STRANGER, "sms")
    write(twilio, "START", STRANGER, "sms")
    (stop,) = [message for message in unmatched(api) if message["body"] == "STOP"]
    api.ask("PUT", f"/contacts/{willing}/messages/{stop['id']}")
    assert profile(api, willing)["messaging_blocked"] is None


@databases("sqlite")
def test_a_message_matched_by_hand_opens_the_window_and_counts_as_contact(
    make_host: Callable[..., Host], twilio: FakeTwilio
) -> None:
    host = make_host(**twilio.config(PUBLIC_URL=PUBLIC_URL, WHATSAPP_WINDOW="enforce"))
    twilio.connect(host.app)
    api = host.person()
    contact = opted_in(host, api, NUMBER)
    write(twilio, "Hello", STRANGER)
    attach(api, contact)
    assert profile(api, contact)["last_contact"]["channel"] == "whatsapp"
    api.post(f"/contacts/{contact}/messages", {**MESSAGE, "channel": "whatsapp"})


@pytest.mark.parametrize("old_rows", [False, True])
@pytest.mark.parametrize(("phone", "sender"), [(NUMBER, NUMBER), ("+52 55 1234 5678", "+5215512345678")])
def test_messages_that_waited_join_when_the_profile_is_made(
    host: Host, api: Caller, twilio: FakeTwilio, phone: str, sender: str, old_rows: bool
) -> None:
    contact = host.contact(phone=phone)
    write(twilio, "Hello", sender, "sms")
    write(twilio, "STOP", sender, "sms")
    assert len(unmatched(api)) == 2
    if old_rows:
        forget_keys(host)
    made = api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})["profile"]
    assert made["messaging_blocked"]["reason"] == "opted_out_by_recipient"
    assert made["last_contact"]["channel"] == "sms"
    assert [message["body"] for message in api.get(f"/contacts/{contact}/messages")["messages"]] == ["STOP", "Hello"]
    assert "stop" in [entry["event"] for entry in api.get(f"/contacts/{contact}/consent")["entries"]]
    assert unmatched(api) == []


@pytest.mark.parametrize("member", ["phone_number", "whatsapp_number"])
def test_messages_that_waited_join_when_the_number_is_entered(
    host: Host, api: Caller, twilio: FakeTwilio, willing: str, member: str
) -> None:
    write(twilio, "Hello", STRANGER, "sms")
    api.patch(f"/contacts/{willing}/relationship", {member: "+44 20 7946 0999"})
    (message,) = api.get(f"/contacts/{willing}/messages")["messages"]
    assert message["body"] == "Hello"


def test_messages_of_a_number_that_two_contacts_have_wait_for_somebody(
    host: Host, api: Caller, twilio: FakeTwilio
) -> None:
    first, second = host.contact(phone=NUMBER), host.contact(phone=NUMBER)
    write(twilio, "Hello", NUMBER, "sms")
    run_due(host)
    for contact in (first, second):
        profile(api, contact)
    assert len(unmatched(api)) == 1


def test_contacts_whom_nobody_has_opened_are_found_by_number(host: Host, api: Caller, twilio: FakeTwilio) -> None:
    contact = host.contact(phone="+52 55 1234 5678")
    write(twilio, "Before", "+5215512345678", "sms")
    done = run_due(host)
    assert done["contact_numbers"] == {"refreshed": 1}
    assert unmatched(api) == []
    write(twilio, "STOP", "+5215512345678", "sms")
    bodies = [message["body"] for message in api.get(f"/contacts/{contact}/messages")["messages"]]
    assert bodies == ["STOP", "Before"]
    assert host.rows("Profile") == []
    opted = api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})["profile"]
    assert opted["messaging_blocked"]["reason"] == "opted_out_by_recipient"
    assert run_due(host)["contact_numbers"]["refreshed"] == 0


def test_a_changed_number_is_found_a_day_later_though_jobs_run_every_hour(host: Host, api: Caller) -> None:
    contact, begins = host.contact(phone=NUMBER), host.state.clock()
    run_due(host)
    host.change(Contact, contact, phone=STRANGER)
    numbers = []
    for hour in range(1, 26):
        with host.clock_at(begins + timedelta(hours=hour)):
            run_due(host)
        numbers += [row["number"] for row in host.rows("ContactNumber")]
    assert (numbers[0], numbers[22], numbers[24]) == (NUMBER, NUMBER, STRANGER)


@databases("sqlite")
def test_a_number_that_leaves_the_contact_leaves_the_table(host: Host, api: Caller, twilio: FakeTwilio) -> None:
    contact = host.contact(phone=NUMBER)
    run_due(host)
    host.state.settings = host.state.settings._replace(numbers_refresh_hours=-1)
    host.change(Contact, contact, phone=STRANGER)
    run_due(host)
    assert [row["number"] for row in host.rows("ContactNumber")] == [STRANGER]
    host.change(Contact, contact, phone="unlisted")
    run_due(host)
    assert host.rows("ContactNumber") == []
    host.change(Contact, contact, phone=NUMBER)
    run_due(host)
    host.delete_contact(contact)
    assert host.rows("ContactNumber") == []


def test_a_phone_that_the_host_changes_is_followed(host: Host, api: Caller, twilio: FakeTwilio, willing: str) -> None:
    host.change(Contact, willing, phone="+44 20 7946 0999")
    assert api.post(f"/contacts/{willing}/messages/preview", MESSAGE, 200)["preview"]["to_number"] == STRANGER
    assert host.row("Profile")["phone_e164"] == NUMBER, "a preview writes nothing"
    assert api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]["to_number"] == STRANGER
    write(twilio, "Thank you", STRANGER, "sms")
    assert api.get(f"/contacts/{willing}/messages")["messages"][0]["body"] == "Thank you"
    assert profile(api, willing)["phone_number_source"] == "crm"


def test_a_phone_that_was_edited_here_stays(host: Host, api: Caller, willing: str) -> None:
    path = f"/contacts/{willing}/relationship"
    assert api.patch(path, {"phone_number": "+44 20 7946 0017"})["profile"]["phone_number_source"] == "edited"
    host.change(Contact, willing, phone="+44 20 7946 0999")
    assert profile(api, willing)["phone_e164"] == "+442079460017"
    assert api.patch(path, {"phone_number": "+44 20 7946 0999"})["profile"]["phone_number_source"] == "crm"
    host.change(Contact, willing, phone=None)
    changed = profile(api, willing)
    assert (changed["phone_number"], changed["phone_number_source"]) == (None, None)


@databases("sqlite")
def test_the_whole_profile_sent_back_is_no_edit(host: Host, api: Caller, willing: str) -> None:
    same = {"phone_number": profile(api, willing)["phone_number"]}
    assert api.patch(f"/contacts/{willing}/relationship", same)["profile"]["phone_number_source"] == "crm"


def test_rows_of_version_0_1_follow_where_they_equal_the_host_s_value(host: Host, api: Caller) -> None:
    same, other, empty = (opted_in(host, api, NUMBER) for _ in range(3))
    api.patch(f"/contacts/{other}/relationship", {"phone_number": STRANGER})
    api.patch(f"/contacts/{empty}/relationship", {"phone_number": None})
    forget_keys(host)
    run_due(host)
    sources = {row["contact_id"]: row["phone_number_source"] for row in host.rows("Profile")}
    assert sources == {same: "crm", other: "edited", empty: "edited"}
    assert all((row["phone_key"] is None) == (row["phone_number"] is None) for row in host.rows("Profile"))


@databases("sqlite")
def test_an_edit_by_a_process_of_version_0_1_is_not_lost(host: Host, api: Caller, willing: str) -> None:
    id = profile(api, willing)["id"]
    host.change(host.models.Profile, id, phone_number=STRANGER, phone_e164=STRANGER)
    changed = profile(api, willing)
    assert (changed["phone_number"], changed["phone_number_source"]) == (STRANGER, "edited")
    assert host.row("Profile")["phone_key"] == STRANGER


@pytest.mark.parametrize("by", ["read", "job"])
def test_an_opt_in_lapses_with_the_number_that_the_host_changes(make_host: Callable[..., Host], by: str) -> None:
    host = make_host(RELATIONSHIPS_CONSENT_PER_NUMBER=True)
    api = host.person()
    contact = opted_in(host, api, NUMBER)
    host.change(Contact, contact, phone=STRANGER)
    if by == "job":
        run_due(host)
    else:
        profile(api, contact)
    (found,) = host.rows("Profile")
    assert (found["phone_e164"], found["twilio_opt_in"]) == (STRANGER, False)
    newest = api.get(f"/contacts/{contact}/consent")["entries"][0]
    assert (newest["event"], newest["source"]) == ("opt_out", "number_changed")


@databases("sqlite")
def test_keys_are_filled_in_by_a_scheduled_job(host: Host, api: Caller, twilio: FakeTwilio) -> None:
    opted_in(host, api, "+52 55 1234 5678")
    write(twilio, "STOP", "+5215512345678", "sms")
    forget_keys(host)
    assert run_due(host)["number_keys"]["filled"] == 4
    for name, column in (("Suppression", "number_key"), ("ConsentEntry", "number_key"), ("Message", "address_key")):
        assert {row[column] for row in host.rows(name)} == {"+525512345678"}
    assert run_due(host)["number_keys"]["filled"] == 0
