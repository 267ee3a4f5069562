"""A host of plain SQLAlchemy: its session, its factory, and foreign keys that SQLite enforces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.documentation.plain_sqlalchemy import Base, Contact, Sessions, User, create_app, relationships

PROFILE = "/api/relationships/contacts/1/relationship"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(f"sqlite:///{tmp_path / 'plain.sqlite'}")
    engine = Sessions().get_bind()
    Base.metadata.create_all(engine)
    people = [User(id=1, name="Ada", is_admin=True), User(id=2, name="Bo")]
    Sessions.add_all([*people, Contact(id=1, first_name="Sam", last_name="Okafor")])
    Sessions.commit()
    Sessions.remove()
    yield made
    Sessions.remove()
    assert isinstance(engine, sa.Engine)
    engine.dispose()


def test_the_user_of_the_session(app: Flask) -> None:
    client = app.test_client()
    assert client.get(PROFILE).status_code == 401
    for user, status in ((1, 200), (2, 403), (3, 401)):
        with client.session_transaction() as session:
            session["user_id"] = user
        assert client.patch(PROFILE, json={}).status_code == status


def test_sqlite_enforces_foreign_keys(app: Flask) -> None:
    checked = app.test_cli_runner().invoke(args=["relationships", "check", "--json"])
    assert '"foreign_keys"' in checked.output
    client = app.test_client()
    with client.session_transaction() as session:
        session["user_id"] = 1
    client.get(PROFILE)
    Sessions.execute(sa.text("DELETE FROM contacts"))
    Sessions.commit()
    assert Sessions.scalars(sa.select(relationships.models.Profile)).all() == []
