"""Two people change a birthday at once: its event and the profile agree afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.jobs.registry import run_due
from tests.hosts.host import Host
from tests.hosts.ordinary import Contact

pytestmark = pytest.mark.on_hosts("ordinary")


def once_before(host: Host, beginning: str, do: Callable[[], Any]) -> Callable[[], None]:
    """Do something before the first statement that begins like this. Returns what takes the listener away."""
    with host.app.app_context():
        engine: Any = host.session.get_bind()
    pending = [True]

    def act(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if pending and statement.startswith(beginning):
            pending.clear()
            do()

    def stop() -> None:
        sa.event.remove(engine, "before_cursor_execute", act)
        assert not pending, "no such statement"

    sa.event.listen(engine, "before_cursor_execute", act)
    return stop


def test_a_birthday_that_is_cleared_takes_an_event_along_that_was_just_made(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    contact, api, other = host.contact(), host.person("manage"), host.person("manage")
    path = f"/contacts/{contact}/relationship"
    api.patch(path, {"birthday": "05-15"})
    (event,) = api.get(f"/contacts/{contact}/life-events")["events"]
    api.delete(f"/contacts/{contact}/life-events/{event['id']}")
    stop = once_before(host, "UPDATE relationships_profiles", lambda: other.patch(path, {"birthday": "06-16"}))
    api.patch(path, {"birthday": None})
    stop()
    assert api.get(path)["profile"]["birthday"] is None
    assert api.get(f"/contacts/{contact}/life-events")["events"] == []


def test_a_contact_who_is_deleted_while_its_messages_join(host: Host) -> None:
    """The scheduled job finds a new number, and its contact is gone when the message is to be given to it."""
    contact = host.contact(phone="+44 20 7946 0018")
    message = host.models.Message(
        direction="inbound",
        channel="sms",
        body="Who is this?",
        status="received",
        from_number="+442079460019",
        address_key="+442079460019",
        to_number="+12025550100",
        created_at=host.state.now(),
    )
    host.add(message)
    with host.app.app_context():
        run_due()
        host.session.get_one(Contact, int(contact)).phone = "+442079460019"
        host.session.commit()
    stop = once_before(host, "UPDATE relationships_messages", lambda: host.delete_contact(contact))
    with host.clock_at(datetime.now(UTC) + timedelta(days=2)), host.app.app_context():
        assert run_due().failed == ()
    stop()
    (kept,) = host.rows("Message")
    assert kept["contact_id"] is None
