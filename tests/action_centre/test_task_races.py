"""The host's people, the API and several sweeps at one task at once: nobody waits long, and all agree in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from tests.action_centre.office import Office, nothing

ROUNDS = 8


def together(*works: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(works))

    def start(work: Callable[[], Any]) -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(start, works))


def as_the_host_does(office: Office, **values: Any) -> None:
    """A host that begins again where the database could not let it through, as on SQLite it must."""
    for _ in range(20):
        try:
            return office.change_task(**values)
        except OperationalError:
            time.sleep(0.01)
    raise AssertionError("the host was never let through")


def test_sweeps_at_once_make_one_task_of_each(office: Office) -> None:
    def fail(_task: Any, _action: Any) -> None:
        raise RuntimeError

    office.prepare = fail
    for number in range(12):
        office.add(title=f"{number:02}")
    office.prepare = nothing
    told = together(*[office.sweep] * 5)
    assert sum(told) == 12
    assert [task["headline"] for task in office.tasks()] == [f"{number:02}" for number in range(12)]


def test_a_task_and_its_action_are_closed_at_once(office: Office) -> None:
    for _ in range(ROUNDS):
        action = office.add()["id"]
        answer, _ = together(
            lambda: office.api.ask("PATCH", f"/relationship-actions/{action}", {"status": "dismissed"}),  # noqa: B023
            lambda: as_the_host_does(office, state="done"),
        )
        assert answer.status_code == 200
        office.sweep()
        status = office.action(action)["status"]
        assert (status, office.task()["state"]) in (("done", "done"), ("dismissed", "dropped"))
        assert office.sweep() == 0
        office.execute(sa.delete(office.table))


def test_an_action_is_edited_while_its_task_is_done(office: Office) -> None:
    for _ in range(ROUNDS):
        action = office.add()["id"]
        path = f"/contacts/{office.contact}/relationship-actions/{action}"
        answer, _ = together(
            lambda: office.api.ask("PATCH", path, {"title": "Visit"}),  # noqa: B023
            lambda: as_the_host_does(office, state="done"),
        )
        assert answer.status_code in (200, 409)
        office.sweep()
        assert (office.action(action)["status"], office.task()["state"]) == ("done", "done")
        office.execute(sa.delete(office.table))


def test_the_host_does_not_wait_for_an_action_that_is_being_changed(office: Office) -> None:
    """Who changes the action holds its row and will want the task's: the host, who holds that, would wait for ever."""
    if office.database_url.startswith("sqlite"):
        return  # there is one writer at a time, whatever they write
    action, held, let_go = office.add()["id"], Event(), Event()

    def hold() -> None:
        table = office.host.table("Action")
        with office.host.app.app_context(), office.db.engine.begin() as connection:
            connection.execute(sa.update(table).values(description="being changed"))
            held.set()
            let_go.wait(20)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait(20)
        began = time.monotonic()
        office.change_task(state="done")
        took = time.monotonic() - began
        let_go.set()
        holding.result()
    assert took < 2
    assert office.action(action)["status"] == "pending"
    assert office.sweep() == 1
    assert office.action(action)["status"] == "done"
