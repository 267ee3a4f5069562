"""The action centre, the host's own tasks and the sweep as functions of a context."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flask_relationships.context import Context
from flask_relationships.db.pagination import Page
from flask_relationships.domain.action_centre import queries as action_centre_queries
from flask_relationships.domain.action_centre import service as action_centre
from flask_relationships.domain.actions import host_tasks, sweep
from flask_relationships.domain.actions import service as actions

from .office import MODELS, NOW, TODAY, Office, Task, plain, task_centre, titles

LATER = NOW + timedelta(hours=1)


class BrokenCentre:
    """A centre of the host's that fails as long as ``broken``."""

    listed = False

    def __init__(self) -> None:
        self.broken, self.calls = True, list[str]()

    def _call(self, name: str) -> None:
        if self.broken:
            raise RuntimeError(name)
        self.calls.append(name)

    def mirror(self, _session: Any, _action: Any) -> None:
        self._call("mirror")

    def sync(self, _session: Any, _action: Any) -> None:
        self._call("sync")


@pytest.fixture
def broken(office: Office) -> tuple[Context, BrokenCentre]:
    centre = BrokenCentre()
    return replace(office.ctx, action_centre=centre), centre


@pytest.fixture
def tasks(office: Office) -> Context:
    """Return a context whose action centre is the host's own tasks."""
    return replace(office.ctx, action_centre=task_centre())


def add(ctx: Context, office: Office, title: str = "Call", contact: Any = None, **values: Any) -> Any:
    contact = contact or office.contact()
    columns = {"title": title, "action_type": "call", "status": "pending", "source": "manual", **values}
    return actions.add(ctx, {"contact_id": contact.id, **columns}, now=NOW)


def test_our_own_table_follows_an_action(office: Office) -> None:
    ctx, action = office.ctx, add(office.ctx, office)
    action.title = "Write"
    office.session.flush()
    action_centre.sync(ctx, action)
    assert office.only(MODELS.ActionCentreItem).title == "Write"

    office.session.execute(sa.delete(MODELS.ActionCentreItem))
    action_centre.mirror(ctx, action)
    assert office.only(MODELS.ActionCentreItem).action_id == action.id

    office.session.execute(sa.delete(MODELS.ActionCentreItem))
    action_centre.mirror_new(ctx, [action.id])
    assert office.only(MODELS.ActionCentreItem).title == "Write"


def test_a_centre_that_fails_never_loses_the_action(office: Office, broken: tuple[Context, BrokenCentre]) -> None:
    ctx, centre = broken
    action = add(ctx, office)
    assert office.only(MODELS.ActionCentreItem).behind == "mirror"
    assert office.only(MODELS.Action).title == "Call"

    actions.close(ctx, action, "done", user=None, closed_by="user", now=NOW)
    assert office.only(MODELS.ActionCentreItem).behind == "mirror"
    assert not action_centre.sync_pending(ctx, action, "mirror")

    centre.broken = False
    assert action_centre.sync_pending(ctx, action, "mirror")
    assert action_centre.sync_pending(ctx, action, "sync")
    assert centre.calls == ["mirror", "sync", "sync"]


def test_many_are_told_one_by_one_where_the_centre_knows_no_other_way(
    office: Office, broken: tuple[Context, BrokenCentre]
) -> None:
    ctx, centre = broken
    centre.broken = False
    first, second = add(ctx, office), add(ctx, office)
    action_centre.sync_many(ctx, [first, second])
    action_centre.sync_many(ctx, [])
    assert centre.calls == ["mirror", "mirror", "sync", "sync"]


def test_nothing_is_owed_of_an_action_that_is_gone(office: Office) -> None:
    action_centre.note_pending_sync(office.ctx, uuid4(), "sync")
    assert office.rows(MODELS.ActionCentreItem) == []

    action = add(office.ctx, office)
    action_centre.note_pending_sync(office.ctx, action.id, "mirror")
    action_centre.note_pending_sync(office.ctx, action.id, "sync")
    assert office.only(MODELS.ActionCentreItem).behind == "mirror"


def test_the_sweep_makes_up_for_what_the_centre_missed(office: Office, broken: tuple[Context, BrokenCentre]) -> None:
    ctx, centre = broken
    add(ctx, office)
    ctx.commit()
    assert sweep.sweep(ctx) == 0

    centre.broken = False
    assert sweep.sweep(ctx) == 1
    assert sweep.sweep(ctx) == 0
    assert sweep.sweep(office.ctx) == 0
    assert centre.calls == ["mirror"]
    assert office.only(MODELS.ActionCentreItem).behind is None


