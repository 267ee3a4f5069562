"""The database fails in the middle of a request: nothing is half done, and no text goes out a second time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")


@contextmanager
def failing(host: Host, statement_begins: str) -> Iterator[None]:
    """The database is gone whenever a statement begins like this."""

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(statement_begins):
            raise OperationalError("the database is gone", None, Exception("gone"))

    with host.app.app_context():
        engine = host.db.engine
    sa.event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", fail)


def test_a_result_that_cannot_be_saved_is_unconfirmed_and_not_sent_again(host: Host, api: Caller, contact: str) -> None:
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    new = {"title": "Text Ada", "action_type": "sms"}
    action = api.post(f"/contacts/{contact}/relationship-actions", new)["action"]["id"]
    body = {"channel": "sms", "body": "Hello", "auto_action_id": action}
    with failing(host, "UPDATE relationships_messages"):
        message = api.post(f"/contacts/{contact}/messages", body, 202)["message"]
    assert message["status"] == "unconfirmed"
    assert len(host.transport.sent) == 1
    assert host.row("Action", id=action)["status"] == "pending"
    assert api.post(f"/contacts/{contact}/messages", body, 409)["code"] == "action_not_pending"
    assert len(host.transport.sent) == 1


@pytest.mark.parametrize("table", ["relationships_life_events", "relationships_actions", "relationships_action_centre"])
def test_an_event_is_there_with_its_action_or_not_at_all(host: Host, api: Caller, contact: str, table: str) -> None:
    with failing(host, f"INSERT INTO {table}"):
        answer = api.post(f"/contacts/{contact}/life-events", {"event_type": "visit", "title": "Visit"}, 503)
    assert answer["code"] == "database_unavailable"
    assert host.rows("LifeEvent") == host.rows("Action") == host.rows("ActionCentreItem") == []
    api.post(f"/contacts/{contact}/life-events", {"event_type": "visit", "title": "Visit"})


def test_a_failed_statement_leaves_the_session_fit_for_the_next_request(host: Host, api: Caller, contact: str) -> None:
    with failing(host, "SELECT relationships_messages"):
        assert api.get(f"/contacts/{contact}/messages", 503)["code"] == "database_unavailable"
    assert api.get(f"/contacts/{contact}/messages") == {"messages": []}


def test_a_pool_that_is_used_up_is_told_as_a_database_that_does_not_answer(
    host: Host, api: Caller, contact: str
) -> None:
    """Whoever asks again a second later is served: 503, and no mistake of anybody's."""
    with host.app.app_context():
        pool: Any = host.db.engine.pool

    def used_up(*_: Any) -> None:
        raise PoolTimeout("QueuePool limit of size 4 overflow 0 reached")

    given, pool._do_get = pool._do_get, used_up
    try:
        answer = api.ask("GET", f"/contacts/{contact}/relationship")
    finally:
        pool._do_get = given
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "database_unavailable"
    assert answer.headers["Retry-After"] == "1"
