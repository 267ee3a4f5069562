"""Sending messages, reports, recovery and settlement as functions of a context."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flask_relationships import errors
from flask_relationships.context import Context
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.consent import service as consent
from flask_relationships.domain.messages import missing_reports, recovery, reports, senders, sending, settlement
from flask_relationships.domain.messages import service as messages
from flask_relationships.domain.messages.statuses import STATUS_RANKS
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.providers.base import (
    OutboundMessage,
    Report,
    TransportRefused,
    TransportUnavailable,
    TransportUnclear,
)
from flask_relationships.providers.memory import MemoryTransport
from flask_relationships.providers.senders import Sender

from .office import MODELS, NOON, NOW, NUMBER, Contact, Office

LATER = NOW + timedelta(minutes=1)
TEXT: dict[str, Any] = {
    "channel": "sms",
    "body": "Hello",
    "media_url": None,
    "content_sid": None,
    "content_variables": None,
}


class Provider(MemoryTransport):
    """A transport whose list of messages and statuses a test writes."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[Report] = []
        self.status: Report | Exception | None = None

    def search(self, _message: OutboundMessage, _attempted_at: datetime, _now: datetime) -> list[Report]:
        return self.listed

    def fetch(self, _provider_sid: str) -> Report | None:
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def ctx(office: Office, provider: Provider) -> Context:
    office.ctx = replace(office.ctx, transport=provider)
    return office.ctx


@pytest.fixture
def contact(office: Office) -> Contact:
    contact = office.contact(phone=NUMBER)
    profile = profiles.find_or_create(office.ctx, office.row(contact), lambda _found: None).profile
    profiles.change(office.ctx, office.row(contact), profile, {"twilio_opt_in": True}, user=None)
    return contact


def write(office: Office, contact: Contact, action_id: Any = None) -> Any:
    row = office.row(contact)
    return messages.create(office.ctx, row, TEXT, action_id, user=None, announce=lambda _found: None)


def linked(office: Office, contact: Contact) -> Any:
    values = {"title": "Write", "action_type": "message", "status": "pending", "source": "manual"}
    return actions.add(office.ctx, {"contact_id": contact.id, **values}, now=NOW)


def send(office: Office, contact: Contact, action_id: Any = None, **options: Any) -> tuple[Any, sending.Outcome]:
    message = write(office, contact, action_id)
    attempt = sending._claim(office.ctx, message.id)
    assert attempt is not None
    return message.id, sending._call_and_store(office.ctx, message.id, attempt, is_awaited=options.get("awaited", True))


def row(office: Office) -> Any:
    return office.only(MODELS.Message)


def unconfirmed(office: Office, contact: Contact, provider: Provider, action_id: Any = None) -> Any:
    provider.failure = TransportUnclear("timeout")
    message_id, _ = send(office, contact, action_id)
    provider.failure = None
    return message_id


def test_a_message_is_claimed_by_one(office: Office, ctx: Context, contact: Contact) -> None:
    message = write(office, contact)
    assert sending._claim(ctx, message.id) == 1
    assert sending._claim(ctx, message.id) is None
    assert sending._claim(ctx, uuid4()) is None
    assert (row(office).status, row(office).attempted_at) == ("sending", NOW)


