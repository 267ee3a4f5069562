"""Units of work, pages of keys, and the people of events as functions of a context."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flask_relationships import signals
from flask_relationships.context import Context
from flask_relationships.domain import batches, savepoints
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.life_events import people
from flask_relationships.domain.messages import queries as messages_queries
from flask_relationships.domain.messages import reports, sending, settlement, units
from flask_relationships.domain.messages import service as messages
from flask_relationships.domain.profiles import host_rows
from flask_relationships.domain.profiles import queries as profiles_queries
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.domain.profiles.birthday_texts import Birthday
from flask_relationships.errors import ChangedMeanwhile
from flask_relationships.providers.base import Report

from .office import MODELS, NOW, NUMBER, Contact, Office

TEXT: dict[str, Any] = {
    "channel": "sms",
    "body": "Hello",
    "media_url": None,
    "content_sid": None,
    "content_variables": None,
}


class Fragile:
    """Work that collides with another process a few times."""

    def __init__(self, collisions: int) -> None:
        self.left, self.calls = collisions, 0

    def run(self, *_: Any) -> str:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise ChangedMeanwhile
        return "done"


@pytest.fixture
def ctx(office: Office) -> Context:
    return office.ctx


def opted_in(office: Office) -> Contact:
    contact = office.contact(phone=NUMBER)
    found = profiles.find_or_create(office.ctx, office.row(contact), lambda _found: None)
    profiles.change(office.ctx, office.row(contact), found.profile, {"twilio_opt_in": True}, user=None)
    return contact


def queued(office: Office, action_id: Any = None) -> Any:
    row = office.row(opted_in(office))
    message = messages.create(office.ctx, row, TEXT, action_id, user=None, announce=lambda _found: None)
    office.ctx.commit()
    return message


@pytest.mark.parametrize("retry", [batches.retry, units.run_unit])
def test_a_unit_that_collides_begins_again(office: Office, retry: Any) -> None:
    work = Fragile(2)
    assert retry(office.ctx, work.run) == "done"
    assert work.calls == 3


@pytest.mark.parametrize("retry", [batches.retry, units.run_unit])
def test_a_unit_that_always_collides_gives_up(office: Office, retry: Any) -> None:
    with pytest.raises(ChangedMeanwhile):
        retry(office.ctx, Fragile(1000).run)


def test_rows_are_read_page_by_page(office: Office) -> None:
    for _ in range(5):
        opted_in(office)
    table = MODELS.Profile
    pages = list(batches.read_pages(office.ctx, sa.select(table.id), table.id, 2))
    assert [len(page) for page in pages] == [2, 2, 1]
    found = [row.id for page in pages for row in page]
    assert found == sorted(found)
    assert len(set(found)) == 5


def test_the_keys_of_all_contacts(office: Office) -> None:
    made = [office.contact().id for _ in range(3)]
    assert [key for page in batches.read_contact_keys(office.ctx) for key in page] == made


def test_a_failure_in_a_savepoint_keeps_the_rows_before_it(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    contact = office.contact()
    office.session.flush()
    with caplog.at_level(logging.ERROR), savepoints.savepoint(office.ctx, "it failed"):
        raise ValueError("+447400123456")
    office.ctx.commit()
    assert office.only(Contact).id == contact.id
    assert "it failed" in caplog.text
    assert "447400" not in caplog.text


def test_open_actions_are_dismissed_once(office: Office) -> None:
    contact = office.contact()
    values = {"title": "Call", "action_type": "call", "source": "manual", "contact_id": contact.id}
    pending = actions.add(office.ctx, values | {"status": "pending"}, now=NOW)
    done = actions.add(office.ctx, values | {"status": "done"}, now=NOW)
    mine = MODELS.Action.contact_id == contact.id
    assert [one.id for one in actions.dismiss_pending(office.ctx, mine)] == [pending.id]
    assert actions.dismiss_pending(office.ctx, mine) == []
    assert {one.id: one.status for one in office.rows(MODELS.Action)} == {pending.id: "dismissed", done.id: "done"}


def test_the_people_of_events(office: Office) -> None:
    ada = office.user("Ada", zone="Pacific/Auckland")
    contact, inactive = office.contact(owner_id=ada.id), office.contact(is_active=False)

    class Event:
        def __init__(self, contact_id: Any) -> None:
            self.contact_id, self.created_by_user_id = contact_id, None

    first, second, third = Event(contact.id), Event(inactive.id), Event(0)
    found = people.read_people(office.ctx, [first, second, third])
    assert [found.has_active_contact(event) for event in (first, second, third)] == [True, False, False]
    assert (found.assignee(first), found.time_zone(first)) == (ada.id, "Pacific/Auckland")
    assert (found.assignee(second), found.time_zone(second)) == (None, None)


def test_the_host_rows_of_keys(office: Office) -> None:
    contact = office.contact(first_name="Grace")
    rows = host_rows.read_host_rows(office.ctx, [contact.id, 0], ["first_name"])
    assert list(rows) == [contact.id]
    assert rows[contact.id].values["first_name"] == "Grace"


def test_the_birthday_of_a_profile(office: Office, ctx: Context) -> None:
    contact = opted_in(office)
    found = profiles_queries.find(ctx, contact.id)
    assert found is not None
    assert profiles_queries.birthday_of(ctx, found.profile) is None
    assert profiles_queries.year_of(ctx, found.profile) is None
    profiles.change(ctx, office.row(contact), found.profile, {"birthday": Birthday(1980, 5, 15)}, user=None)
    assert profiles_queries.birthday_of(ctx, found.profile) == (1980, 515)
    assert profiles_queries.year_of(ctx, found.profile) == 1980


def test_a_queued_message_is_sent_once_and_its_signal_follows(office: Office, ctx: Context) -> None:
    message, heard = queued(office), []
    sent = sending.send(ctx, message.id, after_commit=lambda signal, row: heard.append((signal, row.id)))
    assert sent.is_begun
    assert sent.problem is None
    assert heard == [(signals.message_sent, message.id)]
    assert office.only(MODELS.Message).provider_sid is not None
    assert sending.send(ctx, message.id) == sending.Sent(False)
    assert sending.send(ctx, uuid4()) == sending.Sent(False)


def test_a_message_that_cannot_be_read_again_shows_no_author(ctx: Context) -> None:
    assert set(messages_queries.unread_members(ctx).values()) <= {None}
    assert "sent_by_name" in messages_queries.unread_members(ctx)


def test_a_report_is_stored_unless_it_is_of_another_message(office: Office, ctx: Context) -> None:
    first, second = queued(office), queued(office)
    for message in (first, second):
        sending.send(ctx, message.id)
    taken = reports.store(ctx, first.id, Report("delivered"))
    assert taken is not None
    assert taken.changed
    assert {one.id: one.status for one in office.rows(MODELS.Message)} == {first.id: "delivered", second.id: "queued"}


def test_an_unconfirmed_message_fails_in_its_attempt_alone(office: Office, ctx: Context) -> None:
    message = queued(office)
    message.status, message.attempt = "unconfirmed", 2
    office.session.flush()
    assert not settlement.fail(ctx, message.id, 1, "Not sent.").changed
    assert settlement.fail(ctx, message.id, 2, "Not sent.").changed
    row = office.only(MODELS.Message)
    assert (row.status, row.error_code, row.error_message) == ("failed", "not_sent", "Not sent.")
