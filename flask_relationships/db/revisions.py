"""Count the changes of a row: its revision rises when a column changes that clients can write.

Each table of `Revised` rows lists those columns. An UPDATE that writes one of them raises the revision in the same
statement: `db.statements.changed` for statements of this package, a listener for rows that a session flushes.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from ..errors import PreconditionFailed
from .private_names import find_written_values

REVISION = "revision"


class Revised:
    """A row with a revision.

    Rows of version 0.1 have the revision 1, the server default.
    """

    __client_columns__: ClassVar[frozenset[str]] = frozenset()
    """The columns whose change raises the revision: those that a request can write."""

    revision: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1", sort_order=95)


def with_revision(statement: sa.Update) -> sa.Update:
    """Return the statement, raising the revision if it writes a column that clients can write.

    A statement that sets the revision itself is returned unchanged.
    """
    entity: Any = statement.entity_description.get("entity")
    client_columns: frozenset[str] = getattr(entity, "__client_columns__", frozenset())
    if not client_columns:
        return statement
    written = {getattr(column, "key", column) for column in find_written_values(statement)}
    if REVISION in written or not client_columns & written:
        return statement
    return statement.values({REVISION: entity.revision + 1})


def keep_revision(statement: sa.Update) -> sa.Update:
    """Return the statement, keeping the revision: it writes values of the host or the provider."""
    return statement.values({REVISION: statement.entity_description["entity"].revision})


def watch_flushes(model: type[Any]) -> None:
    """Raise the revision when a session flushes a change, as the host's code may do. Call once per class."""
    event.listen(model, "before_update", _raise_revision)


def _raise_revision(_mapper: Mapper[Any], _connection: sa.Connection, row: Any) -> None:
    attributes = sa.inspect(row).attrs
    if attributes[REVISION].history.has_changes():
        return
    if any(attributes[name].history.has_changes() for name in row.__client_columns__):
        row.revision = type(row).revision + 1


def require_revision(row: Any, revisions: Collection[int] | None) -> None:
    """Compare the row's revision with those that the client expects.

    :raises PreconditionFailed: if it is none of them.
    """
    if revisions is not None and row.revision not in revisions:
        raise PreconditionFailed


def of_revision(model: Any, revisions: Collection[int] | None) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a row has one of these revisions; an empty list for None."""
    return [] if revisions is None else [model.revision.in_(sorted(revisions))]
