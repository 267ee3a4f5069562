"""The history of runs as functions of a context."""

from __future__ import annotations

from datetime import timedelta

from flask_relationships.domain.runs import queries as runs_queries
from flask_relationships.domain.runs import service as runs

from .office import MODELS, NOW, Office

HOUR = timedelta(hours=1)


def test_nothing_has_run_yet(office: Office) -> None:
    assert runs_queries.health(office.ctx, NOW, HOUR) == ("never", None, None, [])
    assert not runs_queries.done_since(office.ctx, NOW - HOUR, NOW, "reminders")


def test_a_run_is_remembered_once_for_each_runner(office: Office) -> None:
    runs.record(office.ctx, "worker", NOW, NOW, [])
    runs.record(office.ctx, "worker", NOW + HOUR, NOW + HOUR, [])
    runs.record(office.ctx, "command", NOW, NOW, [])

    rows = {row.runner: row for row in office.rows(MODELS.Run)}
    assert set(rows) == {"worker", "command"}
    assert (rows["worker"].began_at, rows["worker"].lag) == (NOW + HOUR, 3600)


def test_an_earlier_run_that_ends_late_changes_nothing(office: Office) -> None:
    runs.record(office.ctx, "worker", NOW, NOW, [])
    runs.record(office.ctx, "worker", NOW - HOUR, NOW, ["reminders"])
    assert office.only(MODELS.Run).failed is None


def test_health_is_late_when_the_last_success_is_long_ago(office: Office) -> None:
    runs.record(office.ctx, "worker", NOW, NOW, [])
    assert runs_queries.health(office.ctx, NOW + HOUR, HOUR).status == "ok"

    late = runs_queries.health(office.ctx, NOW + HOUR + timedelta(seconds=1), HOUR)
    assert (late.status, late.succeeded_at, late.lag) == ("late", NOW, 3601)


def test_a_failed_run_does_not_count_as_done(office: Office) -> None:
    runs.record(office.ctx, "worker", NOW, NOW, ["reminders"])

    assert runs_queries.health(office.ctx, NOW, HOUR).status == "failing"
    assert not runs_queries.done_since(office.ctx, NOW - HOUR, NOW, "reminders")
    assert runs_queries.done_since(office.ctx, NOW - HOUR, NOW, "messages")


def test_a_run_of_a_clock_that_was_ahead_is_not_believed(office: Office) -> None:
    runs.record(office.ctx, "worker", NOW + 2 * HOUR, NOW + 2 * HOUR, [])

    assert runs_queries.health(office.ctx, NOW, HOUR).status == "never"
    assert not runs_queries.done_since(office.ctx, NOW, NOW, "reminders")


def test_a_refresh_is_fresh_for_its_period(office: Office) -> None:
    assert not runs_queries.is_fresh(office.ctx, "numbers", HOUR, NOW)
    runs.note_refresh(office.ctx, "numbers", NOW - HOUR)
    assert not runs_queries.is_fresh(office.ctx, "numbers", HOUR, NOW)
    runs.note_refresh(office.ctx, "numbers", NOW)

    assert runs_queries.is_fresh(office.ctx, "numbers", HOUR, NOW)
    assert not runs_queries.is_fresh(office.ctx, "birthdays", HOUR, NOW)
    assert office.only(MODELS.Refresh).done_at == NOW
