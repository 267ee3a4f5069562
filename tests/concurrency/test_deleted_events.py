"""An auto-action whose life event was deleted stays closed, whoever opens it again at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from flask_relationships.domain.contacts import withdrawal
from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")

EVENT = {"event_type": "visit", "title": "Visit", "event_date": "2031-05-01"}


@pytest.fixture
def event(api: Caller, contact: str) -> dict[str, Any]:
    """An event whose action somebody has closed."""
    event: dict[str, Any] = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]
    api.patch(f"/relationship-actions/{event['open_action_id']}", {"status": "done"})
    return event


@contextmanager
def before(host: Host, beginning: str, do: Callable[[], None]) -> Iterator[None]:
    """Do something just before the first statement that contains this text."""
    pending = [True]

    def act(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if pending and beginning in statement:
            pending.clear()
            do()

    with host.app.app_context():
        engine = host.session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", act)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", act)
    assert not pending, "no such statement"


def reopen(api: Caller, event: dict[str, Any]) -> tuple[int, str | None]:
    answer = api.ask("POST", f"/relationship-actions/{event['open_action_id']}/reopen")
    return answer.status_code, answer.get_json().get("code")


def status_of(host: Host, event: dict[str, Any]) -> str:
    with host.app.app_context():
        return str(host.session.get(host.models.Action, UUID(event["open_action_id"])).status)


def test_it_is_not_opened_after_its_event_was_deleted(
    host: Host, api: Caller, contact: str, event: dict[str, Any]
) -> None:
    api.delete(f"/contacts/{contact}/life-events/{event['id']}")
    assert reopen(api, event) == (409, "life_event_deleted")
    assert status_of(host, event) == "done"


def test_it_is_not_opened_where_its_event_is_deleted_after_it_was_read(
    host: Host, api: Caller, contact: str, event: dict[str, Any]
) -> None:
    other = host.person("manage")
    with before(
        host,
        "UPDATE relationships_actions",
        lambda: other.delete(f"/contacts/{contact}/life-events/{event['id']}"),
    ):
        assert reopen(api, event) == (409, "life_event_deleted")
    assert status_of(host, event) == "done"


def test_it_is_not_opened_while_its_event_is_deleted(
    host: Host, api: Caller, contact: str, event: dict[str, Any]
) -> None:
    """The request that deletes the event has dismissed what was open, and frees the actions of their event next."""
    other, answers = host.person("manage"), list[tuple[int, str | None]]()
    opening = threading.Thread(target=lambda: answers.append(reopen(other, event)))

    def start() -> None:
        opening.start()
        opening.join(0.5)

    with before(host, "SET life_event_id=", start):
        api.delete(f"/contacts/{contact}/life-events/{event['id']}")
    opening.join()
    assert answers == [(409, "life_event_deleted")]
    assert status_of(host, event) == "done"


def test_the_scheduled_job_opens_nothing_of_an_event_that_was_switched_off(
    host: Host, api: Caller, contact: str
) -> None:
    """It has read that the event asks for the action, and the event is edited before it opens it."""
    event = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]
    api.patch(f"/contacts/{contact}/life-events/{event['id']}", {"auto_action_enabled": False})
    assert status_of(host, event) == "dismissed"
    with host.app.app_context():
        state = host.app.extensions["relationships"]
        ids = [UUID(event["open_action_id"])]
        assert withdrawal._reopen(state.context(), state.today(), ids) == []
    assert status_of(host, event) == "dismissed"
