"""Hosts whose tables are elsewhere: in a schema, behind a bind key, or in two databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import UserMapping
from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.databases import Databases
from tests.hosts.made import Made, Models


def work(made: Made) -> None:
    """A little of everything."""
    contact, caller = made.contact(), made.caller()
    caller.patch(f"/contacts/{contact}/relationship", {"preferred_name": "Ada"})
    caller.post(f"/contacts/{contact}/life-events", EVENT)
    caller.post(f"/contacts/{contact}/relationship-actions", ACTION)
    (names,) = {
        (action["first_name"], action["assigned_to_name"]) for action in caller.get("/relationship-actions")["actions"]
    }
    assert names == ("Ada", "Grace Hopper")


@pytest.mark.on_databases("postgresql")
def test_a_schema(database: str, databases: Databases) -> None:
    made = Made(Models(schema="crm"), database_url=databases.url(database, "schema"))
    with made.app.app_context():
        made.models.db.session.execute(sa.text("CREATE SCHEMA crm"))
        made.models.db.session.commit()
    made.create_tables()
    work(made)
    with made.app.app_context():
        inspector = sa.inspect(made.models.db.engine)
        assert "relationships_profiles" in inspector.get_table_names(schema="crm")
        assert not [name for name in inspector.get_table_names() if name.startswith("relationships_")]
    made.close()


@pytest.fixture
def binds(tmp_path: Path) -> dict[str, str]:
    return {"crm": f"sqlite:///{tmp_path / 'crm.sqlite'}"}


def test_a_bind_key(tmp_path: Path, binds: dict[str, str]) -> None:
    """Our tables lie where the contacts do, and every statement goes there."""
    made = Made(
        Models(bind_key="crm"),
        database_url=f"sqlite:///{tmp_path / 'default.sqlite'}",
        config={"SQLALCHEMY_BINDS": binds},
    ).create_tables()
    work(made)
    with made.app.app_context():
        engines = made.models.db.engines
        assert "relationships_profiles" in sa.inspect(engines["crm"]).get_table_names()
        assert sa.inspect(engines[None]).get_table_names() == []
    made.close()


def test_users_in_another_database(tmp_path: Path, binds: dict[str, str]) -> None:
    """``foreign_key=False``: no key refers to them, and their names are read by themselves."""
    db = SQLAlchemy()
    people, users = Models(db=db), Models(db=db, bind_key="crm", names="Elsewhere")
    people.User = users.User
    made = Made(
        people,
        database_url=f"sqlite:///{tmp_path / 'default.sqlite'}",
        config={"SQLALCHEMY_BINDS": binds},
        user=UserMapping(users.User, foreign_key=False),
    ).create_tables()
    column = made.table("Action").c.assigned_to_user_id
    assert not column.foreign_keys
    assert isinstance(column.type, sa.Integer)
    work(made)
    with made.app.app_context():
        made.models.db.session.execute(sa.delete(users.User))
        made.models.db.session.commit()
    made.close()


def test_a_foreign_key_across_databases_is_a_mistake() -> None:
    from flask_relationships import ConfigurationError

    db = SQLAlchemy()
    people, users = Models(db=db), Models(db=db, bind_key="crm", names="Elsewhere")
    with pytest.raises(ConfigurationError, match="foreign_key=False"):
        Made(people, user=UserMapping(users.User))
