"""A cadence that changes while a reminder is open: a longer one withdraws it, a shorter one makes one that is right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import signals
from flask_relationships.jobs.registry import run_due
from tests.hosts.host import Caller, Host
from tests.keeping_in_touch.test_reminders import MORNING, pending, remind, wish
from tests.marks import one_host


def actions(api: Caller, contact: str) -> list[tuple[str, str]]:
    found = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    return [(action["occurrence_date"], action["status"]) for action in found]


def test_a_longer_one_dismisses_the_early_reminder_at_once(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact, 30)
    remind(host, 30)
    assert actions(api, contact) == [("2026-04-01", "pending")]
    told: list[str] = []

    def note(app: Any, row: Any, user: Any) -> None:
        told.append(row.status)

    with signals.action_closed.connected_to(note):
        wish(host, api, contact, 90, MORNING + timedelta(days=31))
    assert told == ["dismissed"]
    assert actions(api, contact) == [("2026-04-01", "dismissed")]
    for day in (31, 60, 89):
        assert remind(host, day).made == []
    remind(host, 90)
    assert actions(api, contact) == [("2026-04-01", "dismissed"), ("2026-05-31", "pending")]


@pytest.mark.parametrize("days", [30, 31, 20, 1])
def test_one_that_leaves_it_due_keeps_the_reminder(host: Host, api: Caller, contact: str, days: int) -> None:
    wish(host, api, contact, 30)
    remind(host, 31)
    wish(host, api, contact, days, MORNING + timedelta(days=31))
    assert actions(api, contact) == [("2026-04-01", "pending")]
    remind(host, 31)
    assert len(pending(api)) == 1


def test_a_shorter_one_brings_the_reminder_forward(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact, 90)
    assert remind(host, 40).made == []
    wish(host, api, contact, 30, MORNING + timedelta(days=40))
    remind(host, 40)
    assert actions(api, contact) == [("2026-04-01", "pending")]


def test_there_and_back_again_opens_the_same_one(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact, 30)
    remind(host, 30)
    wish(host, api, contact, 90, MORNING + timedelta(days=30))
    wish(host, api, contact, 30, MORNING + timedelta(days=30))
    assert len(remind(host, 30).reopened) == 1
    assert actions(api, contact) == [("2026-04-01", "pending")]


def test_one_that_was_put_off_is_dismissed_too(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact, 30)
    remind(host, 30)
    with host.clock_at(MORNING + timedelta(days=30)):
        api.post(f"/relationship-actions/{pending(api)[0]['id']}/snooze", {"days": 5}, 200)
    wish(host, api, contact, 90, MORNING + timedelta(days=31))
    assert pending(api) == []


@one_host
def test_what_an_older_version_left_open_is_dismissed_by_the_scheduled_job(
    host: Host, api: Caller, contact: str
) -> None:
    wish(host, api, contact, 30)
    remind(host, 30)
    with host.app.app_context():
        table, due = host.models.Profile, (MORNING + timedelta(days=90)).date().toordinal()
        later = {"cadence_days": 90, "in_touch_due_day": due, "in_touch_remind_day": due}
        host.session.execute(sa.update(table).values(**later))
        host.session.commit()
    assert len(remind(host, 32).dismissed) == 1
    assert actions(api, contact) == [("2026-04-01", "dismissed")]


@one_host
def test_a_job_for_a_later_date_is_not_undone_by_one_for_today(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact, 30)
    with host.clock_at(MORNING), host.app.app_context():
        run_due(on=(MORNING + timedelta(days=40)).date())
        assert run_due()["keeping_in_touch"]["dismissed"] == 0
    assert len(pending(api)) == 1
