"""The rules of actions as functions of a context."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from flask_relationships.db.filters import ListFilter
from flask_relationships.db.pagination import Page
from flask_relationships.domain.actions import history, many, queries
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.keeping_in_touch.last_contact import LastContact
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.errors import ActionClosed, ActionNotPending, ChangedMeanwhile, ValidationFailed

from .office import MODELS, NOW, TODAY, Office, plain, titles

LATER = NOW + timedelta(hours=1)
BY_USER: Any = {"closed_by": "user", "now": LATER}


def add(office: Office, contact: Any, title: str = "Call", **values: Any) -> Any:
    columns = {
        "contact_id": contact.id,
        "title": title,
        "action_type": "call",
        "status": "pending",
        "source": "manual",
        **values,
    }
    return actions.add(office.ctx, columns, now=NOW)


def kinds(office: Office, action: Any) -> list[str]:
    return [row["kind"] for row in plain(history.read(office.ctx, action.id, Page(50))[0])]


def test_an_action_without_a_due_date_is_sorted_last(office: Office) -> None:
    grace = office.contact()
    add(office, grace, "Undated")
    add(office, grace, "Late", due_date=TODAY)

    rows, _ = queries.read(office.ctx, ListFilter([]))
    assert titles(rows) == ["Late", "Undated"]
    assert {row.due for row in office.rows(MODELS.Action)} == {TODAY, date(9999, 12, 31)}


def test_an_added_action_is_mirrored_and_found(office: Office) -> None:
    action = add(office, office.contact())

    assert office.only(MODELS.ActionCentreItem).title == "Call"
    assert actions.find(office.ctx, action.id) is action
    assert actions.find(office.ctx, uuid4()) is None
    assert actions.find_many(office.ctx, [action.id, uuid4()]) == {action.id: action}


def test_editing_writes_history_and_mirror(office: Office) -> None:
    ada, action = office.user(), add(office, office.contact())

    assert actions.edit(office.ctx, action, {"title": "Write"}, user=ada.id, now=LATER)
    assert not actions.edit(office.ctx, action, {"title": "Write"}, user=ada.id, now=LATER)

    (line,) = office.rows(MODELS.ActionChange)
    assert (line.kind, line.by, line.user_id, line.created_at) == ("edited", "user", ada.id, LATER)
    assert office.only(MODELS.ActionCentreItem).title == "Write"


def test_an_edit_of_the_assignee_alone_is_a_reassignment(office: Office) -> None:
    ada, action = office.user(), add(office, office.contact())
    actions.edit(office.ctx, action, {"assigned_to_user_id": ada.id}, user=ada.id, now=LATER)

    assert kinds(office, action) == ["reassigned", "created"]
    newest = plain(history.read(office.ctx, action.id, Page(1))[0])[0]
    assert newest["changes"] == [{"field": "assigned_to_user_id", "before": None, "after": str(ada.id)}]


def test_a_closed_action_cannot_be_edited(office: Office) -> None:
    action = add(office, office.contact())
    assert actions.close(office.ctx, action, "done", user=None, **BY_USER)
    with pytest.raises(ActionClosed):
        actions.edit(office.ctx, action, {"title": "Write"}, user=None, now=LATER)


def test_an_action_that_others_changed_is_not_edited(office: Office) -> None:
    action = add(office, office.contact())
    with pytest.raises(ChangedMeanwhile):
        actions.edit(office.ctx, action, {"title": "Write"}, user=None, now=LATER, revisions=[99])


def test_what_was_set_by_hand_is_not_moved_by_the_event(office: Office) -> None:
    action = add(office, office.contact(), source="auto")
    actions.edit(office.ctx, action, {"title": "By hand"}, user=None, now=LATER)

    assert actions.move(office.ctx, action, now=LATER, title="Of the event", due_date=TODAY)
    assert (action.title, action.due_date, action.due) == ("By hand", TODAY, TODAY)
    assert not actions.move(office.ctx, action, now=LATER, title="Of the event", due_date=TODAY)


def test_done_and_dismissed_correct_each_other(office: Office) -> None:
    ada, action = office.user(), add(office, office.contact())

    assert actions.close(office.ctx, action, "done", user=ada.id, **BY_USER)
    assert not actions.close(office.ctx, action, "done", user=ada.id, **BY_USER)
    assert actions.close(office.ctx, action, "dismissed", user=ada.id, **BY_USER)

    assert kinds(office, action) == ["dismissed", "done", "created"]
    assert (action.status, action.completed_by_user_id, action.completed_at) == ("dismissed", ada.id, LATER)


def test_what_a_person_did_is_the_last_contact_until_it_is_withdrawn(office: Office) -> None:
    grace, ada = office.contact(), office.user()
    profiles.find_or_create(office.ctx, office.row(grace), lambda _found: None)
    action = add(office, grace)

    actions.close(office.ctx, action, "done", user=ada.id, **BY_USER)
    profile = office.only(MODELS.Profile)
    assert LastContact(profile.last_contact_at, profile.last_contact_channel, profile.last_contact_by_user_id) == (
        LATER,
        "call",
        ada.id,
    )

    actions.reopen(office.ctx, action, now=LATER, by="user")
    assert office.only(MODELS.Profile).last_contact_at is None


def test_an_action_is_opened_again_once(office: Office) -> None:
    action = add(office, office.contact())
    assert not actions.reopen(office.ctx, action, now=LATER, by="user")
    actions.close(office.ctx, action, "done", user=None, **BY_USER)

    assert actions.reopen(office.ctx, action, now=LATER, by="user")
    assert (action.status, action.closed_by, action.completed_at) == ("pending", None, None)


def test_an_auto_action_whose_event_is_gone_stays_closed(office: Office) -> None:
    action = add(office, office.contact(), source="auto")
    actions.close(office.ctx, action, "done", user=None, **BY_USER)

    assert actions.outlives_its_event(action)
    assert not actions.reopen(office.ctx, action, now=LATER, by="user")
    assert office.only(MODELS.Action).status == "done"


def test_many_are_closed_at_once_and_told_to_the_request(office: Office) -> None:
    grace = office.contact()
    first, second = add(office, grace, "First"), add(office, grace, "Second")
    actions.close(office.ctx, second, "dismissed", user=None, closed_by="plugin", now=NOW)
    assert actions.pop_closed_on_the_way(office.session) == [second]
    assert actions.pop_closed_on_the_way(office.session) == []

    closed = actions.close_many(office.ctx, [first, second], "done", user=None, **BY_USER)
    assert sorted(one.title for one in closed) == ["First", "Second"]
    assert actions.close_many(office.ctx, [first, second], "done", user=None, **BY_USER) == []
    assert actions.close_many(office.ctx, [], "done", user=None, **BY_USER) == []
    assert {item.status for item in office.rows(MODELS.ActionCentreItem)} == {"done"}


def test_a_message_claims_fulfils_and_releases_an_action(office: Office) -> None:
    ctx, grace, other = office.ctx, office.contact(), office.contact()
    action, message = add(office, grace), uuid4()

    actions.claim(ctx, action.id, grace.id, message)
    with pytest.raises(ActionNotPending):
        actions.claim(ctx, action.id, grace.id, uuid4())
    actions.release(ctx, message)
    with pytest.raises(ActionNotPending):
        actions.claim(ctx, action.id, other.id, message)

    actions.claim(ctx, action.id, grace.id, message)
    assert actions.fulfil(ctx, message, user=None, now=LATER) is action
    assert (action.status, action.closed_by) == ("done", "message")
    assert actions.fulfil(ctx, message, user=None, now=LATER) is None
    with pytest.raises(ActionNotPending):
        actions.claim(ctx, action.id, grace.id, message)


def test_a_linked_action_is_one_of_the_same_contact(office: Office) -> None:
    grace, other = office.contact(), office.contact()
    action = add(office, grace)
    assert actions.find_linked(office.ctx, action.id, grace.id) is action
    with pytest.raises(ValidationFailed) as raised:
        actions.find_linked(office.ctx, action.id, other.id)
    assert [error.pointer for error in raised.value.errors] == ["#/auto_action_id"]


def test_an_occurrence_has_one_auto_action_in_a_slot(office: Office) -> None:
    grace = office.contact()
    event = office.add(
        MODELS.LifeEvent(
            contact_id=grace.id,
            event_type="birthday",
            title="Birthday",
            auto_action_days_before=7,
            created_at=NOW,
            updated_at=NOW,
        )
    )
    row = {
        "contact_id": grace.id,
        "life_event_id": event.id,
        "title": "Congratulate",
        "action_type": "call",
        "due_date": TODAY,
        "occurrence_key": "2026-06-22",
        "reminder_slot": 0,
    }
    (made,) = many.add_absent(office.ctx, [row], now=NOW)

    assert many.add_absent(office.ctx, [row], now=NOW) == []
    assert many.add_absent(office.ctx, [], now=NOW) == []
    assert office.only(MODELS.Action).id == made
    assert office.only(MODELS.ActionCentreItem).action_id == made


def test_history_is_recorded_and_read_by_pages(office: Office) -> None:
    action = add(office, office.contact())
    entries = [
        history.Entry(action.id, "edited", "user", None, {"title": "A"}, {"title": "B"}),
    ]
    history.record(office.ctx, entries, now=LATER)

    first, cursor = history.read(office.ctx, action.id, Page(1))
    rest, end = history.read(office.ctx, action.id, Page(1, cursor))
    assert [row["kind"] for row in plain(first)] == ["edited"]
    assert plain(first)[0]["changes"] == [{"field": "title", "before": "A", "after": "B"}]
    assert [row["kind"] for row in plain(rest)] == ["created"]
    assert end is None


def test_a_list_shows_no_action_of_another_tenants_contact(office: Office) -> None:
    ada, eve = office.user(), office.user("Eve", tenant_id=2)
    add(office, office.contact(), "Ours")
    add(office, office.contact(tenant_id=2), "Theirs")

    assert titles(queries.read(office.seen_by(ada), ListFilter([]))[0]) == ["Ours"]
    assert titles(queries.read(office.seen_by(eve), ListFilter([]))[0]) == ["Theirs"]
    parts = {"all": MODELS.Action.status == "pending", "done": MODELS.Action.status == "done"}
    assert queries.count(office.seen_by(ada), [], parts) == {"all": 1, "done": 0}
    assert queries.count(office.ctx, [], parts) == {"all": 2, "done": 0}


def test_open_auto_actions_of_inactive_contacts_are_not_listed(office: Office) -> None:
    gone = office.contact(is_active=False)
    add(office, gone, "Automatic", source="auto")
    add(office, gone, "By hand")

    assert titles(queries.read(office.ctx, ListFilter([]))[0]) == ["By hand"]
    assert sorted(titles(queries.read(office.ctx, ListFilter([]), outlived=True)[0])) == ["Automatic", "By hand"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["Late", "Soon", "Undated"]),
        ({"due_before": TODAY}, ["Late"]),
        ({"due_after": TODAY}, ["Soon"]),
        ({"due": "none"}, ["Undated"]),
        ({"assignee": "me"}, ["Soon"]),
        ({"assignee": "nobody"}, ["Late", "Undated"]),
        ({"status": "done"}, []),
        ({"life_event_id": "no key"}, []),
        ({"contact_id": "987654"}, []),
    ],
)
def test_filters_narrow_a_list(office: Office, filters: dict[str, Any], expected: list[str]) -> None:
    ada, bob, grace = office.user(), office.user("Bob", tenant_id=2), office.contact()
    add(office, grace, "Late", due_date=TODAY - timedelta(days=1), assigned_to_user_id=bob.id)
    add(office, grace, "Soon", due_date=TODAY + timedelta(days=1), assigned_to_user_id=ada.id)
    add(office, grace, "Undated")
    ctx = office.seen_by(ada)

    list_filter = queries.filtered(ctx, filters, user=ada.id)
    assert titles(queries.read(ctx, list_filter)[0]) == expected


def test_a_list_of_users_goes_on_where_the_page_ended(office: Office) -> None:
    ada, bob, grace = office.user(), office.user("Bob"), office.contact()
    for title, user, days in (("A", ada, 1), ("B", bob, 2), ("C", None, 3)):
        add(office, grace, title, due_date=TODAY + timedelta(days=days), assigned_to_user_id=user and user.id)

    first, cursor = queries.read(office.ctx, ListFilter([]), users=[ada.id, bob.id], page=Page(1))
    rest, end = queries.read(office.ctx, ListFilter([]), users=[ada.id, bob.id], page=Page(1, cursor))
    assert (titles(first), titles(rest), end) == (["A"], ["B"], None)
