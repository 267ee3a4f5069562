"""The host's own migrations make our tables: autogenerate finds exactly them, finds nothing more, and goes back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.databases import Databases

KEYS: dict[str, Any] = {
    "int": sa.Integer(),
    "bigint": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "uuid": sa.Uuid(),
    "string": sa.String(26),
}

TABLES = {
    "relationships_action_centre_items",
    "relationships_actions",
    "relationships_client_profiles",
    "relationships_consent_entries",
    "relationships_idempotency_keys",
    "relationships_life_events",
    "relationships_messages",
    "relationships_partners",
    "relationships_profiles",
    "relationships_suppressions",
}

ENVIRONMENT = """
from alembic import context
options = context.config.attributes
with options["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=options["metadata"], render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
"""

SCRIPT = '''"""${message}"""
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
def upgrade():
    ${upgrades if upgrades else "pass"}
def downgrade():
    ${downgrades if downgrades else "pass"}
'''


def host_metadata(key: Any, convention: dict[str, str] | None) -> sa.MetaData:
    """The MetaData of a host with keys of this type, our tables in it."""
    metadata_ = sa.MetaData(naming_convention=convention)

    class Base(DeclarativeBase):
        metadata = metadata_

    default = uuid.uuid4 if isinstance(key, sa.Uuid) else None

    class Company(Base):
        __tablename__ = "company"
        id: Mapped[Any] = mapped_column(key, primary_key=True, default=default)
        name: Mapped[str] = mapped_column(sa.String(100))

    class User(Base):
        __tablename__ = "user"
        id: Mapped[Any] = mapped_column(key, primary_key=True, default=default)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(Base):
        __tablename__ = "contact"
        id: Mapped[Any] = mapped_column(key, primary_key=True, default=default)
        name: Mapped[str] = mapped_column(sa.String(100))
        company_id: Mapped[Any] = mapped_column(sa.ForeignKey("company.id", name="fk_contact_company"))

    Relationships(contact=ContactMapping(Contact), company=CompanyMapping(Company), user=UserMapping(User))
    return metadata_


@pytest.fixture
def engine(database: str, databases: Databases) -> Iterator[sa.Engine]:
    made = sa.create_engine(databases.url(database, "migrations"), poolclass=sa.NullPool)
    yield made
    left = sa.MetaData()
    left.reflect(made)
    left.drop_all(made)


def configured(folder: Path, engine: sa.Engine, metadata: sa.MetaData) -> Config:
    (folder / "versions").mkdir()
    (folder / "env.py").write_text(ENVIRONMENT)
    (folder / "script.py.mako").write_text(SCRIPT)
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"engine": engine, "metadata": metadata}
    return config


def ours(engine: sa.Engine) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names() if name.startswith("relationships_")}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_autogenerate_up_again_and_down(engine: sa.Engine, key: Any, tmp_path: Path) -> None:
    metadata = host_metadata(key, None)
    config = configured(tmp_path, engine, metadata)
    command.revision(config, "the plugin", autogenerate=True)
    command.upgrade(config, "head")
    assert ours(engine) == TABLES
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    (script,) = ScriptDirectory.from_config(config).walk_revisions()
    assert "flask_relationships" not in Path(script.path).read_text(), "a migration of the host needs nothing of ours"
    if engine.dialect.name == "mysql":
        _drop_tables_only(Path(script.path))
    command.downgrade(config, "base")
    assert ours(engine) == set()


def _drop_tables_only(script: Path) -> None:
    """What docs/migrations asks of whoever goes back on MariaDB, which keeps the index that a foreign key needs."""
    lines = script.read_text().splitlines()
    script.write_text("\n".join("pass" if "drop_index" in line else line for line in _without_batches(lines)))


def _without_batches(lines: list[str]) -> Iterator[str]:
    """A batch of nothing but dropped indexes goes with them."""
    down = next(place for place, line in enumerate(lines) if line.startswith("def downgrade"))
    yield from lines[:down]
    for line in lines[down:]:
        if "batch_alter_table" not in line and "batch_op" not in line:
            yield line


def test_a_naming_convention_of_the_host_changes_nothing_of_ours(engine: sa.Engine, tmp_path: Path) -> None:
    convention = {
        "ix": "index_of_%(column_0_label)s",
        "uq": "unique_%(table_name)s_%(column_0_name)s",
        "fk": "foreign_%(table_name)s_%(column_0_name)s",
        "pk": "primary_%(table_name)s",
    }
    metadata = host_metadata(sa.Integer(), convention)
    config = configured(tmp_path, engine, metadata)
    command.revision(config, "the plugin", autogenerate=True)
    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    names = {key["name"] for key in sa.inspect(engine).get_foreign_keys("relationships_profiles")}
    assert names == {"fk_relationships_profiles_contact_id"}


def test_a_plugin_that_is_switched_off_keeps_its_tables(engine: sa.Engine) -> None:
    """The tables are built where the object is made: no application has to be made for migrations to see them."""
    metadata = host_metadata(sa.Integer(), None)
    metadata.create_all(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
