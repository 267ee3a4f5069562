"""Auto-actions as a step of ``run_due``: its report, its dry run, its date, and who is told."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_relationships import signals
from flask_relationships.jobs.registry import run_due
from tests.reminders.office import Office


def steps(office: Office, **options: Any) -> dict[str, int]:
    with office.app.app_context():
        return {name: number for name, number in run_due(**options)["auto_actions"].items() if number}


def test_a_run_makes_what_is_due_and_reports_it(office: Office) -> None:
    for alive in (True, True, False):
        office.event(office.contact(alive=alive), "1990-05-15")
    office.today = date(2028, 5, 8)
    assert steps(office, dry_run=True) == {"created": 2, "left_out": 1}
    assert steps(office) == {"created": 2, "left_out": 1}
    assert steps(office) == {}


def test_a_run_for_another_date_makes_what_is_due_by_then(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15")
    office.today = date(2028, 5, 1)
    assert steps(office, on=date(2028, 5, 7)) == {}
    assert steps(office, on=date(2028, 5, 8)) == {"created": 1}


def test_receivers_are_told_of_each_action_after_its_commit(office: Office) -> None:
    contacts = [office.contact() for _ in range(3)]
    for contact in contacts:
        office.event(contact, "1990-05-15")
    told: list[tuple[int, str]] = []

    def note(app: Any, row: Any, user: Any) -> None:
        assert user is None
        told.append((row.contact_id, row.occurrence_key))

    office.today = date(2028, 5, 8)
    with signals.action_created.connected_to(note, office.app):
        steps(office)
    assert sorted(told) == [(contact, "2028-05-15") for contact in contacts]


def test_progress_is_told_in_events(office: Office) -> None:
    office.event(office.contact(), "1990-05-15")
    office.today = date(2028, 5, 8)
    told: list[tuple[str, int, int | None]] = []
    steps(office, progress=lambda step, number, total: told.append((step.name, number, total)))
    assert ("auto_actions", 1, 1) in told
