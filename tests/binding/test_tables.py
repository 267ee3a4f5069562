"""Our tables in the host's MetaData: what they are called and made of, and what the host cannot do to them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.hosts.made import Models
from tests.migrations.host_metadata import KEYS, NAMES, host_metadata


@pytest.fixture
def models() -> Models:
    return Models()


def test_the_host_s_base_class_is_none_of_our_business() -> None:
    """A base that gives every table a column that must not be null, and its own convention for names."""

    class Base(DeclarativeBase):
        metadata = sa.MetaData(naming_convention={"fk": "host_fk_%(table_name)s_%(column_0_name)s"})
        tenant: Mapped[str] = mapped_column(sa.String(20))

    db = SQLAlchemy(model_class=Base)

    class Profile(db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Action(db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    relationships = Relationships(db=db, contact=ContactMapping(Profile), user=UserMapping(Action))
    ours = sa.inspect(relationships.models.Profile).columns
    assert "tenant" not in ours
    assert ours.contact_id.references(Profile.__table__.c.id)
    sa.orm.configure_mappers()


def test_every_constraint_has_a_name(models: Models) -> None:
    """Otherwise a migration cannot drop it on SQLite, nor tell it from another."""
    Relationships(db=models.db, **models.mappings())
    ours = [table for table in models.db.metadata.tables.values() if table.name.startswith("relationships_")]
    assert len(ours) == len(NAMES)
    for table in ours:
        for constraint in table.constraints:
            if isinstance(constraint, (sa.UniqueConstraint, sa.ForeignKeyConstraint)):
                assert constraint.name, (table.name, constraint)
                assert len(str(constraint.name)) <= 63
        for index in table.indexes:
            assert index.name
            assert len(index.name) <= 63


def test_only_plain_column_types(models: Models) -> None:
    """Types of our own would have to be imported by the host's migrations."""
    Relationships(db=models.db, **models.mappings())
    for table in models.db.metadata.tables.values():
        for column in table.columns:
            assert type(column.type).__module__.startswith("sqlalchemy."), (table.name, column.name)


def ours_of(metadata: sa.MetaData, prefix: str) -> list[sa.Table]:
    return [table for table in metadata.tables.values() if table.name.startswith(prefix)]


def leading_columns(table: sa.Table) -> set[str]:
    constraints = [one for one in table.constraints if isinstance(one, (sa.UniqueConstraint, sa.PrimaryKeyConstraint))]
    return {next(iter(one.columns)).name for one in (*table.indexes, *constraints)}


@pytest.mark.parametrize("prefix", ["relationships_", "x" * 19 + "_"])
@pytest.mark.parametrize("schema", [None, "crm"])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_foreign_key_leads_an_index(key: Any, schema: str | None, prefix: str) -> None:
    """Otherwise deleting what it points at reads the whole table."""
    for table in ours_of(host_metadata(key, schema=schema, table_prefix=prefix), prefix):
        leading = leading_columns(table)
        for constraint in table.foreign_key_constraints:
            assert next(iter(constraint.columns)).name in leading, (table.name, constraint.name)
        names = [str(index.name) for index in table.indexes]
        assert len(set(names)) == len(names)
        assert max(map(len, names), default=0) <= 63


def test_so_does_every_column_that_holds_a_key_without_one(models: Models) -> None:
    """``foreign_key=False``: the tool itself looks for the rows of what is deleted."""
    Relationships(
        db=models.db,
        contact=ContactMapping(models.Contact, foreign_key=False),
        company=CompanyMapping(models.Company, foreign_key=False),
        user=UserMapping(models.User, foreign_key=False),
    )
    for table in ours_of(models.db.metadata, "relationships_"):
        holding = {column.name for column in table.c if "host" in column.info}
        assert holding <= leading_columns(table), table.name
