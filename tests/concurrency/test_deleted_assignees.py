"""The host deletes a user whom a scheduled job is about to give an action."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.jobs.registry import run_due
from tests.hosts.host import Host
from tests.hosts.ordinary import User

pytestmark = pytest.mark.on_hosts("ordinary")


def test_a_reminder_to_keep_in_touch_is_created_without_its_assignee(host: Host, contact: str) -> None:
    setter = host.person("manage", name="Mary Somerville")
    setter.patch(f"/contacts/{contact}/relationship", {"cadence_days": 30})
    late = sa.update(host.models.Profile).values(in_touch_due_day=1, in_touch_remind_day=1)
    with host.app.app_context():
        host.session.execute(late)
        host.session.commit()
        engine: Any = host.session.get_bind()
    pending = [True]

    def delete(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if pending and statement.startswith("INSERT INTO relationships_actions"):
            pending.clear()
            host.delete(User, setter.id)

    sa.event.listen(engine, "before_cursor_execute", delete)
    try:
        with host.app.app_context():
            done = run_due()
    finally:
        sa.event.remove(engine, "before_cursor_execute", delete)
    assert not pending
    assert (done.failed, done["keeping_in_touch"]["made"]) == ((), 1)
    (action,) = host.rows("Action")
    assert action["assigned_to_user_id"] is None
