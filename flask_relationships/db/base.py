"""Define the base classes of our tables, and columns that refer to tables of the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.sql.elements import conv
from uuid_utils.compat import uuid7

OnDelete = Literal["CASCADE", "SET NULL"]

BUILT = "flask_relationships"
"""The key in ``MetaData.info`` of the built classes, by table prefix."""

MAX_PREFIX_LENGTH = 20
"""PostgreSQL allows 63 characters for the name of a constraint; the longest of ours needs 43 beside the prefix."""

MAX_NAME_LENGTH = 200
"""Characters of a one-line text: names, titles, e-mail addresses."""

MAX_NOTE_LENGTH = 10_000
"""Characters of a multi-line text."""

LATEST = "9999-12-31"
"""The sort date of an action without a due date: order columns are never null."""


class HostTable(NamedTuple):
    """The primary key of one host model, and whether our tables may refer to it with a foreign key."""

    name: str
    model: type[Any]
    key: sa.Column[Any]
    foreign_key: bool


class HostTables(NamedTuple):
    contact: HostTable
    user: HostTable
    company: HostTable | None
    own_client_profiles: bool


class WrittenUuid(sa.TypeDecorator[Any]):
    """A column of UUIDs that are read as text. SQLite stores their digits: converting these is faster than a `UUID`."""

    impl = sa.Uuid
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if dialect.supports_native_uuid:
            return super().result_processor(dialect, coltype)
        return _written_uuid


def _written_uuid(kept: str | None) -> str | None:
    if kept is None:
        return None
    return f"{kept[:8]}-{kept[8:12]}-{kept[12:16]}-{kept[16:20]}-{kept[20:]}" if len(kept) == 32 else str(UUID(kept))


class Row:
    """The base of all rows of our tables. ``__host__`` and ``__prefix__`` are set when the classes are built."""

    __host__: ClassVar[HostTables]
    __prefix__: ClassVar[str]
    __name_of_table__: ClassVar[str]

    if TYPE_CHECKING:

        def __init__(self, **columns: Any) -> None: ...

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid7, sort_order=-1)


class Dated:
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=91)


def _constraint(kind: str, cls: Any, name: str) -> str:
    """Return the final name of a constraint or index. A naming convention of the host does not change it."""
    return conv(f"{kind}_{cls.__prefix__}{cls.__name_of_table__}_{name}")


def unique(cls: Any, name: str, *columns: str) -> sa.UniqueConstraint:
    """Return a unique constraint on these columns; without any, on the column called like the constraint."""
    return sa.UniqueConstraint(*(columns or (name,)), name=_constraint("uq", cls, name))


def index(cls: Any, name: str, *columns: str) -> sa.Index:
    """Return an index on these columns."""
    return sa.Index(_constraint("ix", cls, name), *columns)


def key_index(cls: Any, name: str, *columns: str) -> sa.UniqueConstraint:
    """Return the index of a foreign key: it begins with the key's column and ends with ``id``, so it is unique.

    A constraint is created and dropped with its table. An index would be dropped first in the downgrade that Alembic
    writes, which MariaDB and MySQL refuse while the foreign key has no other index.
    """
    return unique(cls, name, *columns)


def own_key(cls: Any, target: str, column: str, *, ondelete: OnDelete, nullable: bool = True) -> Mapped[Any]:
    """Return a column with a foreign key to another of our tables.

    :param target: the table's name without the prefix.
    """
    table = f"{cls.__prefix__}{target}"
    schema = cls.__host__.contact.key.table.schema
    referred = f"{schema}.{table}.id" if schema else f"{table}.id"
    return mapped_column(
        sa.ForeignKey(referred, ondelete=ondelete, name=_constraint("fk", cls, column)), nullable=nullable
    )


def host_key(
    cls: Any,
    which: Literal["contact", "user", "company"],
    column: str,
    *,
    ondelete: OnDelete,
    nullable: bool = True,
) -> Mapped[Any]:
    """Return a column that holds a primary key of the host. It has the type of that key.

    ``info`` stores what happens to the row when the host's row is deleted, for databases that do not enforce it.
    """
    host: HostTable | None = getattr(cls.__host__, which)
    if host is None:
        return mapped_column(sa.String(36), nullable=True)
    info = {"host": which, "ondelete": ondelete}
    if host.foreign_key:
        key = sa.ForeignKey(host.key, ondelete=ondelete, name=_constraint("fk", cls, column))
        return mapped_column(key, nullable=nullable, info=info)
    return mapped_column(host.key.type, nullable=nullable, info=info)


def contact_key(cls: Any, column: str = "contact_id", *, owner: bool = True) -> Mapped[Any]:
    """Return a column with the key of a contact.

    :param owner: whether the row belongs to the contact and is deleted with it.
    """
    return host_key(cls, "contact", column, ondelete="CASCADE" if owner else "SET NULL", nullable=not owner)


def user_key(cls: Any, column: str) -> Mapped[Any]:
    return host_key(cls, "user", column, ondelete="SET NULL")


def company_key(cls: Any, column: str = "company_id", *, owner: bool = False) -> Mapped[Any]:
    return host_key(cls, "company", column, ondelete="CASCADE" if owner else "SET NULL", nullable=not owner)


class Table(Row):
    """The base of every table: it adds the prefix to the name, and puts the table into the right schema."""

    __models__: ClassVar[Any]
    """All classes that were built with this one."""

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        return f"{cls.__prefix__}{cls.__name_of_table__}"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        schema = cls.__host__.contact.key.table.schema
        return (*cls.constraints(), {"schema": schema} if schema else {})

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return ()
