from __future__ import annotations

import pytest
from flask import Flask

from examples.crm.extensions import db
from examples.crm.models import User

from .conftest import LogIn

NEW_EVENT = {"event_type": "award", "title": "Exporter of the year"}


@pytest.mark.parametrize(
    ("level", "expected"), [("executive", 200), ("head", 200), ("manager", 200), ("consultant", 403)]
)
def test_only_those_who_lead_may_delete(log_in: LogIn, level: str, expected: int) -> None:
    person = log_in(level)
    event = person.call("POST", "/contacts/1/life-events", NEW_EVENT)
    assert event.status_code == 201
    deleted = person.call("DELETE", f"/contacts/1/life-events/{event.json['event']['id']}")  # type: ignore[index]
    assert deleted.status_code == expected


def test_a_level_that_nobody_thought_of_may_do_nothing(app: Flask, log_in: LogIn) -> None:
    consultant = log_in("consultant")
    with app.app_context():
        db.session.execute(db.update(User).values(level="visitor"))
        db.session.commit()
    assert consultant.call("GET", "/contacts/1/relationship").status_code == 403


def test_follow_ups_are_everyones_the_squads_or_ones_own(app: Flask, log_in: LogIn) -> None:
    assignees = {}
    for level in ("executive", "head", "manager", "consultant"):
        answer = log_in(level).call("GET", "/relationship-actions")
        assert answer.json is not None
        assignees[level] = {action["assigned_to_name"] for action in answer.json["actions"]}
    with app.app_context():
        manager = db.session.query(User).filter_by(full_name="Ana Ruiz").one()
        squad = {member.full_name for member in manager.squad.members} if manager.squad else set()
    assert len(assignees["executive"]) == 12
    assert assignees["head"] == assignees["executive"]
    assert assignees["manager"] == squad
    assert assignees["consultant"] == {"Tomasz Zielony"}


def test_a_page_shows_a_control_only_to_those_who_may_use_it(log_in: LogIn) -> None:
    assert 'permissions="view update manage"' in log_in("manager").open("/contacts/1").text
    assert 'permissions="view update"' in log_in("consultant").open("/contacts/1").text
