"""An auto-action that nobody has edited takes the names, words and owner of the day it falls due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.domain.life_events import freshness
from tests.reminders.office import Office, Row
from tests.statements.counting import counted


def only(office: Office, contact: int) -> Row:
    (action,) = office.actions(contact)
    return action


def told(action: Row) -> tuple[str, str | None, str | None]:
    return action["title"], (action["message_body"] or "")[:22], action["assigned_to_user_id"]


OLD, NEW = "Wish Alexandra a happy birthday", "Wish Alex a happy birthday"


@pytest.fixture
def alex(office: Office) -> int:
    """A contact with a birthday on 15 May, whose name and owner change after its action was created."""
    alex = office.contact("Alexandra", owner_id=office.grace)
    office.event(alex, "1990-05-15", auto_action_days_before=7)
    return alex


def rename(office: Office, alex: int) -> int:
    mary = office.person("Mary Somerville")
    office.change(office.Contact, alex, first_name="Alex", owner_id=mary)
    office.api.patch(f"/contacts/{alex}/relationship", {"preferred_name": "Lex"})
    return mary


def test_the_scheduled_job_refreshes_it_on_its_day(office: Office, alex: int) -> None:
    mary = rename(office, alex)
    assert office.run("2027-05-07").refreshed == 0
    assert told(only(office, alex)) == (OLD, "Happy birthday, Alexan", str(office.grace))
    assert office.run("2027-05-08").refreshed == 1
    assert told(only(office, alex)) == (NEW, "Happy birthday, Lex! I", str(mary))
    assert office.run("2027-05-08").refreshed == 0


def test_after_its_day_it_stays(office: Office, alex: int) -> None:
    office.run("2027-05-08")
    rename(office, alex)
    office.run("2027-05-09")
    assert told(only(office, alex)) == (OLD, "Happy birthday, Alexan", str(office.grace))


def test_a_late_job_refreshes_it_too(office: Office, alex: int) -> None:
    mary = rename(office, alex)
    office.run("2027-05-12")
    assert told(only(office, alex)) == (NEW, "Happy birthday, Lex! I", str(mary))


@pytest.mark.parametrize(
    "path", ["/contacts/{}/relationship-actions", "/relationship-actions", "/relationship-actions/{}"]
)
def test_whoever_reads_it_before_the_job_sees_the_words_of_the_day(office: Office, alex: int, path: str) -> None:
    action = only(office, alex)
    office.change(office.Contact, alex, first_name="Alex")
    office.today = office.today.replace(month=5, day=8)
    found = office.api.get(path.format(action["id"] if path.endswith("s/{}") else alex))
    assert (found.get("action") or found["actions"][0])["title"] == NEW
    with office.context() as (session, models):
        assert session.scalar(sa.select(models.Action.title)) == NEW
        assert session.scalar(sa.select(models.ActionCentreItem.title)) == NEW


def test_what_is_not_due_yet_is_not_refreshed_by_reading(office: Office, alex: int) -> None:
    rename(office, alex)
    office.today = office.today.replace(month=5, day=7)
    assert only(office, alex)["title"] == OLD


def test_what_somebody_set_by_hand_stays(office: Office, alex: int) -> None:
    action, mary = only(office, alex), office.person("Mary Somerville")
    path = f"/contacts/{alex}/relationship-actions/{action['id']}"
    office.api.patch(path, {"title": "Ring Alexandra", "assigned_to_user_id": str(mary)})
    rename(office, alex)
    office.run("2027-05-08")
    assert told(only(office, alex)) == ("Ring Alexandra", "Happy birthday, Lex! I", str(mary))


def test_an_assignment_by_hand_of_an_older_version_stays(office: Office, alex: int) -> None:
    action, mary = only(office, alex), office.person("Mary Somerville")
    path = f"/contacts/{alex}/relationship-actions/{action['id']}"
    office.api.patch(path, {"assigned_to_user_id": str(mary)})
    with office.context() as (session, models):
        session.execute(sa.update(models.Action).values(set_by_hand=None))
        session.commit()
    rename(office, alex)
    office.run("2027-05-08")
    assert told(only(office, alex))[2] == str(mary)


def test_an_owner_who_left_is_replaced(office: Office, alex: int) -> None:
    office.change(office.Contact, alex, owner_id=office.person("Gone"))
    office.run("2027-05-08")
    action = only(office, alex)
    assert action["assigned_to_name"] == "Gone"
    eve = office.contact("Eve", owner_id=office.person("Leaving"))
    office.event(eve, "1990-06-15", auto_action_days_before=7)
    office.change(office.Contact, eve, owner_id=None)
    office.run("2027-06-08")
    assert only(office, eve)["assigned_to_user_id"] == str(office.grace)


def test_a_birthday_that_became_somebody_else_s_greets_nobody(office: Office, alex: int) -> None:
    office.api.patch(f"/contacts/{alex}/relationship", {"birthday": "1980-06-15"})
    office.run("2027-05-08")
    assert told(only(office, alex))[:2] == ("Birthday", "")


def test_its_history_says_so(office: Office, alex: int) -> None:
    action = only(office, alex)
    rename(office, alex)
    office.run("2027-05-08")
    lines = office.api.get(f"/relationship-actions/{action['id']}/history")["history"]
    assert [(line["kind"], line["by"]) for line in lines] == [("moved", "plugin"), ("created", "plugin")]


def test_further_reminders_are_as_fresh(office: Office) -> None:
    alex = office.contact("Alexandra")
    office.event(alex, "1990-05-15", auto_action_days_before=30, further_reminders=[7])
    office.run("2027-05-08")
    assert [one["title"] for one in office.actions(alex)] == [OLD, OLD]
    office.change(office.Contact, alex, first_name="Alex")
    office.run("2028-04-15")
    assert [one["title"] for one in office.actions(alex)] == [OLD, OLD, NEW]


@pytest.mark.parametrize("day", ["2027-05-07", "2027-05-09", "2027-05-10"])
def test_with_business_days_it_is_fresh_on_the_moved_day(open_office: Callable[..., Office], day: str) -> None:

    office = open_office(business_day=lambda given: date.fromisoformat(day) if given == date(2027, 5, 8) else given)
    alex = office.contact("Alexandra")
    office.event(alex, "1990-05-15", auto_action_days_before=7)
    assert only(office, alex)["due_date"] == day
    office.change(office.Contact, alex, first_name="Alex")
    office.today = date.fromisoformat(day)
    assert only(office, alex)["title"] == NEW


def test_the_digest_refreshes_all_that_is_due(office: Office, alex: int) -> None:
    mary = rename(office, alex)
    office.today = office.today.replace(month=5, day=8)
    with office.app.app_context():
        freshness.refresh_due(office.state.context(), office.state.today())
    assert told(only(office, alex)) == (NEW, "Happy birthday, Lex! I", str(mary))


def test_a_list_takes_no_more_statements_once_it_is_fresh(office: Office) -> None:
    taken = []
    office.today = office.today.replace(month=5, day=8)
    for number in (1, 5):
        for _ in range(number):
            alex = office.contact("Alexandra")
            office.event(alex, "1990-05-15", auto_action_days_before=7)
        office.run()
        with counted(office.app) as seen:
            office.api.get("/relationship-actions")
        taken.append(len(seen))
    assert taken[0] == taken[1]


def test_a_list_changes_a_bounded_number_of_actions(office: Office) -> None:
    """Each reading refreshes some more, until all are fresh."""
    office.today = office.today.replace(month=5, day=8)
    number = freshness.MAX_REFRESHED_BY_A_LIST * 2 + 1
    for _ in range(number):
        alex = office.contact("Alexandra")
        office.event(alex, "1990-05-15", auto_action_days_before=7)
        office.change(office.Contact, alex, first_name="Alex")
    fresh = []
    for _ in range(4):
        with counted(office.app) as seen:
            titles = [action["title"] for action in office.api.get("/relationship-actions")["actions"]]
        fresh.append(titles.count(NEW))
        assert len(seen) <= 8 + 4 * freshness.MAX_REFRESHED_BY_A_LIST
    assert fresh == [20, 40, number, number]


def test_refreshing_takes_a_constant_number_of_statements_for_what_has_not_changed(office: Office) -> None:
    taken = []
    for day, number in (("2027-05-08", 2), ("2027-06-08", 9)):
        for _ in range(number):
            alex = office.contact("Alexandra")
            office.event(alex, f"1990-{day[5:7]}-15", auto_action_days_before=7)
        with counted(office.app) as seen:
            office.run(day)
        taken.append(len(seen))
    assert taken[0] == taken[1]


def test_a_database_that_cannot_be_written_shows_the_list_as_it_is(office: Office, alex: int, monkeypatch: Any) -> None:
    rename(office, alex)
    office.today = office.today.replace(month=5, day=8)

    def refuse(*_: Any, **__: Any) -> bool:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("attempt to write a readonly database"))

    monkeypatch.setattr("flask_relationships.domain.actions.service.move", refuse)
    assert only(office, alex)["title"] == OLD
