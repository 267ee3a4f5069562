"""The last run is stored, and ``GET /health`` and ``check`` say when it is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flask_relationships.domain.runs import service
from flask_relationships.jobs import registry as jobs
from flask_relationships.jobs.runner import Job
from tests.check.small import Small
from tests.databases import Databases
from tests.hosts.host import Caller, Host
from tests.marks import one_host

MINUTES = timedelta(minutes=1)


def run(host: Host, later: timedelta = timedelta(), **options: Any) -> None:
    with host.app.app_context(), host.clock_at(host._clock() + later):
        jobs.run_due(**options)


def health(api: Caller, host: Host, later: timedelta = timedelta()) -> dict[str, Any]:
    with host.clock_at(host._clock() + later):
        found: dict[str, Any] = api.get("/health")
    return found


@one_host
class TestHealth:
    def test_what_was_never_run(self, api: Caller, host: Host) -> None:
        nothing = {"status": "never", "succeeded_at": None, "lag": None, "late_after": 3600}
        assert api.get("/health") == {"health": nothing, "runs": []}

    def test_what_has_run_and_how_long_all_waited_for_it(self, api: Caller, host: Host) -> None:
        run(host)
        run(host, 10 * MINUTES, runner="worker")
        found = health(api, host, 30 * MINUTES)
        assert (found["health"]["status"], found["health"]["lag"] // 60) == ("ok", 20)
        worker, code = found["runs"]
        assert (worker["runner"], worker["lag"] // 60, worker["failed"]) == ("worker", 10, None)
        assert (code["runner"], code["lag"]) == ("code", None)
        assert worker["succeeded_at"] == found["health"]["succeeded_at"]

    def test_it_is_late_after_the_time_that_is_configured(self, make_host: Callable[..., Host]) -> None:
        host = make_host(RELATIONSHIPS_RUN_LATE_AFTER=5)
        api = host.person()
        run(host)
        assert health(api, host, 4 * MINUTES)["health"]["status"] == "ok"
        assert health(api, host, 6 * MINUTES)["health"]["status"] == "late"

    def test_a_run_that_left_something_undone_is_no_success(
        self, api: Caller, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: Any) -> dict[str, int]:
            raise RuntimeError("+442079460018")

        run(host)
        monkeypatch.setattr(jobs, "JOBS", (Job("broken", "Broken", fail, fail), *jobs.JOBS))
        run(host, 30 * MINUTES)
        found = health(api, host, 31 * MINUTES)
        assert (found["health"]["status"], found["health"]["lag"] // 60) == ("failing", 31)
        assert [one["failed"] for one in found["runs"]] == ["broken"]
        assert health(api, host, 61 * MINUTES)["health"]["status"] == "late"

    @pytest.mark.parametrize("options", [{"dry_run": True}, {"on": True}, {"stopped": lambda: True}])
    def test_what_is_not_a_whole_run_of_today_is_not_remembered(self, host: Host, options: dict[str, Any]) -> None:
        on = {"on": host.today()} if "on" in options else options
        run(host, **on)
        assert host.rows("Run") == []

    def test_one_that_began_earlier_and_ends_later_is_not_the_last(self, host: Host) -> None:
        with host.app.app_context():
            noon = host.state.now()
            for began, failed in ((noon, []), (noon - 5 * MINUTES, ["messages"])):
                service.record(host.state.context(), "worker", began, noon + MINUTES, failed)
                host.session.commit()
        (kept,) = host.rows("Run")
        assert (kept["began_at"], kept["failed"]) == (noon, None)

    def test_a_clock_that_was_once_ahead_hides_no_outage(self, api: Caller, host: Host) -> None:
        run(host, timedelta(days=400), runner="worker")
        run(host, timedelta(days=400), runner="command")
        assert health(api, host)["health"]["status"] == "never"
        run(host, runner="worker")
        run(host, 10 * MINUTES, runner="worker")
        runs = health(api, host, 10 * MINUTES)["runs"]
        assert [(one["runner"], one["lag"] // 60) for one in runs] == [("worker", 10)]
        assert health(api, host, 80 * MINUTES)["health"]["status"] == "late"

    def test_that_it_cannot_be_remembered_undoes_nothing(self, host: Host, caplog: pytest.LogCaptureFixture) -> None:
        table = host.models.Run.__table__
        with host.app.app_context():
            table.drop(host.db.engine)
            try:
                assert jobs.run_due().failed == ()
            finally:
                table.create(host.db.engine)
        assert "could not be stored" in caplog.text


@pytest.fixture
def small(database: str, databases: Databases) -> Any:
    made = Small(databases.url(database, "check_running")).create_tables().with_rows()
    yield made
    with made.app.app_context():
        made.db.drop_all()
    made.close()


class TestCheck:
    def test_nothing_is_missed_where_nothing_can_be_due(self, small: Small) -> None:
        assert small.found("run_due_not_needed_yet")["level"] == "ok"
        assert small.wrong() == set()

    def test_what_was_never_run_is_missed_once_there_are_life_events(self, small: Small) -> None:
        now = small.app.extensions["relationships"].now()
        event = {"event_type": "birthday", "title": "Birthday", "auto_action_days_before": 7}
        event |= {"created_at": now, "updated_at": now}
        small.add(small.relationships.models.LifeEvent(contact_id=1, **event))
        assert small.wrong() == {"run_due_never"}

    def test_a_last_run_is_told_and_a_late_one_warned_of(self, small: Small) -> None:
        small.app.test_cli_runner().invoke(args=["relationships", "run-due"])
        assert small.found("run_due")["message"].endswith(" UTC, by command.")
        state = small.app.extensions["relationships"]
        moment = state.clock() + 61 * MINUTES
        state.clock = lambda: moment
        assert small.wrong() == {"run_due_late"}

    def test_a_failing_run_is_warned_of(self, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_: Any) -> dict[str, int]:
            raise RuntimeError

        monkeypatch.setattr(jobs, "JOBS", (Job("broken", "Broken", fail, fail), *jobs.JOBS))
        assert small.app.test_cli_runner().invoke(args=["relationships", "run-due"]).exit_code == 1
        assert "Failed jobs: broken" in small.found("run_due_failing")["message"]
