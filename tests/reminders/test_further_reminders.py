"""Several reminders of one event: each has its slot, and its action on its day."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.domain.life_events.generation import Generated
from flask_relationships.domain.life_events.reminders import with_slots
from tests.reminders.office import Office


def open_days(office: Office, contact: int) -> list[str]:
    return [due for _, due in office.told(contact, "pending")]


def test_each_has_its_action_on_its_day(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15", further_reminders=[1, 30])
    assert event["further_reminders"] == [30, 1]
    assert open_days(office, ada) == ["2027-05-08"]
    assert office.run("2027-04-14") == Generated()
    assert office.run("2027-04-15") == Generated(created=1)
    assert office.run("2027-05-08") == Generated()
    assert office.run("2027-05-14") == Generated(created=1)
    assert open_days(office, ada) == ["2027-04-15", "2027-05-08", "2027-05-14"]
    assert [office.run(day).created for day in ("2028-04-15", "2028-05-08", "2028-05-14")] == [1, 1, 1]


def test_a_one_off_event_may_have_several_too(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "2027-05-15", recurs_annually=False, further_reminders=[30, 1])
    assert [office.run(day).created for day in ("2027-04-15", "2027-05-08", "2027-05-14", "2028-05-14")] == [1, 0, 1, 0]


def test_one_whose_day_has_gone_by_is_not_made_up_for(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-01-20", further_reminders=[30, 2])
    assert office.told(ada) == [("2027-01-20", "2027-01-15")]
    assert office.run() == Generated()
    assert office.run("2027-01-18") == Generated(created=1)


def test_of_those_of_one_occurrence_that_were_missed_only_the_last_is_made_up_for(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15", further_reminders=[30, 1])
    office.close(ada)
    assert office.run("2028-09-01") == Generated(created=1)
    assert open_days(office, ada) == ["2028-05-14"]


def test_two_of_different_occurrences_may_be_due_on_one_day(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15", auto_action_days_before=0, further_reminders=[365])
    assert office.run("2029-05-15") == Generated(created=2)
    assert sorted(office.told(ada))[1:] == [("2029-05-15", "2029-05-15"), ("2030-05-15", "2029-05-15")]


def test_those_that_are_open_move_with_the_event(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15", further_reminders=[30])
    office.run("2027-04-15")
    office.edit(event, event_date="1990-06-15", title="Birthday, corrected")
    assert office.told(ada) == [("2027-06-15", "2027-05-16"), ("2027-06-15", "2027-06-08")]
    assert office.run("2027-05-16") == office.run("2027-06-08") == Generated()


def test_one_that_is_removed_has_its_action_dismissed_and_the_others_stay(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15", further_reminders=[30, 20])
    office.run("2027-04-15")
    office.run("2027-04-25")
    before = {action["due_date"]: action["id"] for action in office.actions(ada)}
    assert office.edit(event, further_reminders=[20])["further_reminders"] == [20]
    assert open_days(office, ada) == ["2027-04-25", "2027-05-08"]
    assert {action["due_date"]: action["id"] for action in office.actions(ada)} == before
    assert office.run("2028-04-15") == Generated()
    assert office.run("2028-04-25") == Generated(created=1)


def test_one_that_takes_the_place_of_another_moves_its_action(office: Office) -> None:
    ada = office.contact()
    event = office.event(ada, "1990-05-15", further_reminders=[30])
    office.run("2027-04-15")
    office.edit(event, further_reminders=[3])
    assert open_days(office, ada) == ["2027-05-08", "2027-05-12"]
    assert office.run("2027-05-12") == Generated()
    assert office.run("2028-04-15") == Generated()
    assert [office.run(day).created for day in ("2028-05-08", "2028-05-12")] == [1, 1]


def test_they_may_be_cleared(office: Office) -> None:
    event = office.event(office.contact(), "1990-05-15", further_reminders=[30])
    assert office.edit(event, further_reminders=None)["further_reminders"] == []
    assert office.run("2027-04-15") == Generated()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("30", "invalid_type"),
        (["30"], "invalid_type"),
        ([True], "invalid_type"),
        ([1.5], "invalid_type"),
        ([-1], "out_of_range"),
        ([367], "out_of_range"),
        (list(range(11)), "too_many"),
    ],
)
@pytest.mark.on_databases("sqlite")
def test_what_is_no_list_of_days_is_refused(office: Office, given: Any, code: str) -> None:
    body = {"event_type": "birthday", "title": "Birthday", "further_reminders": given}
    problem = office.api.post(f"/contacts/{office.contact()}/life-events", body, 422)
    assert [error["code"] for error in problem["errors"]] == [code]


@pytest.mark.parametrize(
    ("known", "wanted", "slots"),
    [
        (None, [30, 1], [30, 1]),
        ([30, 1], [1], [None, 1]),
        ([None, 1], [1, 14], [14, 1]),
        ([30, 1], [1, 14, 60], [60, 1, 14]),
        ([30, 1], [], None),
        (None, [], None),
    ],
)
def test_who_stays_keeps_its_slot(known: Any, wanted: list[int], slots: Any) -> None:
    assert with_slots(wanted, known) == slots
