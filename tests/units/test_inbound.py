"""Messages that come in as functions of a context: whose they are, what they say, and who gets them later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import errors
from flask_relationships.context import Callbacks, Context
from flask_relationships.db.filters import ListFilter
from flask_relationships.db.pagination import Page
from flask_relationships.domain.consent import service as consent
from flask_relationships.domain.contacts.addresses import address_key
from flask_relationships.domain.messages import inbound, late_match, matching, new_numbers, unmatched
from flask_relationships.domain.messages import queries as messages_queries
from flask_relationships.domain.messages.senders import Senders
from flask_relationships.domain.profiles import host_numbers
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.providers.senders import Sender

from .office import MODELS, NOW, NUMBER, Contact, Office, plain

OURS, THEIRS = "+442071838750", "+442071838751"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ctx(office: Office) -> Context:
    """Return a context with one sender for each of the two tenants."""
    named = Senders(Sender(), {"1": Sender(number=OURS, tenant=1), "2": Sender(number=THEIRS, tenant=2)})
    office.ctx = replace(office.ctx, senders=named)
    return office.ctx


def opened(office: Office, **values: Any) -> Contact:
    contact = office.contact(**{"phone": NUMBER} | values)
    profiles.find_or_create(office.ctx, office.row(contact), lambda _found: None)
    return contact


def text(body: str = "Hi", sid: str = "SM1", to: str = OURS, **values: str) -> inbound.Inbound:
    return inbound.read({"MessageSid": sid, "From": NUMBER, "To": to, "Body": body} | values)


def arrival(to: str = OURS) -> matching.Arrival:
    return matching.Arrival(NUMBER, address_key(NUMBER), "sms", to, None)


def test_a_message_of_a_contact_is_kept_once(office: Office, ctx: Context) -> None:
    contact = opened(office)
    first, again = (inbound.receive(ctx, text(), now=NOW) for _ in range(2))

    assert first.message is not None
    assert again == (None, [])
    row = office.only(MODELS.Message)
    assert (row.contact_id, row.body, row.tenant, row.status) == (contact.id, "Hi", "1", "received")
    profile = office.only(MODELS.Profile)
    assert (profile.last_message_at, profile.last_contact_channel) == (NOW, "sms")


@pytest.mark.parametrize(
    ("body", "expected"),
    [("STOP", "stop"), ("Opt out.", "stop"), (" start! ", "start"), ("Please stop by", None), ("Stop?", None)],
)
def test_what_a_message_says_of_consent(body: str, expected: str | None) -> None:
    assert inbound.wish(text(body)) == expected


def test_stop_suppresses_and_start_lifts(office: Office, ctx: Context) -> None:
    contact = opened(office)
    (stop,) = inbound.receive(ctx, text("STOP"), now=NOW).entries
    assert (stop.event, stop.contact_id, stop.evidence) == ("stop", contact.id, "SM1")
    assert office.only(MODELS.Suppression).lifted_at is None

    (start,) = inbound.receive(ctx, text("START", "SM2"), now=LATER).entries
    assert start.event == "start"
    assert office.only(MODELS.Suppression).lifted_at == LATER
    assert not office.only(MODELS.Profile).twilio_opt_in


def test_a_stop_of_nobody_is_kept_and_heeded(office: Office, ctx: Context) -> None:
    received = inbound.receive(ctx, text("STOP"), now=NOW)
    assert received.message is not None
    assert received.message.contact_id is None
    assert [entry.contact_id for entry in received.entries] == [None]
    assert office.only(MODELS.Suppression).number == NUMBER


def test_a_message_belongs_to_the_tenant_of_the_number_it_came_to(office: Office, ctx: Context) -> None:
    here, there = opened(office), opened(office, tenant_id=2)
    assert matching.match(ctx, arrival()) == (here.id, [here.id], "1")
    assert matching.match(ctx, arrival(THEIRS)) == (there.id, [there.id], "2")


def test_of_several_it_is_the_one_last_written_to(office: Office, ctx: Context) -> None:
    first, second = opened(office), opened(office)
    assert matching.match(ctx, arrival()).contact is None
    sent = {"direction": "outbound", "channel": "sms", "body": "Hi", "status": "sent", "provider_sid": "SM0"}
    sent |= {"to_number": NUMBER, "address_key": address_key(NUMBER), "sender_number": OURS, "tenant": "1"}
    office.add(MODELS.Message(contact_id=second.id, created_at=NOW, **sent))
    matched = matching.match(ctx, arrival())
    assert (matched.contact, matched.concerned[0]) == (second.id, second.id)
    assert set(matched.concerned) == {first.id, second.id}


def test_a_message_joins_contacts_of_its_tenant_alone(office: Office, ctx: Context) -> None:
    here, there = office.contact(), office.contact(tenant_id=2)
    message = inbound.receive(ctx, text(), now=NOW).message
    assert matching.may_join(ctx, message, here.id)
    assert not matching.may_join(ctx, message, there.id)


def test_a_message_is_attached_once_with_its_effects(office: Office, ctx: Context) -> None:
    message = inbound.receive(ctx, text("STOP"), now=NOW).message
    assert message is not None
    contact = opened(office, phone="+442079460009")

    assert late_match.attach(ctx, message, contact.id, office.row(contact), revisions=[99]) is None
    attached = late_match.attach(ctx, message, contact.id, office.row(contact))
    assert attached is not None
    assert attached.entry is not None
    assert (attached.entry.event, attached.entry.contact_id) == ("stop", contact.id)
    assert {row.number for row in office.rows(MODELS.Suppression)} == {NUMBER, "+442079460009"}
    assert late_match.attach(ctx, message, contact.id) is None
    assert office.only(MODELS.Profile).last_contact_at == NOW


def test_waiting_messages_join_whoever_got_their_number(office: Office, ctx: Context) -> None:
    inbound.receive(ctx, text(), now=NOW)
    assert late_match.join_waiting(ctx, []) == []
    assert late_match.join_waiting(ctx, [address_key(NUMBER)]) == []

    opened(office, tenant_id=2)
    assert late_match.join_waiting(ctx, [address_key(NUMBER)]) == []
    contact = opened(office)
    office.session.execute(sa.delete(Contact).where(Contact.tenant_id == 2))
    (joined,) = late_match.join_waiting(ctx, [address_key(NUMBER)])
    assert joined.message.id == office.only(MODELS.Message).id
    assert office.only(MODELS.Message).contact_id == contact.id


def test_a_changed_number_of_the_host_brings_its_messages(office: Office, ctx: Context) -> None:
    inbound.receive(ctx, text("STOP"), now=NOW)
    contact, told = office.contact(phone=NUMBER), list[str]()

    def announce(signal: Any, _row: Any) -> None:
        told.append(signal.name)

    new_numbers.follow(ctx, office.row(contact), announce, is_reading=True)
    assert told == ["message-matched", "consent-changed"]
    assert office.only(MODELS.Message).contact_id == contact.id
    new_numbers.follow(ctx, office.row(contact), announce, is_reading=True)
    assert len(told) == 2


def test_lapsed_opt_ins_are_announced(office: Office, ctx: Context) -> None:
    entry = consent.record(ctx, contact=None, number=NUMBER, event="opt_out", source="number_changed", now=NOW)
    told: list[Any] = []
    refreshed = host_numbers.Refreshed(1, [], [entry])
    new_numbers.settle(ctx, refreshed, lambda signal, row: told.append((signal.name, row)))
    assert told == [("consent-changed", entry)]


def shown(office: Office, ctx: Context) -> list[dict[str, Any]]:
    list_filter = ListFilter([unmatched.is_shown(ctx)])
    rows, _ = messages_queries.read(ctx, list_filter, Page(10))
    return plain(unmatched.with_candidates(ctx, rows))


def test_unmatched_messages_are_shown_to_their_tenant_with_candidates(office: Office, ctx: Context) -> None:
    ada, eve = office.user(), office.user("Eve", tenant_id=2)
    first, second = opened(office), opened(office, first_name="Ada")
    inbound.receive(ctx, text(), now=NOW)
    opened(office, tenant_id=2)

    (row,) = shown(office, office.seen_by(ada))
    assert [one["contact_id"] for one in row["candidate_contacts"]] == [str(first.id), str(second.id)]
    assert shown(office, office.seen_by(eve)) == []


def test_the_unmatched_callback_only_narrows(office: Office, ctx: Context) -> None:
    ada = office.user()
    inbound.receive(ctx, text(), now=NOW)
    none = Callbacks(unmatched=lambda select, _user: select.where(sa.false()))
    broken = Callbacks(unmatched=lambda _select, _user: 1 / 0)
    assert len(shown(office, office.seen_by(ada))) == 1
    assert shown(office, office.seen_by(ada, callbacks=none)) == []
    with pytest.raises(errors.Forbidden):
        unmatched.is_shown(office.seen_by(ada, callbacks=broken))
