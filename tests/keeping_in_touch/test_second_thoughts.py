"""What somebody takes back, or puts off: nobody is forgotten for it, and nobody gets more than their share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host
from tests.keeping_in_touch.test_reminders import MORNING, pending, remind, wish
from tests.marks import one_host

pytestmark = one_host


def done(host: Host, api: Caller, contact: str, days: int) -> str:
    with host.clock_at(MORNING + timedelta(days=days)):
        action = str(api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"])
        api.patch(f"/relationship-actions/{action}", {"status": "done"})
    return action


@pytest.mark.parametrize("taken_back", ["reopened", "dismissed"])
def test_what_was_not_done_after_all_brings_the_reminder_back(
    host: Host, api: Caller, contact: str, taken_back: str
) -> None:
    wish(host, api, contact)
    (reminder,) = remind(host, 10).made
    action = done(host, api, contact, 11)
    assert remind(host, 11).dismissed == [reminder]
    if taken_back == "reopened":
        api.post(f"/relationship-actions/{action}/reopen", None, 200)
    else:
        api.patch(f"/relationship-actions/{action}", {"status": "dismissed"})
    again = remind(host, 12)
    assert (again.made, list(again.reopened)) == ([], [reminder])
    told = {one["id"]: one["due_date"] for one in pending(api)}
    assert told[str(reminder)] == "2026-03-14"
    assert remind(host, 12) == ([], [], [])


def test_a_cadence_that_is_cleared_by_mistake_and_set_again_brings_it_back(
    host: Host, api: Caller, contact: str
) -> None:
    done(host, api, contact, 0)
    wish(host, api, contact)
    (reminder,) = remind(host, 10).made
    wish(host, api, contact, days=None, at=MORNING + timedelta(days=10))
    assert remind(host, 10).dismissed == [reminder]
    wish(host, api, contact, at=MORNING + timedelta(days=10))
    told: list[Any] = []
    listening = signals.action_reopened.connected_to(lambda _app, row, user: told.append((row.id, user)))
    with host.clock_at(MORNING + timedelta(days=10)), host.app.app_context(), listening:
        assert run_due()["keeping_in_touch"]["reopened"] == 1
    assert told == [(reminder, None)]
    assert remind(host, 11) == ([], [], [])


def test_what_a_person_dismissed_does_not_come_back_for_it(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 10)
    api.patch(f"/relationship-actions/{pending(api)[0]['id']}", {"status": "dismissed"})
    action = done(host, api, contact, 11)
    api.patch(f"/relationship-actions/{action}", {"status": "dismissed"})
    assert remind(host, 12) == ([], [], [])


def test_whoever_puts_theirs_off_gets_no_others_for_them(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_IN_TOUCH_PER_DAY=2)
    api = host.person()
    for number in range(5):
        wish(host, api, host.contact("Ada", f"Byron {number}"))
    assert len(remind(host, 10).made) == 2
    with host.clock_at(MORNING + timedelta(days=10)):
        for action in pending(api):
            api.post(f"/relationship-actions/{action['id']}/snooze", {"days": 5}, 200)
    assert [len(remind(host, day).made) for day in (10, 11, 11)] == [0, 2, 0]
