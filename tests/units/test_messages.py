"""Which messages may be sent, and writing and reading them, as functions of a context."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from flask_relationships import errors
from flask_relationships.context import Callbacks, Context
from flask_relationships.db.filters import ListFilter
from flask_relationships.db.pagination import Page
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.consent import service as consent
from flask_relationships.domain.messages import (
    callbacks,
    limits,
    policy,
    preview,
    quiet_hours,
    senders,
    waiting,
    whatsapp_window,
)
from flask_relationships.domain.messages import queries as messages_queries
from flask_relationships.domain.messages import service as messages
from flask_relationships.domain.messages.senders import Senders
from flask_relationships.domain.profiles import queries as profiles_queries
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.providers.memory import MemoryTransport
from flask_relationships.providers.senders import Sender

from .office import HOSTS, MODELS, NOON, NOW, NUMBER, Contact, NoDispatcher, Office, plain

TEXT: dict[str, Any] = {
    "channel": "sms",
    "body": "Hello",
    "media_url": None,
    "content_sid": None,
    "content_variables": None,
}
WHATSAPP = TEXT | {"channel": "whatsapp"}


def silent(_found: Any) -> None:
    """Send no signal."""


def opted_in(office: Office, **values: Any) -> Contact:
    contact = office.contact(**{"phone": NUMBER} | values)
    profile = profiles.find_or_create(office.ctx, office.row(contact), silent).profile
    profiles.change(office.ctx, office.row(contact), profile, {"twilio_opt_in": True}, user=None)
    return contact


def prepare(office: Office, contact: Contact, values: Any = None, ctx: Context | None = None, **options: Any) -> Any:
    options = {"user": None, "announce": silent, "action_id": None} | options
    return messages.create(ctx or office.ctx, office.row(contact), values or TEXT, **options)


def refusal(office: Office, contact: Contact, values: Any = None, ctx: Context | None = None) -> type[Exception]:
    with pytest.raises(errors.Problem) as raised:
        prepare(office, contact, values, ctx)
    return raised.type


def inbound(office: Office, contact: Contact | None, **values: Any) -> Any:
    columns = {"direction": "inbound", "channel": "whatsapp", "body": "Hi", "status": "received", "created_at": NOW}
    columns |= {"from_number": NUMBER, "status_rank": 60, "contact_id": contact and contact.id}
    return office.add(MODELS.Message(**columns | values))


def test_a_message_waits_in_the_table_until_it_is_sent(office: Office) -> None:
    ada, contact = office.user(), opted_in(office)
    message = prepare(office, contact, user=ada.id)
    assert (message.status, message.attempt, message.to_number) == ("queued", 0, NUMBER)
    assert (message.sent_by_user_id, message.num_segments, message.not_before) == (ada.id, 1, None)


def test_a_dispatcher_that_sends_at_once_finds_the_message_sending(office: Office) -> None:
    class AtOnce(NoDispatcher):
        immediate = True

    message = prepare(office, opted_in(office), ctx=replace(office.ctx, dispatcher=AtOnce()))
    assert (message.status, message.attempt, message.attempted_at) == ("sending", 1, NOW)


def test_nobody_is_written_to_without_an_opt_in(office: Office) -> None:
    assert refusal(office, office.contact(phone=NUMBER)) is errors.NotOptedIn


def test_a_suppressed_number_is_written_to_by_no_channel(office: Office) -> None:
    contact = opted_in(office)
    consent.suppress(office.ctx, NUMBER, channel="sms", reason="stop", now=NOW)
    assert refusal(office, contact) is errors.OptedOutByRecipient
    assert refusal(office, contact, WHATSAPP) is errors.OptedOutByRecipient


@pytest.mark.parametrize("phone", [None, "no number"])
def test_a_message_needs_a_number(office: Office, phone: str | None) -> None:
    assert refusal(office, opted_in(office, phone=phone)) is errors.NoPhoneNumber


def test_a_transport_that_cannot_send_refuses(office: Office) -> None:
    contact = opted_in(office)
    unset = replace(office.ctx, transport=MemoryTransport(configured=False))
    disabled = replace(office.ctx, transport=MemoryTransport(disabled=True))
    assert refusal(office, contact, ctx=unset) is errors.TwilioNotConfigured
    assert refusal(office, contact, ctx=disabled) is errors.TwilioDisabled


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"content_sid": "HX1"}, "#/content_sid"),
        ({"content_variables": {"1": "x"}}, "#/content_variables"),
        ({"media_url": "https://example.com/a.png"}, "#/media_url"),
        ({"channel": "mms", "media_url": "http://example.com/a.png"}, "#/media_url"),
        ({"channel": "mms", "media_url": "https://ada@example.com/a.png"}, "#/media_url"),
    ],
)
def test_the_rules_of_a_channel(office: Office, values: dict[str, Any], pointer: str) -> None:
    with pytest.raises(errors.ValidationFailed) as raised:
        prepare(office, opted_in(office), TEXT | values)
    assert [error.pointer for error in raised.value.errors] == [pointer]


def test_only_numbers_of_allowed_countries(office: Office) -> None:
    contact = opted_in(office)
    assert refusal(office, contact, ctx=office.with_settings(RELATIONSHIPS_COUNTRIES="US")) is errors.CountryNotAllowed
    assert prepare(office, contact, ctx=office.with_settings(RELATIONSHIPS_COUNTRIES="GB")).to_number == NUMBER


def is_outside(ctx: Context, contact: Contact, now: datetime, channel: str = "whatsapp") -> bool | None:
    found = profiles_queries.find(ctx, contact.id)
    assert found is not None
    return whatsapp_window.is_outside(ctx, contact.id, found, channel, now)


def test_the_window_of_whatsapp_is_enforced_where_configured(office: Office) -> None:
    contact, ctx = opted_in(office), office.with_settings(RELATIONSHIPS_WHATSAPP_WINDOW="enforce")
    assert is_outside(ctx, contact, NOW)
    assert refusal(office, contact, WHATSAPP, ctx) is errors.OutsideWhatsappWindow
    assert prepare(office, contact, WHATSAPP).outside_whatsapp_window is True

    inbound(office, contact, created_at=NOW - timedelta(hours=23))
    assert not is_outside(ctx, contact, NOW)
    assert is_outside(ctx, contact, NOW + timedelta(hours=1))
    assert is_outside(ctx, contact, NOW, "sms") is None
    assert prepare(office, contact, WHATSAPP, ctx).outside_whatsapp_window is False
    office.only(MODELS.Profile).whatsapp_number = office.only(MODELS.Profile).whatsapp_e164 = "+442079460009"
    assert is_outside(ctx, contact, NOW)


def test_a_message_claims_its_action_once(office: Office) -> None:
    contact = opted_in(office)
    values = {"title": "Write", "action_type": "message", "status": "pending", "source": "manual"}
    action = actions.add(office.ctx, {"contact_id": contact.id, **values}, now=NOW)

    message = prepare(office, contact, action_id=action.id)
    assert message.auto_action_id == action.id
    with pytest.raises(errors.ActionNotPending):
        prepare(office, contact, action_id=action.id)


def test_where_a_message_goes_to(office: Office) -> None:
    contact = opted_in(office)
    found = profiles.find(office.ctx, contact.id)
    assert found is not None
    there = policy.destination_of(office.ctx, office.row(contact), found, TEXT, outside_window=None)
    assert tuple(there) == (NUMBER, None)


def test_what_blocks_a_profile(office: Office) -> None:
    ctx, contact = office.ctx, office.contact(phone=NUMBER)
    found = profiles.find_or_create(ctx, office.row(contact), silent)
    assert policy.blocked(ctx, found) == {"channel": "all", "reason": "not_opted_in", "since": None}

    found = profiles.find(ctx, opted_in(office, phone="+442079460002").id)
    assert found is not None
    assert policy.blocked(ctx, found) is None
    found.profile.whatsapp_unreachable_since = NOW
    blocked = policy.blocked(ctx, found)
    assert blocked is not None
    assert (blocked["channel"], blocked["reason"]) == ("whatsapp", "number_unreachable")
    suppressed = policy.blocked(ctx, found._replace(phone_suppressed=NOW, whatsapp_suppressed=NOW))
    assert suppressed is not None
    assert (suppressed["channel"], suppressed["reason"]) == ("all", "opted_out_by_recipient")


def test_why_a_text_is_no_number(office: Office) -> None:
    assert policy.number_problem(office.ctx, NUMBER, NUMBER) is None
    assert policy.number_problem(office.ctx, None, None) is None
    problem = policy.number_problem(office.ctx, "no number", None)
    assert problem is not None
    assert set(problem) == {"code", "detail"}


def test_refusals_before_the_call() -> None:
    def refused(suppressed: Any = None, opted_in: bool = True, is_present: bool = True) -> Any:
        return type(policy.refusal_before_call(suppressed, opted_in=opted_in, is_present=is_present))

    assert refused() is type(None)
    assert refused(NOW) is errors.OptedOutByRecipient
    assert refused(opted_in=False) is errors.NotOptedIn
    assert refused(is_present=False) is errors.ContactGone


def test_a_preview_writes_nothing(office: Office) -> None:
    contact = office.contact(phone=NUMBER)
    row = office.row(contact)
    shown = preview.preview(office.ctx, row, TEXT, user=None)
    assert (shown["to_number"], shown["segments"], shown["blocked"]["reason"]) == (NUMBER, 1, "not_opted_in")
    assert office.rows(MODELS.Profile) == []
    assert preview.preview(office.ctx, office.row(opted_in(office)), WHATSAPP, user=None)["outside_whatsapp_window"]
    with pytest.raises(errors.ValidationFailed):
        preview.preview(office.ctx, office.row(opted_in(office)), TEXT | {"content_sid": "HX1"}, user=None)


def test_quiet_hours_by_the_clock_of_the_number(office: Office) -> None:
    ctx = office.with_settings(RELATIONSHIPS_QUIET_HOURS="21:00-08:00")
    evening, night = NOW.replace(day=15, hour=19, minute=59), NOW.replace(day=15, hour=20, minute=0)
    assert quiet_hours.end_of(office.ctx, NUMBER, night) is None
    assert quiet_hours.validity_period(office.ctx, NUMBER, night) is None
    assert quiet_hours.end_of(ctx, NUMBER, evening) is None
    assert quiet_hours.end_of(ctx, NUMBER, night) == NOW.replace(day=16, hour=7, minute=0)
    assert quiet_hours.validity_period(ctx, NUMBER, evening) == 60
    assert quiet_hours.validity_period(ctx, NUMBER, NOW) == 8 * 3600
    message = prepare(office, opted_in(office), ctx=replace(ctx, clock=lambda: night.replace(tzinfo=UTC)))
    assert (message.status, message.not_before) == ("queued", NOW.replace(day=16, hour=7, minute=0))


def test_limits_count_in_windows(office: Office) -> None:
    ctx = office.with_settings(
        RELATIONSHIPS_MESSAGES_PER_CONTACT="1 per day", RELATIONSHIPS_MESSAGES_PER_USER="2 per day"
    )
    assert list(limits.windows(office.ctx, 1, 1, NOW)) == []
    assert [window.most for window in limits.windows(ctx, 1, 1, NOW)] == [1, 2]

    limits.check(ctx, 1, 7, NOW)
    limits.count(ctx, 1, 7, NOW)
    for one in (limits.check, limits.count):
        with pytest.raises(errors.TooManyMessages) as raised:
            one(ctx, 1, 8, NOW)
        assert raised.value.headers["Retry-After"] == str(12 * 3600)
    limits.count(ctx, 2, 7, NOW)
    with pytest.raises(errors.TooManyMessages):
        limits.count(ctx, 3, 7, NOW)
    limits.check(ctx, 1, 7, NOW + timedelta(days=1))

    assert limits.forget(ctx, NOW) == 0
    assert limits.forget(ctx, NOW + timedelta(days=3)) == len(office.rows(MODELS.MessageCount)) + 4


def test_a_waiting_message_is_due_and_cancelled_once(office: Office) -> None:
    ctx, contact = office.ctx, opted_in(office)
    first = prepare(office, contact)
    later = prepare(office, contact)
    later.not_before = NOW + timedelta(hours=1)
    office.ctx.commit()

    assert waiting.due(ctx, 10) == [first.id]
    assert waiting.count(ctx, 10) == 1
    assert waiting.count(replace(ctx, transport=MemoryTransport(configured=False)), 10) == 0
    assert not waiting.cancel(ctx, first.id, [99])
    assert waiting.cancel(ctx, first.id)
    assert not waiting.cancel(ctx, first.id)
    assert waiting.due(ctx, 10) == []
    assert waiting.due(office.at(NOON + timedelta(hours=1)), 10) == [later.id]


def test_a_cancelled_message_gives_its_action_back(office: Office) -> None:
    contact = opted_in(office)
    values = {"title": "Write", "action_type": "message", "status": "pending", "source": "manual"}
    action = actions.add(office.ctx, {"contact_id": contact.id, **values}, now=NOW)
    message = prepare(office, contact, action_id=action.id)
    waiting.cancel(office.ctx, message.id)
    assert office.only(MODELS.Action).claimed_by_message_id is None


def test_messages_are_read_newest_first(office: Office) -> None:
    contact, other = opted_in(office), office.contact()
    for days in (1, 3, 2):
        inbound(office, contact, body=str(days), created_at=NOW - timedelta(days=days))
    inbound(office, other, body="Other")
    list_filter = ListFilter([])
    list_filter.equal("of_contact", MODELS.Message.contact_id, contact.id)

    first, cursor = messages_queries.read(office.ctx, list_filter, Page(2))
    rest, end = messages_queries.read(office.ctx, list_filter, Page(2, cursor))
    assert [row["body"] for row in (*plain(first), *plain(rest))] == ["1", "2", "3"]
    assert end is None

    contacts = HOSTS.contact.keys(office.ctx.viewer).where(Contact.id == contact.id)
    assert [row["body"] for row in plain(messages_queries.read_newest(office.ctx, contacts, {}, 2))] == ["1", "2"]


def test_a_message_is_found_with_the_name_of_its_author(office: Office) -> None:
    ada, eve, contact = office.user(), office.user("Eve", tenant_id=2), opted_in(office)
    message = prepare(office, contact, user=eve.id)
    mine = MODELS.Message.id == message.id

    everything = messages_queries.find(office.ctx, mine)
    assert everything is not None
    assert (everything[1]["sent_by_user_id"], everything[1]["sent_by_name"]) == (eve.id, "Eve")
    seen = messages_queries.find(office.seen_by(ada), mine)
    assert seen is not None
    assert (seen[1]["sent_by_user_id"], seen[1]["sent_by_name"]) == (None, None)
    none = messages_queries.find(office.ctx, MODELS.Message.id == uuid4())
    assert none is None


def test_the_sender_of_a_contact(office: Office) -> None:
    berlin, default = Sender(number="+442071838751", tenant=2), Sender(number="+442071838750")
    ctx = replace(office.ctx, senders=Senders(default, {"2": berlin}))
    ours, theirs = office.contact(), office.contact(tenant_id=2)

    assert senders.sender_for(office.ctx, office.row(ours)) is None
    assert senders.sender_for(ctx, office.row(ours)) is default
    assert senders.sender_for(ctx, office.row(theirs)) is berlin
    assert senders.senders_of(ctx, {ours.id: ours}) == {}
    assert senders.is_connected(ctx, office.row(ours))
    assert not senders.is_connected(replace(ctx, transport=MemoryTransport(disabled=True)), office.row(ours))


def test_a_sender_callback_that_fails_names_no_sender(office: Office) -> None:
    ours, mine = office.contact(), Sender(number="+442071838752")
    named = replace(office.ctx, callbacks=Callbacks(sender=lambda _row: mine))
    broken = replace(office.ctx, callbacks=Callbacks(sender=lambda _row: 1 / 0))
    assert senders.sender_for(named, office.row(ours)) is mine
    assert senders.senders_of(named, {ours.id: ours}) == {ours.id: mine}
    assert senders.senders_of(broken, {ours.id: ours}) == {}
    with pytest.raises(senders.TransportNotConfigured):
        senders.sender_for(broken, office.row(ours))


def test_the_status_callback_needs_a_public_address(office: Office) -> None:
    message = uuid4()
    assert callbacks.status_callback(office.ctx, message) is None
    public = office.with_settings(RELATIONSHIPS_PUBLIC_URL="https://crm.example.com")
    address = callbacks.status_callback(public, message)
    assert address is not None
    assert address.startswith("https://crm.example.com/")
    assert str(message) in address
