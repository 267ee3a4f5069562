"""Keeping in touch as functions of a context."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from flask_relationships.db.pagination import Page
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.keeping_in_touch import (
    assignee_copies,
    assignees,
    backlog,
    early,
    last_contact,
    reminders,
)
from flask_relationships.domain.keeping_in_touch import queries as keeping_in_touch
from flask_relationships.domain.keeping_in_touch.last_contact import LastContact
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.hosts.bound import SYSTEM
from flask_relationships.hosts.joins import HostValues

from .office import HOSTS, MODELS, NOON, NOW, TODAY, Contact, Office, never, plain

DUE = TODAY + timedelta(days=30)
"""When contact is due with a cadence of 30 days that was set today."""


def in_touch(office: Office, days: int | None = 30, *, setter: Any = None, **values: Any) -> Contact:
    contact = office.contact(**values)
    found = profiles.find_or_create(office.ctx, office.row(contact), lambda _found: None).profile
    profiles.change(office.ctx, office.row(contact), found, {"cadence_days": days}, user=setter and setter.id)
    assignee_copies.fill(office.ctx)
    office.ctx.commit()
    return contact


def of(office: Office, contact: Contact) -> Any:
    return office.only(MODELS.Profile, MODELS.Profile.contact_id == contact.id)


def message(office: Office, contact: Contact, **values: Any) -> Any:
    columns = {"direction": "inbound", "channel": "sms", "body": "Hi", "status": "received", "created_at": NOW}
    return office.add(MODELS.Message(contact_id=contact.id, **columns | values))


def test_the_day_of_a_moment_is_that_of_the_application(office: Office) -> None:
    late = NOW.replace(day=15, hour=23, minute=30)
    assert last_contact.day_of(office.ctx, late) == date(2026, 6, 15).toordinal()
    assert (
        last_contact.day_of(office.with_settings(RELATIONSHIPS_TIMEZONE="Europe/Berlin"), late)
        == date(2026, 6, 16).toordinal()
    )


def test_columns_of_the_last_contact(office: Office) -> None:
    assert set(last_contact.columns(office.ctx, None).values()) == {None}
    assert last_contact.columns(office.ctx, LastContact(NOW, "call", 7)) == {
        "last_contact_at": NOW,
        "last_contact_day": TODAY.toordinal(),
        "last_contact_channel": "call",
        "last_contact_by_user_id": 7,
    }


def test_the_last_contact_only_moves_forward_and_counts_the_cadence(office: Office) -> None:
    contact, tomorrow = in_touch(office), NOW + timedelta(days=1)
    last_contact.note(office.ctx, contact.id, LastContact(tomorrow, "sms", None))
    last_contact.note(office.ctx, contact.id, LastContact(NOW, "call", None))
    profile = of(office, contact)
    assert (profile.last_contact_at, profile.last_contact_channel) == (tomorrow, "sms")
    assert profile.in_touch_due_day == DUE.toordinal() + 1


def test_many_done_actions_are_noted_at_once(office: Office) -> None:
    ada, contact, other, mark = office.user(), in_touch(office), in_touch(office), uuid4()
    values = {"title": "Call", "action_type": "call", "status": "done", "source": "manual", "change_id": mark}
    actions.add(office.ctx, {"contact_id": contact.id, **values}, now=NOW)
    last_contact.note_done(office.ctx, [mark], [contact.id], NOW, ada.id)
    profile = of(office, contact)
    assert (profile.last_contact_channel, profile.last_contact_by_user_id) == ("call", ada.id)
    assert of(office, other).last_contact_at is None


def test_the_latest_of_messages_and_actions_is_the_last_contact(office: Office) -> None:
    contact, silent = in_touch(office), in_touch(office)
    message(office, contact)
    message(office, contact, direction="outbound", status="failed", created_at=NOW + timedelta(hours=3))
    values = {"title": "Call", "action_type": "call", "status": "done", "source": "manual", "closed_by": "user"}
    values["completed_at"] = NOW + timedelta(hours=1)
    actions.add(office.ctx, {"contact_id": contact.id, **values}, now=NOW)

    expected = LastContact(NOW + timedelta(hours=1), "call", None)
    assert last_contact.latest_of(office.ctx, [contact.id, silent.id]) == {contact.id: expected}


def test_a_withdrawn_contact_gives_way_to_the_one_before(office: Office) -> None:
    contact, later = in_touch(office), NOW + timedelta(hours=1)
    message(office, contact)
    last_contact.note(office.ctx, contact.id, LastContact(later, "call", None))

    last_contact.withdraw(office.ctx, {contact.id: [NOW - timedelta(days=9)]})
    assert of(office, contact).last_contact_at == later
    last_contact.withdraw(office.ctx, {contact.id: [later]})
    assert (of(office, contact).last_contact_at, of(office, contact).last_contact_channel) == (NOW, "sms")


def test_the_owner_is_the_assignee_else_who_set_the_cadence(office: Office) -> None:
    ada, bob = office.user(), office.user("Bob")
    owned, unowned = in_touch(office, setter=bob, owner_id=ada.id), in_touch(office, setter=bob)
    contacts = HostValues(HOSTS.contact, SYSTEM, {}, *assignees.joined_fields(HOSTS))
    asked = contacts.join(
        sa.select(MODELS.Profile.contact_id, assignees.assignee(office.ctx, contacts).label("whose")),
        MODELS.Profile.contact_id,
    )
    found = {row.contact_id: row.whose for row in office.ctx.execute(asked)}
    assert found == {owned.id: ada.id, unowned.id: bob.id}
    assert assignees.indexed_column(office.ctx) is MODELS.Profile.in_touch_user_id


def test_copies_find_the_candidates_of_a_user(office: Office) -> None:
    ada = office.user()
    owned, nobodys = in_touch(office, owner_id=ada.id), in_touch(office)

    def candidates(user: Any) -> set[Any]:
        asked = sa.select(MODELS.Profile.contact_id).where(*assignees.is_candidate_of(office.ctx, user))
        return set(office.ctx.execute(asked).scalars())

    assert candidates(ada.id) == {owned.id}
    assert candidates(None) == {nobodys.id}


def test_unknown_copies_are_read_anew(office: Office) -> None:
    ada, bob = office.user(), office.user("Bob")
    contact = in_touch(office, owner_id=ada.id)
    assert assignee_copies.count_unknown(office.ctx) == 0

    office.session.execute(sa.update(Contact).values(owner_id=bob.id))
    office.ctx.commit()
    assert assignee_copies.forget_outdated(office.ctx, never)
    assert assignee_copies.count_unknown(office.ctx) == 1
    assert assignee_copies.fill(office.ctx, lambda: True) == 0
    assert assignee_copies.fill(office.ctx) == 1
    assert of(office, contact).in_touch_user_id == bob.id
    assert not assignee_copies.forget_outdated(office.ctx, lambda: True)


def test_an_owner_changed_in_the_session_is_forgotten_at_once(office: Office) -> None:
    ada = office.user()
    contact = in_touch(office)
    sa.event.listen(office.session, "after_flush", lambda *_: assignee_copies.forget_changed_owners(office.ctx))
    contact.first_name = "Amazing"
    office.session.flush()
    assert assignee_copies.count_unknown(office.ctx) == 0
    contact.owner_id = ada.id
    office.session.flush()
    assert assignee_copies.count_unknown(office.ctx) == 1


def test_the_most_overdue_are_due_first_within_the_limit_of_a_day(office: Office) -> None:
    ada = office.user()
    late, later, gone = (in_touch(office, days, owner_id=ada.id) for days in (10, 20, 15))
    gone.is_active = False
    office.ctx.commit()

    assert backlog.find_due(office.ctx, TODAY, 5) == []
    found = backlog.find_due(office.ctx, DUE, 5)
    assert [(one.contact_id, one.assignee) for one in found] == [(late.id, ada.id), (later.id, ada.id)]
    assert [one.contact_id for one in backlog.find_due(office.ctx, DUE, 1)] == [late.id]


def test_reminders_are_made_once_and_counted_for_the_day(office: Office) -> None:
    ada = office.user()
    contact = in_touch(office, owner_id=ada.id)
    later = office.at(NOON + timedelta(days=30))
    assert reminders.count(later, DUE) == 1
    assert backlog.count_made(later, DUE) == {}

    first, again = reminders.remind(later, DUE), reminders.remind(later, DUE)
    (action,) = office.rows(MODELS.Action)
    assert (first.made, again.made) == ([action.id], [])
    assert (action.contact_id, action.assigned_to_user_id, action.due_date) == (contact.id, ada.id, DUE)
    assert backlog.count_made(later, DUE) == {ada.id: 1}
    assert reminders.count(later, DUE) == 0


def test_a_reminder_is_dismissed_once_somebody_was_in_touch(office: Office) -> None:
    contact, later = in_touch(office), office.at(NOON + timedelta(days=30))
    (made,) = reminders.remind(later, DUE).made
    last_contact.note(later, contact.id, LastContact(later.now() + timedelta(hours=1), "sms", None))

    assert reminders.remind(later, DUE) == ([], [made], [])
    assert office.only(MODELS.Action).status == "dismissed"


def test_a_reminder_that_a_longer_cadence_made_too_early_is_dismissed(office: Office) -> None:
    contact, later = in_touch(office), office.at(NOON + timedelta(days=30))
    reminders.remind(later, DUE)
    assert early.dismiss_early(later, of(office, contact), DUE) == ()

    profiles.change(later, office.row(contact), of(office, contact), {"cadence_days": 60}, user=None)
    (dismissed,) = early.dismiss_early(later, of(office, contact), DUE)
    assert (dismissed.status, dismissed.closed_by) == ("dismissed", "plugin")


def test_neglected_contacts_are_listed_for_their_assignees(office: Office) -> None:
    ada, bob = office.user(), office.user("Bob")
    first = in_touch(office, 10, owner_id=ada.id)
    second = in_touch(office, 20, owner_id=bob.id)
    in_touch(office, 10, owner_id=ada.id, is_active=False)
    in_touch(office, 10, tenant_id=2)
    in_touch(office, None, owner_id=ada.id)
    ctx, day = office.seen_by(ada), TODAY + timedelta(days=21)

    def listed(users: Any, today: date = day) -> list[Any]:
        return [(row["id"], row["days_overdue"]) for row in plain(keeping_in_touch.read(ctx, users, today)[0])]

    assert listed(None) == [(first.id, 11), (second.id, 1)]
    assert listed([bob.id]) == [(second.id, 1)]
    assert listed(None, TODAY + timedelta(days=10)) == []
    page, cursor = keeping_in_touch.read(ctx, None, day, Page(1))
    rest, end = keeping_in_touch.read(ctx, None, day, Page(1, cursor))
    assert ([row["id"] for row in plain(page)], [row["id"] for row in plain(rest)]) == ([first.id], [second.id])
    assert end is None
    assert keeping_in_touch.find_assignees(office.ctx, day) == {ada.id, bob.id}
