"""The application deletes a contact while a webhook about that contact is being stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_relationships.testing import FakeTwilio
from tests.hosts.host import Host
from tests.hosts.ordinary import Contact
from tests.marks import one_host
from tests.webhooks.conftest import INBOUND

pytestmark = one_host

NUMBER = "+442079460018"


@contextmanager
def deleting(host: Host, contact: str) -> Iterator[None]:
    """Delete the contact by another connection, just before the message is inserted."""
    with host.app.app_context():
        engine = host.db.engine
    pending = [True]

    def delete(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if pending and statement.startswith("INSERT INTO relationships_messages"):
            pending.clear()
            other = sa.create_engine(engine.url, poolclass=sa.NullPool)
            with Session(other) as session:
                session.delete(session.get_one(Contact, int(contact)))
                session.commit()

    sa.event.listen(engine, "before_cursor_execute", delete)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", delete)
    assert not pending, "no message was inserted"


@pytest.mark.parametrize("body", ["Thank you", "STOP"])
def test_a_message_of_a_contact_who_is_deleted_is_kept_without_one(
    host: Host, twilio: FakeTwilio, willing: str, body: str
) -> None:
    with deleting(host, willing):
        assert twilio.receive(INBOUND, NUMBER, twilio.sms_from, body) == 200
    (message,) = host.rows("Message")
    assert (message["contact_id"], message["body"]) == (None, body)
