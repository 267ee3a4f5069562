"""The database server dies after the answer was made: the answer still reaches the client."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")


@pytest.mark.parametrize("path", ["/contacts/{}/relationship", "/contacts/{}/life-events", "/relationship-actions"])
def test_a_rollback_that_fails_at_the_end_does_not_replace_the_answer(
    host: Host, api: Caller, contact: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    api.get(f"/contacts/{contact}/relationship")
    with host.app.app_context():
        dialect = host.db.engine.dialect
    ended: list[Any] = []
    given = dialect.do_rollback

    def fail(connection: Any) -> None:
        ended.append(connection)
        if len(ended) == 1:
            raise OperationalError("ROLLBACK", None, Exception("the server has gone away"))
        given(connection)

    monkeypatch.setattr(dialect, "do_rollback", fail)
    assert api.ask("GET", path.format(contact)).status_code == 200
    assert ended
    monkeypatch.undo()
    assert api.ask("GET", path.format(contact)).status_code == 200
