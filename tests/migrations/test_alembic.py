"""The host's own migrations make our tables: autogenerate finds exactly them, finds nothing more, and goes back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.migrations.alembic_project import AlembicProject, operations
from tests.migrations.host_metadata import KEYS, NAMES, TABLES, host_metadata, make_own_tables, ours


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_autogenerate_up_again_and_down(engine: sa.Engine, key: Any, tmp_path: Path) -> None:
    metadata = host_metadata(key)
    make_own_tables(engine, metadata)
    project = AlembicProject(tmp_path, engine, metadata)
    script = project.autogenerate()
    assert set(re.findall(r"op\.create_table\(.(\w+)", script)) == TABLES
    assert set(operations(script)["up"]) == {"create_table", "create_index"}
    assert "flask_relationships" not in script, "a migration of the host needs nothing of ours"
    project.upgrade()
    assert ours(engine) == TABLES
    assert project.differences() == []
    project.downgrade()
    assert ours(engine) == set()
    assert sa.inspect(engine).has_table("contact")


def test_without_batches(engine: sa.Engine, tmp_path: Path) -> None:
    """What Alembic writes where nobody asks it for batches."""
    metadata = host_metadata()
    project = AlembicProject(tmp_path, engine, metadata, render_as_batch=False)
    assert "batch_alter_table" not in project.autogenerate()
    project.upgrade()
    assert project.differences() == []
    project.downgrade()
    assert ours(engine) == set()


def test_what_the_upgrade_made_is_what_create_all_makes(engine: sa.Engine, tmp_path: Path) -> None:
    """Names of every constraint and index included."""
    metadata = host_metadata()

    def shape() -> dict[str, Any]:
        inspector = sa.inspect(engine)
        found = {}
        for name in ours(engine):
            keys = [
                (key["name"], key["constrained_columns"], key["options"]) for key in inspector.get_foreign_keys(name)
            ]
            uniques = [(one["name"], one["column_names"]) for one in inspector.get_unique_constraints(name)]
            indexes = [(one["name"], one["column_names"]) for one in inspector.get_indexes(name)]
            found[name] = [sorted(map(str, part)) for part in (keys, uniques, indexes)]
        return found

    project = AlembicProject(tmp_path, engine, metadata)
    project.autogenerate()
    project.upgrade()
    by_alembic = shape()
    project.downgrade()
    metadata.create_all(engine)
    assert shape() == by_alembic


CONVENTIONS = {
    "of columns": {
        "ix": "index_of_%(column_0_label)s",
        "uq": "unique_%(table_name)s_%(column_0_name)s",
        "fk": "foreign_%(table_name)s_%(column_0_name)s",
        "pk": "primary_%(table_name)s",
    },
    "of all columns": {
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
    "of given names": {
        "ix": "host_%(constraint_name)s",
        "uq": "host_%(table_name)s_%(constraint_name)s",
        "fk": "host_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    },
}


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_a_naming_convention_of_the_host_changes_nothing_of_ours(
    engine: sa.Engine, tmp_path: Path, convention: dict[str, str]
) -> None:
    """Only the primary keys, which have no name of ours, are called as the host calls its own."""
    metadata = host_metadata(convention=convention)
    make_own_tables(engine, metadata)
    project = AlembicProject(tmp_path, engine, metadata)
    project.autogenerate()
    project.upgrade()
    assert project.differences() == []
    inspector = sa.inspect(engine)
    names = {key["name"] for key in inspector.get_foreign_keys("relationships_profiles")}
    columns = ("contact_id", "last_contact_by_user_id", "cadence_set_by_user_id", "in_touch_user_id")
    assert names == {f"fk_relationships_profiles_{column}" for column in columns}
    names = {one["name"] for one in inspector.get_unique_constraints("relationships_actions")}
    assert "uq_relationships_actions_occurrence" in names
    if engine.dialect.name != "mysql":  # where every primary key is called PRIMARY
        primary = inspector.get_pk_constraint("relationships_profiles")["name"]
        assert primary == convention["pk"] % {"table_name": "relationships_profiles"}
    project.downgrade()
    assert ours(engine) == set()


def test_a_table_prefix(engine: sa.Engine, tmp_path: Path) -> None:
    metadata = host_metadata(table_prefix="x" * 19 + "_")
    project = AlembicProject(tmp_path, engine, metadata)
    project.autogenerate()
    project.upgrade()
    assert ours(engine, prefix="x") == {"x" * 19 + "_" + name for name in NAMES}
    assert project.differences() == []
    project.downgrade()
    assert ours(engine, prefix="x") == set()


def test_a_plugin_that_is_switched_off_keeps_its_tables(engine: sa.Engine, tmp_path: Path) -> None:
    """The tables are built where the object is made: no application has to be made for migrations to see them."""
    metadata = host_metadata()
    metadata.create_all(engine)
    assert AlembicProject(tmp_path, engine, metadata).differences() == []


@pytest.mark.on_databases("postgresql")
@pytest.mark.parametrize("schema_of_users", ["crm", "staff", None])
def test_schemas(engine: sa.Engine, tmp_path: Path, schema_of_users: str | None) -> None:
    """Our tables are in the schema of the contacts, wherever the users are."""
    metadata = host_metadata(schema="crm", schema_of_users=schema_of_users or "public")
    with engine.begin() as connection:
        for schema in ("crm", "staff"):
            connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
            connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    make_own_tables(engine, metadata)
    project = AlembicProject(tmp_path, engine, metadata, include_schemas=True)
    project.autogenerate()
    project.upgrade()
    assert ours(engine, schema="crm") == TABLES
    assert ours(engine) == set()
    if schema_of_users is not None:  # "public", spelt out, is read back from PostgreSQL without its name
        assert project.differences() == []
    project.downgrade()
    assert ours(engine, schema="crm") == set()
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA crm CASCADE"))
        connection.execute(sa.text("DROP SCHEMA staff CASCADE"))