def test_a_message_is_not_claimed_before_its_time_or_where_nothing_can_be_sent(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    message = write(office, contact)
    message.not_before = LATER
    assert sending._claim(ctx, message.id) is None
    provider.configured = False
    assert not senders.can_send(ctx, "sms", None)
    assert sending._claim(office.at(NOON + timedelta(hours=1)), message.id) is None
    provider.configured = True
    assert senders.can_send(ctx, "sms", Sender(number="+442071838750"))
    assert sending._claim(office.at(NOON + timedelta(hours=1)), message.id) == 1


def test_what_is_claimed_in_quiet_hours_waits_for_their_end(office: Office, ctx: Context, contact: Contact) -> None:
    message = write(office, contact)
    quiet = replace(ctx, settings=office.with_settings(RELATIONSHIPS_QUIET_HOURS="12:00-15:00").settings)
    assert sending._claim(quiet, message.id) is None
    assert (row(office).status, row(office).not_before) == ("queued", NOW.replace(day=15, hour=14, minute=0))


def test_an_accepted_message_does_its_action(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    action = linked(office, contact)
    message_id, outcome = send(office, contact, action.id)

    assert outcome.problem is None
    assert outcome.action is not None
    assert [sent.to for sent in provider.sent] == [NUMBER]
    assert (row(office).status, row(office).sent_at) == ("queued", NOW)
    assert row(office).provider_sid is not None
    assert (office.only(MODELS.Action).status, office.only(MODELS.Action).closed_by) == ("done", "message")
    assert sending._call_and_store(ctx, message_id, 1, is_awaited=True) == sending.Outcome()
    assert len(provider.sent) == 1


def test_what_the_provider_is_told(office: Office, ctx: Context, contact: Contact) -> None:
    message = write(office, contact)
    told = sending.outbound(ctx, message)
    assert (told.id, told.to, told.body, told.sender, told.status_callback) == (
        str(message.id),
        NUMBER,
        "Hello",
        None,
        None,
    )


@pytest.mark.parametrize("wish", ["stop", "opt_out", "gone"])
def test_nobody_is_called_who_wants_no_message_any_more(
    office: Office, ctx: Context, contact: Contact, provider: Provider, wish: str
) -> None:
    message_id = write(office, contact).id
    attempt = sending._claim(ctx, message_id)
    assert attempt is not None
    if wish == "stop":
        consent.suppress(ctx, NUMBER, channel="sms", reason="stop", now=NOW)
    elif wish == "opt_out":
        office.only(MODELS.Profile).twilio_opt_in = False
    else:
        office.session.delete(contact)
    ctx.commit()

    outcome = sending._call_and_store(ctx, message_id, attempt, is_awaited=False)
    assert provider.sent == []
    if wish == "gone":
        assert outcome == sending.Outcome()
        assert office.rows(MODELS.Message) == []
    else:
        assert row(office).status == "failed"
        assert outcome.problem is not None
        assert outcome.problem.code == {"stop": "opted_out_by_recipient", "opt_out": "not_opted_in"}[wish]


def test_a_refusal_suppresses_the_number(office: Office, ctx: Context, contact: Contact, provider: Provider) -> None:
    action = linked(office, contact)
    provider.failure = TransportRefused("Unsubscribed.", provider_code=21610, effect="suppress")
    _, outcome = send(office, contact, action.id)

    assert outcome.entry is not None
    assert (outcome.entry.event, outcome.entry.source) == ("refused", "provider")
    assert (row(office).status, row(office).error_code) == ("failed", "21610")
    assert office.only(MODELS.Suppression).number == NUMBER
    assert office.only(MODELS.Action).claimed_by_message_id is None


def test_an_unclear_answer_leaves_the_message_unconfirmed(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    unconfirmed(office, contact, provider)
    assert row(office).status == "unconfirmed"


def test_what_nobody_waits_for_is_tried_again(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    provider.failure = TransportUnavailable("busy")
    _, outcome = send(office, contact, awaited=False)
    assert outcome.problem is not None
    assert (row(office).status, row(office).not_before) == ("queued", LATER)


def test_a_status_only_rises(office: Office, ctx: Context, contact: Contact) -> None:
    message_id, _ = send(office, contact)
    assert reports.take(ctx, message_id, Report("delivered"), now=LATER).changed
    assert not reports.take(ctx, message_id, Report("sent"), now=LATER).changed
    assert not reports.take(ctx, message_id, Report("delivered"), now=LATER).changed
    assert not reports.take(ctx, message_id, Report("unheard of"), now=LATER).changed
    assert not reports.take(ctx, message_id, Report("read", "SM-other"), now=LATER).changed
    assert reports.take(ctx, message_id, Report("read"), now=LATER).changed
    assert (row(office).status, row(office).delivered_at, row(office).read_at) == ("read", LATER, LATER)
    assert office.only(MODELS.Profile).last_contact_at == LATER


def test_an_undelivered_message_opens_its_action_again(office: Office, ctx: Context, contact: Contact) -> None:
    action = linked(office, contact)
    message_id, _ = send(office, contact, action.id)
    taken = reports.take(ctx, message_id, Report("undelivered", error_code="30003", effect="flag"), now=LATER)

    assert taken.action is not None
    assert office.only(MODELS.Action).status == "pending"
    assert office.only(MODELS.Profile).phone_unreachable_since == LATER


def test_what_a_failure_means_beyond_its_message(office: Office, ctx: Context, contact: Contact) -> None:
    message = write(office, contact)
    assert reports.apply_effect(ctx, None, message, NOW) is None
    assert reports.apply_effect(ctx, "flag", message, NOW) is None
    assert office.only(MODELS.Profile).phone_unreachable_since == NOW
    entry = reports.apply_effect(ctx, "suppress", message, NOW)
    assert entry is not None
    assert entry.contact_id == contact.id


def test_a_dead_process_leaves_its_message_unconfirmed(office: Office, ctx: Context, contact: Contact) -> None:
    first, second = write(office, contact), write(office, contact)
    for message in (first, second):
        sending._claim(ctx, message.id)
    assert recovery.lease(ctx) >= timedelta(minutes=5)
    dead = sa.select(sa.func.count()).select_from(MODELS.Message).where(recovery.is_dead(ctx))
    assert ctx.execute(dead).scalar_one() == 0
    assert recovery.lapse(ctx) == 0

    later = office.at(NOON + recovery.lease(ctx) + timedelta(seconds=1))
    assert recovery.lapse(later, MODELS.Message.id == first.id) == 1
    assert recovery.lapse(later) == 1
    assert {one.status for one in office.rows(MODELS.Message)} == {"unconfirmed"}
    assert set(recovery.unconfirmed(later, 10)) == {first.id, second.id}
    assert len(recovery.unconfirmed(later, 1)) == 1
    assert recovery.unconfirmed(office.at(NOON + timedelta(days=8)), 10) == []
    lost = sa.select(sa.func.count()).select_from(MODELS.Message).where(recovery.is_looked_for(later))
    assert ctx.execute(lost).scalar_one() == 2


def test_an_unconfirmed_message_is_found_at_the_provider(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    action = linked(office, contact)
    message_id = unconfirmed(office, contact, provider, action.id)
    assert recovery.look_for(ctx, message_id).fate == "unclear"

    provider.listed = [Report("delivered", "SM1", text="Hello")]
    looked = recovery.look_for(ctx, message_id)
    assert (looked.fate, looked.action is not None) == ("found", True)
    assert (row(office).status, row(office).provider_sid) == ("delivered", "SM1")
    assert recovery.look_for(ctx, message_id).fate == "unclear"


def test_a_message_that_may_be_any_of_several_stays_unconfirmed(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    message_id = unconfirmed(office, contact, provider)
    provider.listed = [Report("sent", "SM1", text="Hello"), Report("sent", "SM2", text="Hello")]
    assert recovery.look_for(ctx, message_id).fate == "unclear"
    assert [one["provider_sid"] for one in row(office).candidates] == ["SM1", "SM2"]


def test_a_message_that_the_provider_never_had_was_not_sent(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    action = linked(office, contact)
    message_id = unconfirmed(office, contact, provider, action.id)
    later = office.at(NOON + timedelta(hours=1, seconds=1))
    assert recovery.look_for(later, message_id).fate == "not_sent"
    assert (row(office).status, row(office).error_code) == ("failed", "not_sent")
    assert office.only(MODELS.Action).claimed_by_message_id is None


def test_a_transport_without_a_list_leaves_a_message_unconfirmed(
    office: Office, ctx: Context, contact: Contact, provider: Provider
) -> None:
    message_id = unconfirmed(office, contact, provider)
    assert recovery.look_for(replace(ctx, transport=MemoryTransport()), message_id).fate == "unclear"


@pytest.mark.parametrize(
    ("status", "chosen", "expected"),
    [("sent", "SM1", "delivered"), ("sent", None, "sent"), ("not_sent", None, "failed")],
)
def test_a_person_settles_an_unconfirmed_message(
    office: Office, ctx: Context, contact: Contact, provider: Provider, status: str, chosen: Any, expected: str
) -> None:
    unconfirmed(office, contact, provider)
    message = row(office)
    message.candidates = [{"provider_sid": "SM1", "status": "delivered"}]
    office.session.flush()

    for wrong in ({"status": "sent", "provider_sid": "SM9"}, {"status": "not_sent", "provider_sid": "SM1"}):
        with pytest.raises(errors.ValidationFailed):
            settlement.settle(ctx, message, wrong)
    assert settlement.settle(ctx, message, {"status": status, "provider_sid": chosen}).changed
    assert (row(office).status, row(office).provider_sid) == (expected, chosen)
    with pytest.raises(errors.MessageSettled):
        settlement.settle(ctx, row(office), {"status": "sent", "provider_sid": None})


def test_a_lost_report_is_asked_for(office: Office, ctx: Context, contact: Contact, provider: Provider) -> None:
    message_id, _ = send(office, contact)
    assert missing_reports.can_request(ctx)
    assert not missing_reports.can_request(replace(ctx, transport=MemoryTransport()))
    assert missing_reports.due(ctx, 10) == []

    later = office.at(NOON + timedelta(minutes=11))
    assert missing_reports.due(later, 10) == [message_id]
    assert missing_reports.due(replace(later, transport=MemoryTransport()), 10) == []
    due = sa.select(MODELS.Message.id).where(missing_reports.is_due(later))
    assert list(ctx.execute(due).scalars()) == [message_id]

    provider.status = RuntimeError("no answer")
    assert missing_reports.request(later, message_id).answer == "unreadable"
    assert row(office).status_requests in (None, 0)
    provider.status = Report("delivered")
    assert missing_reports.request(later, message_id).answer == "changed"
    assert missing_reports.request(later, message_id).answer == "same"
    assert row(office).status_rank == STATUS_RANKS["delivered"]
