"""The rules of life events as functions of a context."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from flask_relationships.db.filters import ListFilter
from flask_relationships.db.pagination import Page
from flask_relationships.domain.actions import queries
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.life_events import auto_actions, freshness, generation, scheduling, zeroth_years
from flask_relationships.domain.life_events import queries as life_events_queries
from flask_relationships.domain.life_events import service as life_events
from flask_relationships.domain.life_events.reminders import NEVER
from flask_relationships.domain.life_events.subjects import ContactFacts
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.errors import ChangedMeanwhile, PreconditionFailed, ValidationFailed
from flask_relationships.hosts.joins import ShownKeys, read_rows

from .office import HOSTS, MODELS, NOON, NOW, TODAY, Contact, Office, never, plain, titles


def create(office: Office, contact: Contact, **values: Any) -> tuple[Any, Any]:
    given = {
        "event_type": "birthday",
        "title": "Birthday",
        "event_date": date(1990, 7, 1),
        "recurs_annually": True,
        "auto_action_days_before": 7,
        "auto_action_enabled": True,
    }
    return life_events.create(office.ctx, office.row(contact), given | values, user=None)


def opened(office: Office) -> list[Any]:
    return office.rows(MODELS.Action, MODELS.Action.status == "pending")


def dates_of(office: Office, event: Any, today: date) -> tuple[Any, Any]:
    list_filter = ListFilter([MODELS.LifeEvent.id == event.id])
    (row,) = plain(life_events_queries.read(office.ctx, list_filter, today)[0])
    return row["next_occurrence"], row["days_until"]


def test_an_event_has_an_action_of_its_owner_before_its_next_occurrence(office: Office) -> None:
    ada, bob = office.user(), office.user("Bob")
    contact = office.contact(owner_id=ada.id)
    event, action = life_events.create(
        office.ctx,
        office.row(contact),
        {"event_type": "birthday", "title": "Birthday", "event_date": date(1990, 7, 1), "recurs_annually": True}
        | {"auto_action_days_before": None},
        user=bob.id,
    )

    assert (event.month_day, event.created_by_user_id, event.auto_action_days_before) == (701, bob.id, 7)
    assert (action.due_date, action.occurrence_date) == (date(2026, 6, 24), date(2026, 7, 1))
    assert (action.assigned_to_user_id, action.created_by_user_id) == (ada.id, bob.id)
    assert "Grace" in action.title


def test_an_action_is_never_due_before_today(office: Office) -> None:
    _, action = create(office, office.contact(), event_date=date(1990, 6, 17))
    assert action.due_date == TODAY


@pytest.mark.parametrize("unwanted", [{"contact": {"is_active": False}}, {"event": {"auto_action_enabled": False}}])
def test_no_action_for_an_inactive_contact_or_a_switched_off_event(office: Office, unwanted: Any) -> None:
    _, action = create(office, office.contact(**unwanted.get("contact", {})), **unwanted.get("event", {}))
    assert action is None
    assert office.rows(MODELS.Action) == []


@pytest.mark.parametrize(
    ("policy", "in_2027", "in_2028"),
    [("feb28", date(2027, 2, 28), date(2028, 2, 29)), ("mar01", date(2027, 3, 1), date(2028, 2, 29))],
)
def test_29_february_follows_the_policy(office: Office, policy: str, in_2027: date, in_2028: date) -> None:
    office.ctx = office.with_settings(RELATIONSHIPS_LEAP_DAY=policy)
    event, action = create(office, office.contact(), event_date=date(1988, 2, 29))

    assert (event.month_day, action.occurrence_date) == (229, in_2027)
    assert dates_of(office, event, TODAY) == (in_2027, (in_2027 - TODAY).days)
    assert auto_actions.occurrence_of(office.ctx, event, date(2028, 1, 1)) == in_2028


def test_an_anniversary_begins_a_year_after_its_date(office: Office) -> None:
    event, _ = create(office, office.contact(), event_type="work_anniversary", event_date=TODAY)
    assert dates_of(office, event, TODAY) == (date(2027, 6, 15), 365)


def test_a_single_event_that_is_over_has_no_next_occurrence(office: Office) -> None:
    event, action = create(office, office.contact(), recurs_annually=False, event_date=date(2026, 6, 1))
    assert dates_of(office, event, TODAY) == (None, None)
    assert auto_actions.occurrence_of(office.ctx, event, TODAY) == date(2026, 6, 1)
    assert action.due_date == TODAY


def test_an_event_is_found_with_its_contact_alone(office: Office) -> None:
    grace, other = office.contact(), office.contact()
    event, _ = create(office, grace)
    assert life_events_queries.find(office.ctx, grace.id, event.id) is event
    assert life_events_queries.find(office.ctx, other.id, event.id) is None
    assert life_events_queries.find(office.ctx, grace.id, uuid4()) is None


def test_editing_an_event_moves_its_action_once(office: Office) -> None:
    grace = office.contact()
    event, action = create(office, grace)
    values = {"event_date": date(1990, 8, 1)}
    assert life_events.change(office.ctx, event, office.row(grace), values, user=None) is None
    life_events.change(office.ctx, event, office.row(grace), values, user=None)

    (kept,) = office.rows(MODELS.Action)
    assert kept.id == action.id
    assert (kept.occurrence_date, kept.due_date, event.month_day) == (date(2026, 8, 1), date(2026, 7, 25), 801)


def test_a_switched_off_event_has_no_action_until_it_is_switched_on(office: Office) -> None:
    grace = office.contact()
    event, action = create(office, grace)
    life_events.change(office.ctx, event, office.row(grace), {"auto_action_enabled": False}, user=None)
    assert opened(office) == []
    assert event.next_reminder == NEVER

    life_events.change(office.ctx, event, office.row(grace), {"auto_action_enabled": True}, user=None)
    assert [row.id for row in opened(office)] == [action.id]


def test_an_event_of_another_revision_is_not_changed(office: Office) -> None:
    grace = office.contact()
    event, _ = create(office, grace)
    with pytest.raises((ChangedMeanwhile, PreconditionFailed)):
        life_events.change(office.ctx, event, office.row(grace), {"title": "Other"}, user=None, revisions=[99])


def test_deleting_an_event_dismisses_its_open_action(office: Office) -> None:
    event, action = create(office, office.contact())
    life_events.remove(office.ctx, event)

    assert office.rows(MODELS.LifeEvent) == []
    kept = office.only(MODELS.Action)
    assert (kept.id, kept.status, kept.closed_by, kept.life_event_id) == (action.id, "dismissed", "plugin", None)
    with pytest.raises(ChangedMeanwhile):
        life_events.remove(office.ctx, event)


def test_dismissing_the_actions_of_an_event_keeps_what_is_done(office: Office) -> None:
    event, action = create(office, office.contact())
    actions.close(office.ctx, action, "done", user=None, closed_by="user", now=NOW)
    auto_actions.dismiss(office.ctx, event)
    assert office.only(MODELS.Action).status == "done"


def test_an_action_is_added_and_follows_its_event(office: Office) -> None:
    grace = office.contact()
    event, none = create(office, grace, auto_action_enabled=False)
    assert none is None
    event.auto_action_enabled = True
    made = auto_actions.follow(office.ctx, event, office.row(grace), None, {"auto_action_enabled"})
    assert made is not None
    assert auto_actions.follow(office.ctx, event, office.row(grace), None, {"auto_action_enabled"}) is None

    other, _ = create(office, grace, auto_action_enabled=False)
    added = auto_actions.add(office.ctx, other, office.row(grace), None)
    assert {row.id for row in opened(office)} == {made.id, added.id}


def test_business_days_move_the_due_day(office: Office) -> None:
    monday = replace(office.ctx, business_day=lambda day: day + timedelta(days=(7 - day.weekday()) % 7))
    broken = replace(office.ctx, business_day=lambda _day: 1 / 0)
    far = replace(office.ctx, business_day=lambda day: day + timedelta(days=90))
    occurrence = date(2026, 7, 1)

    assert auto_actions.shift(office.ctx) is None
    assert auto_actions.due_day(office.ctx, occurrence, 7, TODAY) == date(2026, 6, 24)
    assert auto_actions.due_day(monday, occurrence, 7, TODAY) == date(2026, 6, 29)
    assert auto_actions.due_day(broken, occurrence, 7, TODAY) == date(2026, 6, 24)
    assert auto_actions.due_day(far, occurrence, 7, TODAY) == date(2026, 6, 24)
    assert auto_actions.due_day(office.ctx, None, 7, TODAY) is None


def test_words_name_the_contact_unless_the_event_is_about_another(office: Office) -> None:
    event, _ = create(office, office.contact(), auto_action_enabled=False)
    facts = ContactFacts("Grace", "Hopper")
    own = auto_actions.words(office.ctx, event, date(2026, 7, 1), facts)
    event.about = "Mia"
    about = auto_actions.words(office.ctx, event, date(2026, 7, 1), facts)

    assert "Grace" in str(own["title"])
    assert "Mia" in str(about["title"])
    assert own["message_body"] != about["message_body"]


def test_a_birthday_is_one_event_of_its_profile(office: Office) -> None:
    office.ctx = office.with_settings(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    contact = office.contact(born=date(1990, 7, 1))
    row = office.row(contact)
    profile = profiles.find_or_create(office.ctx, row, lambda _found: None).profile
    event = office.only(MODELS.LifeEvent)
    assert (event.profile_id, event.event_date, event.title) == (profile.id, date(1990, 7, 1), "Birthday")

    life_events.keep_birthday(office.ctx, profile.id, row, (None, 801), user=None)
    event = office.only(MODELS.LifeEvent)
    assert (event.event_date, event.month_day) == (None, 801)
    assert office.only(MODELS.Action).occurrence_date == date(2026, 8, 1)

    life_events.keep_birthday(office.ctx, profile.id, row, None, user=None)
    assert office.rows(MODELS.LifeEvent) == []
    assert opened(office) == []


def test_the_birthdays_event_and_its_profile_never_disagree(office: Office) -> None:
    office.ctx = office.with_settings(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    contact = office.contact(born=date(1990, 7, 1))
    row = office.row(contact)
    profile = profiles.find_or_create(office.ctx, row, lambda _found: None).profile
    event = office.only(MODELS.LifeEvent)

    for wrong in ({"event_date": None}, {"about": "Mia"}):
        with pytest.raises(ValidationFailed) as raised:
            life_events.change(office.ctx, event, row, wrong, user=None)
        assert [error.code for error in raised.value.errors] == ["birthday_of_profile"]

    life_events.change(office.ctx, event, row, {"event_date": date(1991, 8, 2)}, user=None)
    kept = office.only(MODELS.Profile, MODELS.Profile.id == profile.id)
    assert (kept.birthday_year, kept.birthday_month_day, kept.birthday_source) == (1991, 802, "edited")


def test_a_year_that_is_not_known_is_not_written_to_the_profile(office: Office) -> None:
    columns = life_events.birthday_columns_of(office.ctx, date(1990, 7, 1))
    assert (columns["birthday_year"], columns["birthday_in_full"]) == (1990, True)
    placeholder = life_events.birthday_columns_of(office.ctx, date(1, 7, 1))
    assert (placeholder["birthday_year"], placeholder["birthday_year_source"]) == (None, None)


def test_birthdays_are_added_once_for_each_profile(office: Office) -> None:
    ctx = office.with_settings(RELATIONSHIPS_BIRTHDAY_EVENTS=False)
    contact = office.contact(born=date(1988, 2, 29))
    profile = profiles.find_or_create(ctx, office.row(contact), lambda _found: None).profile
    assert office.rows(MODELS.LifeEvent) == []

    for _ in range(2):
        life_events.add_birthdays(ctx, [(profile.id, contact.id, (1988, 229))])
    life_events.add_birthdays(ctx, [])
    assert office.only(MODELS.LifeEvent).month_day == 229


def test_events_are_read_latest_first_and_without_another_tenants_keys(office: Office) -> None:
    ada, grace = office.user(), office.contact()
    hidden = office.company(tenant_id=2)
    create(office, grace, title="Early", event_date=date(2026, 1, 1), company_id=hidden.id)
    create(office, grace, title="Late", event_date=date(2026, 2, 1))
    create(office, grace, title="Undated", event_date=None, recurs_annually=False)
    ctx, all_events = office.seen_by(ada), ListFilter([MODELS.LifeEvent.contact_id == grace.id])

    first, cursor = life_events_queries.read(ctx, all_events, TODAY, Page(2))
    rest, end = life_events_queries.read(ctx, all_events, TODAY, Page(2, cursor))
    assert (titles(first), titles(rest), end) == (["Late", "Early"], ["Undated"], None)
    assert [row["company_id"] for row in plain(first)] == [None, None]


def test_dates_are_computed_for_rows_of_any_list(office: Office) -> None:
    event, _ = create(office, office.contact())
    keys = ShownKeys(HOSTS, office.ctx.viewer, MODELS.LifeEvent)
    statement = sa.select(*life_events_queries.columns(MODELS, keys))
    rows = read_rows(office.session, MODELS, statement, keys=keys)
    (row,) = plain(life_events_queries.with_dates(office.ctx, rows, date(2026, 7, 1)))
    assert (UUID(str(row["id"])), row["next_occurrence"], row["days_until"]) == (event.id, date(2026, 7, 1), 0)


def test_generation_creates_each_action_once(office: Office) -> None:
    ada, grace = office.user(), office.contact()
    event, action = create(office, grace)
    actions.close(office.ctx, action, "done", user=None, closed_by="user", now=NOW)
    grace.owner_id = ada.id
    office.ctx.commit()
    day = date(2027, 6, 24)
    later = office.at(NOON.replace(year=2027))

    assert generation.count(later, day) == 1
    assert generation.foresee(later, day).created == 1
    batches: list[Any] = []
    assert generation.generate(later, day, on_batch=batches.append).created == 1
    assert generation.generate(later, day).created == 0

    (made,) = opened(office)
    assert (made.life_event_id, made.occurrence_date, made.due_date) == (event.id, date(2027, 7, 1), day)
    assert made.assigned_to_user_id == ada.id
    assert [key for batch in batches for key in batch.created] == [made.id]


def test_generation_passes_over_inactive_contacts_and_stops_when_told(office: Office) -> None:
    gone = office.contact(is_active=False)
    create(office, gone)
    office.ctx.commit()
    assert generation.generate(office.ctx, date(2026, 6, 24), stopped=lambda: True).created == 0
    assert generation.generate(office.ctx, date(2026, 6, 24)).created == 0
    assert office.rows(MODELS.Action) == []


def test_open_actions_take_the_names_of_the_day(office: Office) -> None:
    grace, ada = office.contact(), office.user()
    _, action = create(office, grace)
    grace.first_name, grace.owner_id = "Amazing", ada.id
    office.session.flush()

    assert freshness.refresh(office.ctx, []) == []
    assert freshness.refresh(office.ctx, [action.id]) == [action.id]
    assert freshness.refresh(office.ctx, [action.id]) == []
    kept = office.only(MODELS.Action)
    assert "Amazing" in kept.title
    assert kept.assigned_to_user_id == ada.id


def test_what_is_due_is_refreshed_by_job_and_list(office: Office) -> None:
    grace = office.contact()
    event, action = create(office, grace)
    event.next_reminder = date(2026, 6, 24)
    grace.first_name = "Amazing"
    office.ctx.commit()

    freshness.refresh_due(office.ctx, date(2026, 6, 23))
    assert "Amazing" not in office.only(MODELS.Action).title
    freshness.refresh_due(office.ctx, date(2026, 6, 24))
    assert "Amazing" in office.only(MODELS.Action).title

    grace.first_name = "Admiral"
    office.session.flush()
    rows, _ = queries.read(office.ctx, ListFilter([]))
    assert not freshness.refresh_listed(office.ctx, rows, date(2026, 6, 23))
    assert freshness.refresh_listed(office.ctx, rows, date(2026, 6, 24))
    assert not freshness.refresh_listed(office.ctx, rows, date(2026, 6, 24))
    assert "Admiral" in office.only(MODELS.Action).title
    assert action.status == "pending"


def test_events_are_moved_from_where_they_are_alone(office: Office) -> None:
    event, _ = create(office, office.contact())
    was = event.next_reminder
    assert scheduling.move(office.ctx, {event.id: (was, was)}) == 0
    assert scheduling.move(office.ctx, {event.id: (date(2000, 1, 1), TODAY)}) == 0
    assert scheduling.move(office.ctx, {event.id: (was, TODAY)}) == 1
    assert office.only(MODELS.LifeEvent).next_reminder == TODAY


def test_years_that_a_wrong_clock_passed_over_are_brought_back(office: Office) -> None:
    event, _ = create(office, office.contact())
    event.next_reminder = date(2030, 6, 24)
    office.ctx.commit()
    scheduling.rewind(office.ctx, TODAY)
    assert office.only(MODELS.LifeEvent).next_reminder == date(2026, 6, 24)


def test_actions_of_the_zeroth_year_are_dismissed_unless_a_person_changed_them(office: Office) -> None:
    grace, made = office.contact(), []
    for title in ("Untouched", "Edited"):
        event, _ = create(
            office, grace, title=title, event_type="work anniversary", event_date=TODAY, auto_action_enabled=False
        )
        row = {"title": title, "action_type": "call", "status": "pending", "source": "auto", "life_event_id": event.id}
        row |= {"contact_id": grace.id, "occurrence_date": TODAY, "occurrence_key": TODAY.isoformat()}
        made.append(actions.add(office.ctx, row, now=NOW))
    actions.edit(office.ctx, made[1], {"title": "By hand"}, user=None, now=NOW)
    office.ctx.commit()

    assert zeroth_years.count(office.ctx) == 1
    assert zeroth_years.dismiss(office.ctx, lambda: True) == []
    assert zeroth_years.dismiss(office.ctx, never) == [made[0].id]
    assert zeroth_years.count(office.ctx) == 0
    assert [row.title for row in opened(office)] == ["By hand"]
