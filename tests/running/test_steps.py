"""The frame: steps one after the other, each by itself, what would be done, for which date, and the report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from flask_relationships.jobs import registry as jobs
from flask_relationships.jobs.runner import Job, JobRun, RunReport, run_jobs
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import EVENT, MESSAGE, PARTNER
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host
from tests.running.rows import waiting_message

pytestmark = one_host

HOURS = timedelta(hours=1)


def step(name: str, do: Callable[[JobRun], Any], *, dated: bool = False) -> Job:
    return Job(name, name.capitalize(), do, do, dated)


def do(host: Host, *steps: Job, **options: Any) -> RunReport:
    given: dict[str, Any] = {"dry_run": False, "progress": None, "stopped": lambda: False, **options}
    with host.app.app_context():
        return run_jobs(steps, date(2027, 3, 1), **given)


def every_row(host: Host) -> dict[str, list[Any]]:
    with host.app.app_context():
        return {
            table.name: sorted(map(str, host.session.execute(sa.select(table)).all())) for table in host.models.tables
        }


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def busy(make_host: Callable[..., Host], twilio: FakeTwilio) -> Host:
    """A host that had something to do for every step, a day and a bit ago."""
    host = make_host(RELATIONSHIPS_MESSAGES_PER_USER="5 per hour", **twilio.config())
    twilio.connect(host.app)
    host.state.clock = lambda: datetime.now(UTC)  # the fake's dates are of today's clock
    api, contact = host.person(), host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    api.post(f"/contacts/{contact}/messages", {**MESSAGE, "body": "No report comes"})
    twilio.fail("drop_after")
    key = {"Idempotency-Key": "an-old-one"}
    assert api.ask("POST", f"/contacts/{contact}/messages", MESSAGE).status_code == 202  # its key would stay
    assert api.ask("POST", f"/contacts/{contact}/messages/preview", MESSAGE, headers=key).status_code == 200
    waiting_message(host, contact, "It waits", address_key=None)
    waiting_message(host, contact, "It was left", status="sending", status_rank=0)
    api.patch(f"/contacts/{contact}/relationship", {"cadence_days": 1})
    soon = (host.today() + timedelta(days=11)).isoformat()
    api.post(f"/contacts/{contact}/life-events", {**EVENT, "event_date": soon, "further_reminders": [10]})
    later = (host.today() + timedelta(days=180)).isoformat()
    api.patch(f"/contacts/{contact}/relationship", {"birthday": later[5:]})
    host.state.settings = host.state.settings._replace(birthday_events=True)
    leave_a_partner(host, api)
    return host


def leave_a_partner(host: Host, api: Caller) -> None:
    """A partner whose contact was deleted past the session, by SQL."""
    contact, company = host.contact("Mary", phone=None), host.company()
    host.make_client(company)
    person = {"contact_id": contact, "partner_contact_name": "Mary"}
    api.post(f"/companies/{company}/partners", {**PARTNER, **person})
    with host.app.app_context():
        host.session.connection().exec_driver_sql(f"DELETE FROM contact WHERE id = {int(contact)}")
        host.session.commit()


def test_a_dry_run_tells_what_a_run_does_and_changes_nothing(busy: Host, twilio: FakeTwilio) -> None:
    busy.contact()  # whom no request has read: the table of numbers lacks its phone
    before, asked = every_row(busy), twilio.connections
    with busy.app.app_context(), busy.clock_at(datetime.now(UTC) + 26 * HOURS):
        told = jobs.run_due(dry_run=True)
        assert (every_row(busy), twilio.connections) == (before, asked)
        done = jobs.run_due()
    idle = {result.job.name for result in told.results if not any(result.counts.values())}
    # The own table of this host misses nothing, its contacts are always active, and its database enforces the keys:
    # see tests/action_centre, tests/contacts/test_activity.py and tests/jobs/test_deleted_rows.py for others. Its
    # contacts have no owners: see tests/keeping_in_touch/test_assignee_copies.py. No process of version 0.1 has created
    # anything: see tests/migrations/test_from_0_1.py.
    nothing = {"action_centre", "inactive_contacts", "deleted_rows", "in_touch_assignees", "zeroth_years"}
    assert idle == nothing, "each step has something to do here: give a new one something too"
    assert told["unclear_messages"] == {"looked_for": 2}
    assert sum(done["unclear_messages"].values()) == 2
    for name in {result.job.name for result in told.results} - {"unclear_messages"}:
        assert +told[name] == +done[name], name
    assert (told.dry_run, done.dry_run) == (True, False)


def test_a_dry_run_does_not_promise_what_cannot_be_sent(make_host: Callable[..., Host]) -> None:
    host = make_host()
    contact = host.contact()
    host.person().patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    waiting_message(host, contact, "It waits")
    with host.app.app_context():
        assert jobs.run_due(dry_run=True)["waiting_messages"]["sent"] == 1
        host.transport.disabled = True
        assert jobs.run_due(dry_run=True)["waiting_messages"]["sent"] == 0


def test_one_step_that_fails_keeps_no_other_from_being_done(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    def fail(due: JobRun) -> dict[str, int]:
        raise OperationalError("SELECT", {"to": "+442079460018"}, Exception("gone, +442079460018"))

    def divide(due: JobRun) -> dict[str, int]:
        return {"made": 1 // 0}

    done = do(host, step("first", fail), step("second", divide), step("third", lambda _: {"made": 3}))
    assert done.failed == ("first", "second")
    assert done["third"] == {"made": 3}
    assert str(done).startswith("First: not done, OperationalError at ")
    assert "Third: 3 made" in str(done)
    assert "79460018" not in str(done) + json.dumps(done.as_json()) + caplog.text


def test_what_a_failing_step_wrote_is_not_kept(host: Host) -> None:
    def spoil(due: JobRun) -> dict[str, int]:
        now = host.state.now()
        host.session.add(host.models.Run(runner="code", began_at=now, ended_at=now))
        host.session.flush()
        raise ValueError

    def commit(due: JobRun) -> dict[str, int]:
        host.session.commit()
        return {}

    assert do(host, step("first", spoil), step("second", commit)).failed == ("first",)
    assert host.rows("Run") == []


def test_it_ends_between_two_steps_when_told_to(host: Host) -> None:
    seen: list[date] = []

    def see(due: JobRun) -> dict[str, int]:
        seen.append(due.today)
        return {}

    done = do(host, step("one", see), step("two", see), step("three", see), stopped=lambda: len(seen) == 2)
    assert (len(seen), done.stopped, done.failed) == (2, True, ())
    assert [each.job.name for each in done.results] == ["one", "two"]
    assert done["three"]["made"] == 0


@databases("sqlite")
def test_progress_is_told_by_step_and_number(host: Host, api: Caller) -> None:
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    for text in ("one", "two"):
        waiting_message(host, contact, text)
    told: list[tuple[str, int, int | None]] = []
    with host.app.app_context():
        jobs.run_due(progress=lambda step, number, total: told.append((step.name, number, total)))
    name = "waiting_messages"
    assert [one for one in told if one[0] == name] == [(name, 0, None), (name, 0, 2), (name, 1, 2)]
    assert {name for name, *_ in told} == {step.name for step in jobs.JOBS}


@databases("sqlite")
class TestTheDate:
    def test_a_dated_step_is_told_it(self, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[date] = []

        def see(due: JobRun) -> dict[str, int]:
            seen.append(due.today)
            return {}

        monkeypatch.setattr(jobs, "JOBS", (step("dated", see, dated=True),))
        with host.app.app_context():
            tomorrow = host.today() + timedelta(days=1)
            jobs.run_due()
            jobs.run_due(on=tomorrow)
        assert seen == [host.today(), tomorrow]

    def test_messages_go_by_the_clock(self, host: Host, api: Caller) -> None:
        contact = host.contact()
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        tomorrow = host.state.now() + timedelta(days=1)
        waiting_message(host, contact, "For tomorrow", not_before=tomorrow)
        with host.app.app_context():
            assert jobs.run_due(on=tomorrow.date() + timedelta(days=3))["waiting_messages"]["sent"] == 0
        assert host.transport.sent == []

    @pytest.mark.parametrize("days", [-367, 367, 3660])
    def test_one_that_is_far_away_is_refused(self, host: Host, days: int) -> None:
        with host.app.app_context(), pytest.raises(ValueError, match="within 366 days of today"):
            jobs.run_due(on=host.today() + timedelta(days=days))

    def test_a_moment_is_no_date(self, host: Host) -> None:
        with host.app.app_context(), pytest.raises(ValueError, match="is not a date"):
            jobs.run_due(on=datetime.now(UTC))
