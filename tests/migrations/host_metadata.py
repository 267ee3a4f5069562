"""The MetaData of a small host, our tables in it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping

KEYS: dict[str, Any] = {
    "int": sa.Integer(),
    "bigint": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "uuid": sa.Uuid(),
    "string": sa.String(26),
}

NAMES = {
    "action_centre_items",
    "action_changes",
    "actions",
    "calendar_feeds",
    "client_profiles",
    "consent_entries",
    "contact_numbers",
    "idempotency_keys",
    "life_events",
    "message_counts",
    "messages",
    "partners",
    "profiles",
    "refreshes",
    "runs",
    "sent_digests",
    "suppressions",
}

PREFIX = "relationships_"
TABLES = {PREFIX + name for name in NAMES}


def host_metadata(
    key: Any = KEYS["int"],
    *,
    convention: Mapping[str, str] | None = None,
    schema: str | None = None,
    schema_of_users: str | None = None,
    table_prefix: str = PREFIX,
) -> sa.MetaData:
    """A host with keys of this type. Its own tables are in it too: ``company``, ``user`` and ``contact``."""
    metadata_ = sa.MetaData(naming_convention=convention)

    class Base(DeclarativeBase):
        metadata = metadata_

    default = uuid.uuid4 if isinstance(key, sa.Uuid) else None
    place = {"schema": schema}

    class Company(Base):
        __tablename__ = "company"
        __table_args__ = place
        id: Mapped[Any] = mapped_column(key, primary_key=True, default=default)
        name: Mapped[str] = mapped_column(sa.String(100))

    class User(Base):
        __tablename__ = "user"
        __table_args__ = {"schema": schema_of_users or schema}
        id: Mapped[Any] = mapped_column(key, primary_key=True, default=default)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(Base):
        __tablename__ = "contact"
        __table_args__ = place
        id: Mapped[Any] = mapped_column(key, primary_key=True, default=default)
        name: Mapped[str] = mapped_column(sa.String(100))
        company_id: Mapped[Any] = mapped_column(sa.ForeignKey(Company.id, name="fk_contact_company"))

    Relationships(
        contact=ContactMapping(Contact),
        company=CompanyMapping(Company),
        user=UserMapping(User),
        table_prefix=table_prefix,
    )
    return metadata_


def make_own_tables(engine: sa.Engine, metadata: sa.MetaData, prefix: str = PREFIX) -> None:
    """The host is older than the plugin: its own tables are there."""
    metadata.create_all(engine, tables=[t for t in metadata.sorted_tables if not t.name.startswith(prefix)])


def ours(engine: sa.Engine, *, schema: str | None = None, prefix: str = PREFIX) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names(schema=schema) if name.startswith(prefix)}
