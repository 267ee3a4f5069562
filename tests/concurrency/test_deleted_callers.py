"""The caller is deleted by the application in the middle of their request: they are nobody, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.hosts.host import Caller, Host

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("postgresql", "mariadb")]


@pytest.mark.parametrize(
    ("model", "path", "body"),
    [
        ("LifeEvent", "/contacts/{}/life-events", {"event_type": "visit", "title": "Visit"}),
        ("Action", "/contacts/{}/relationship-actions", {"action_type": "call", "title": "Call"}),
    ],
)
def test_nothing_is_written_for_a_caller_who_is_gone(
    host: Host, api: Caller, contact: str, model: str, path: str, body: dict[str, Any]
) -> None:
    written = getattr(host.models, model)
    with host.app.app_context():
        other = sa.create_engine(host.db.engine.url, poolclass=sa.NullPool)

    def delete_caller(*_: Any) -> None:
        with other.begin() as connection:
            users = sa.table("user", sa.column("id"))
            connection.execute(sa.delete(users).where(users.c.id == int(api.id or 0)))

    sa.event.listen(written, "before_insert", delete_caller)
    try:
        answer = api.ask("POST", path.format(contact), body)
    finally:
        sa.event.remove(written, "before_insert", delete_caller)
    assert answer.status_code == 401
    assert host.rows(model) == []