def test_items_are_listed_open_first_and_only_of_seen_contacts(office: Office) -> None:
    ada, bob = office.user(), office.user("Bob")
    done = add(office.ctx, office, "Done", due_date=TODAY)
    add(office.ctx, office, "Late", due_date=TODAY + timedelta(days=2), assigned_to_user_id=ada.id)
    add(office.ctx, office, "Soon", due_date=TODAY + timedelta(days=1), assigned_to_user_id=bob.id)
    add(office.ctx, office, "Theirs", office.contact(tenant_id=2))
    add(office.ctx, office, "Gone", office.contact(is_active=False), source="auto")
    actions.close(office.ctx, done, "done", user=None, closed_by="user", now=NOW)
    ctx = office.seen_by(ada)

    def listed(users: Any = None, **filters: Any) -> list[str]:
        return titles(action_centre_queries.read(ctx, users, Page(10), filters)[0])

    assert listed() == ["Soon", "Late", "Done"]
    assert listed([ada.id]) == ["Late"]
    assert listed(status="done") == ["Done"]
    assert listed(assigned_to_user_id=str(bob.id)) == ["Soon"]
    assert listed(due_before=TODAY + timedelta(days=2)) == ["Soon", "Done"]
    assert listed(due_after=TODAY + timedelta(days=1)) == ["Late"]


def test_pages_of_items_go_on_where_the_last_one_ended(office: Office) -> None:
    for days in (1, 2, 3):
        add(office.ctx, office, str(days), due_date=TODAY + timedelta(days=days))
    first, cursor = action_centre_queries.read(office.ctx, None, Page(2), {})
    rest, end = action_centre_queries.read(office.ctx, None, Page(2, cursor), {})
    assert (titles(first), titles(rest), end) == (["1", "2"], ["3"], None)
    assert {row["status"] for row in plain(first)} == {"open"}


def test_an_action_is_a_task_of_the_host(office: Office, tasks: Context) -> None:
    ada = office.user()
    action = add(tasks, office, due_date=TODAY, assigned_to_user_id=ada.id)
    task = office.only(Task)

    assert host_tasks.host_tasks(tasks) is tasks.action_centre
    assert (task.title, task.state, task.due_on, task.assignee_id) == ("Call", "todo", TODAY, ada.id)
    assert office.only(MODELS.ActionCentreItem).task_key == str(task.id)

    actions.edit(tasks, action, {"title": "Write"}, user=ada.id, now=LATER)
    assert office.only(Task).title == "Write"
    actions.close(tasks, action, "dismissed", user=ada.id, closed_by="user", now=LATER)
    assert office.only(Task).state == "dropped"


def test_a_completed_task_closes_its_action_and_opens_it_again(office: Office, tasks: Context) -> None:
    action = add(tasks, office)
    task = office.only(Task)
    assert host_tasks.take(tasks, [task.id]) == 0

    task.state = "finished"
    office.session.flush()
    assert host_tasks.take(tasks, [task.id]) == 1
    closed = actions.find(tasks, action.id)
    assert closed is not None
    assert (closed.status, closed.closed_by) == ("done", "task")

    task.state = "todo"
    office.session.flush()
    assert host_tasks.take(tasks, [task.id]) == 1
    assert office.only(MODELS.Action).status == "pending"


def test_a_deleted_task_dismisses_its_action(office: Office, tasks: Context) -> None:
    add(tasks, office)
    key = office.only(Task).id
    office.session.execute(sa.delete(Task))

    assert host_tasks.take(tasks, [key]) == 1
    assert office.only(MODELS.Action).status == "dismissed"
    assert office.only(MODELS.ActionCentreItem).task_key is None


def test_what_the_session_flushed_is_taken_at_once(office: Office, tasks: Context) -> None:
    add(tasks, office)
    task, seen = office.only(Task), list[str]()

    def after_flush(*_: Any) -> None:
        host_tasks.take_changed(tasks, lambda: seen.append("asked"))

    sa.event.listen(office.session, "after_flush", after_flush)
    task.state = "finished"
    office.session.flush()
    assert seen == ["asked"]
    assert office.only(MODELS.Action).status == "done"
    host_tasks.take_changed(office.ctx, lambda: None)


def test_the_sweep_finds_tasks_changed_past_the_session_and_makes_missing_ones(office: Office, tasks: Context) -> None:
    add(tasks, office, "Changed")
    add(office.ctx, office, "Without a task")
    tasks.commit()
    office.session.execute(sa.update(Task).values(state="finished"))
    tasks.commit()

    sweep.sweep(tasks)

    assert {row.title: row.status for row in office.rows(MODELS.Action)} == {
        "Changed": "done",
        "Without a task": "pending",
    }
    assert {row.title: row.state for row in office.rows(Task)} == {"Changed": "finished", "Without a task": "todo"}
