"""The host's own tasks as the action centre: what becomes of the one becomes of the other."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flask_relationships import signals
from flask_relationships.domain.action_centre.service import note_pending_sync
from tests.action_centre.conftest import MakeOffice
from tests.action_centre.office import STYLES, Office, nothing


class TestFromTheActionToTheTask:
    def test_an_action_is_a_task(self, office: Office) -> None:
        office.add(title="Call about the boat", due_date="2031-05-01")
        task = office.task()
        assert (task["headline"], task["due_on"], task["state"]) == ("Call about the boat", date(2031, 5, 1), "open")
        assert (task["kind"], task["owner_id"]) == ("relationship call", 1)

    @pytest.mark.parametrize("style", STYLES)
    def test_it_is_closed_and_opened_in_every_style(self, make_office: MakeOffice, style: str) -> None:
        office = make_office(style)
        action = office.add()
        states = [office.task()["state"]]
        for ask in (
            ("PATCH", "", {"status": "done"}),
            ("POST", "/reopen", None),
            ("PATCH", "", {"status": "dismissed"}),
        ):
            method, path, body = ask
            answer = office.api.ask(method, f"/relationship-actions/{action['id']}{path}", body)
            assert answer.status_code == 200
            states.append(office.task()["state"])
        assert states[0] == states[2] == office.style.open
        assert states[1] != office.style.open != states[3]

    def test_it_follows_an_edit(self, office: Office) -> None:
        action = office.add()
        other = office.host.add(office.host.models.User, name="Mary Somerville")
        edited = {"title": "C" * 60, "due_date": "2031-06-01", "assigned_to_user_id": other}
        office.api.patch(f"/contacts/{office.contact}/relationship-actions/{action['id']}", edited)
        task = office.task()
        assert (task["headline"], task["due_on"], str(task["owner_id"])) == ("C" * 40, date(2031, 6, 1), other)

    def test_what_the_host_s_people_wrote_is_not_undone(self, office: Office) -> None:
        action = office.add()
        office.change_task(headline="Call, but not before ten")
        office.api.post(f"/relationship-actions/{action['id']}/snooze", {"until": "2031-06-01"}, 200)
        task = office.task()
        assert (task["headline"], task["due_on"]) == ("Call, but not before ten", date(2031, 6, 1))

    def test_many_are_closed_in_a_constant_number_of_statements(self, office: Office) -> None:
        def statements(count: int) -> int:
            ids = [office.add()["id"] for _ in range(count)]
            seen: list[str] = []

            def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
                seen.append(statement)

            with office.host.app.app_context():
                engine = office.db.engine
            sa.event.listen(engine, "before_cursor_execute", note)
            results = office.api.patch("/relationship-actions", {"ids": ids, "status": "done"})["results"]
            sa.event.remove(engine, "before_cursor_execute", note)
            assert [result["outcome"] for result in results] == ["closed"] * count
            return len(seen)

        assert statements(2) == statements(9)
        assert {task["state"] for task in office.tasks()} == {"done"}

    def test_the_tool_s_own_list_is_elsewhere(self, office: Office) -> None:
        assert office.api.get("/action-centre", 404)["code"] == "action_centre_elsewhere"


class TestFromTheTaskToTheAction:
    @pytest.mark.parametrize("style", STYLES)
    def test_a_task_that_is_done_or_opened_again(self, make_office: MakeOffice, style: str) -> None:
        office = make_office(style)
        action = office.add()
        office.change_task(state=office.style.done)
        assert office.action(action["id"])["status"] == "done"
        office.change_task(state=office.style.open)
        assert office.action(action["id"])["status"] == "pending"
        assert office.history(action["id"]) == [("reopened", "task"), ("done", "task"), ("created", "user")]
        assert len(office.tasks()) == 1

    def test_a_task_opened_again_after_its_life_event_was_deleted_is_the_host_s(self, office: Office) -> None:
        new = {"event_type": "visit", "title": "Visit", "event_date": "2031-05-01"}
        event = office.api.post(f"/contacts/{office.contact}/life-events", new)["event"]
        office.api.delete(f"/contacts/{office.contact}/life-events/{event['id']}")
        assert office.task()["state"] != "open"
        office.change_task(state="open")
        assert office.action(event["open_action_id"])["status"] == "dismissed"
        assert office.sweep() == 0
        assert office.task()["state"] == "open"

    def test_a_task_that_is_deleted_dismisses_its_action(self, office: Office) -> None:
        action = office.add()
        office.delete_task()
        assert office.action(action["id"])["status"] == "dismissed"
        office.api.post(f"/relationship-actions/{action['id']}/reopen", None, 200)
        assert office.task()["state"] == "open", "an action that is opened again has a new task"

    def test_a_task_that_is_gone_by_the_host_s_own_mark(self, office: Office) -> None:
        action = office.add()
        office.change_task(gone=True)
        assert office.action(action["id"])["status"] == "dismissed"

    def test_a_state_that_nobody_mapped_is_an_open_one(self, office: Office) -> None:
        action = office.add()
        office.change_task(state="waiting")
        assert office.action(action["id"])["status"] == "pending"

    def test_a_done_task_that_is_deleted_leaves_its_action_done(self, office: Office) -> None:
        action = office.add()
        office.change_task(state="done")
        office.delete_task()
        assert office.action(action["id"])["status"] == "done"

    def test_it_is_undone_with_the_host_s_transaction(self, office: Office) -> None:
        action = office.add()
        with office.host.app.app_context():
            office.db.session.scalars(sa.select(office.Task)).one().state = "done"
            office.db.session.flush()
            office.db.session.rollback()
        assert office.action(action["id"])["status"] == "pending"
        assert office.history(action["id"]) == [("created", "user")]

    def test_receivers_are_told_after_the_commit(self, office: Office) -> None:
        told: list[tuple[str, str, str]] = []

        def note(app: Any, row: Any, user: Any) -> None:
            told.append((str(row.id), row.status, row.title))

        action = office.add()
        with signals.action_closed.connected_to(note):
            with office.host.app.app_context():
                office.db.session.scalars(sa.select(office.Task)).one().state = "done"
                office.db.session.flush()
                assert told == []
                office.db.session.commit()
            assert told == [(action["id"], "done", "Call")]

    def test_who_did_it_is_remembered(self, office: Office) -> None:
        action = office.add()
        with office.host.app.test_request_context():
            office.db.session.scalars(sa.select(office.Task)).one().state = "done"
            office.db.session.commit()
        closed, _ = office.api.get(f"/relationship-actions/{action['id']}/history")["history"]
        assert (closed["by"], closed["user_name"]) == ("task", "Grace Hopper")

    def test_other_tasks_of_the_host_are_none_of_our_business(self, office: Office) -> None:
        with office.host.app.app_context():
            office.db.session.add(office.Task(headline="Water the plants", kind="own", state="open"))
            office.db.session.commit()
        office.change_task(state="done")
        office.delete_task()
        assert office.host.count("Action") == office.host.count("ActionCentreItem") == 0


class TestSweep:
    def test_what_was_done_in_plain_sql_comes_back(self, office: Office) -> None:
        done, deleted, open_ = (office.add(title=title)["id"] for title in ("done", "gone", "open"))
        named = office.table.c.headline
        office.execute(sa.update(office.table).where(named == "done").values(state="filed"))
        office.execute(sa.delete(office.table).where(named == "gone"))
        assert office.action(done)["status"] == "pending", "nobody can have told us"
        assert office.sweep() == 2
        assert [office.action(id)["status"] for id in (done, deleted, open_)] == ["done", "dismissed", "pending"]
        assert office.sweep() == 0
        office.execute(sa.update(office.table).where(named == "done").values(state="doing"))
        assert office.sweep() == 1
        assert office.action(done)["status"] == "pending"
        assert len(office.tasks()) == 2

    def test_a_bulk_update_of_the_session_comes_back(self, office: Office) -> None:
        action = office.add()
        with office.host.app.app_context():
            office.db.session.execute(sa.update(office.Task).values(state="done"))
            office.db.session.commit()
        assert office.sweep() == 1
        assert office.action(action["id"])["status"] == "done"

    def test_a_centre_that_fails_loses_no_action_and_is_made_up_for(
        self, office: Office, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(task: Any, action: Any) -> None:
            raise RuntimeError("the task system is down: canary")

        office.prepare = fail
        action = office.add(title="Call")
        assert (action["status"], office.tasks()) == ("pending", [])
        assert "is kept" in caplog.text
        assert "canary" not in caplog.text
        office.api.patch(f"/contacts/{office.contact}/relationship-actions/{action['id']}", {"title": "Visit"})
        assert office.sweep() == 0
        office.prepare = nothing
        assert office.sweep() == 1
        assert office.task()["headline"] == "Visit"
        assert office.sweep() == 0

    def test_one_that_always_fails_keeps_no_other(self, office: Office) -> None:
        def fail(task: Any, action: Any) -> None:
            if down or action.title == "poison":
                raise RuntimeError

        down, office.prepare = True, fail
        for title in ("poison", "a", "b"):
            office.add(title=title)
        down = False
        assert office.sweep() == 2
        assert [task["headline"] for task in office.tasks()] == ["a", "b"]

    def test_open_actions_from_before_have_tasks(self, make_office: MakeOffice) -> None:
        office = make_office()
        office.add(title="open")
        office.add(title="never mirrored")
        with office.host.app.app_context():
            items, actions = office.host.table("ActionCentreItem"), office.host.table("Action")
            never = sa.select(actions.c.id).where(actions.c.title == "never mirrored").scalar_subquery()
            office.execute(sa.delete(office.table))
            office.execute(sa.delete(items).where(items.c.action_id == never))
            office.execute(sa.update(items).values(task_key=None))
        assert office.sweep() == 2
        assert [task["headline"] for task in office.tasks()] == ["never mirrored", "open"]


def test_nothing_is_owed_of_an_action_that_was_deleted(office: Office) -> None:
    """The sweep has read its id, and the application deletes its contact before the centre is told."""
    with office.host.app.app_context():
        note_pending_sync(office.host.app.extensions["relationships"].context(), uuid4(), "mirror")
        office.db.session.commit()
        assert office.sweep() == 0
