"""Our tables in the host's MetaData: what they are called and made of, and what the host cannot do to them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import ContactMapping, Relationships, UserMapping
from tests.hosts.made import Models


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
    assert len(ours) == 13
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
