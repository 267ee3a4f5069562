"""Write one row with a conditional UPDATE or DELETE. Its row count shows whether the row still exists.

A flush raises an error if another process has deleted the row, and cannot check the revision that a client expects.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from ..errors import ChangedMeanwhile
from .revisions import REVISION, of_revision
from .statements import changed, execute

NOTHING: Mapping[str, Any] = MappingProxyType({})


def save_row(
    session: Session,
    row: Any,
    revisions: Collection[int] | None = None,
    *,
    also: Mapping[str, Any] = NOTHING,
    reload: bool = True,
) -> bool:
    """Write the attributes of one row that were set, by an UPDATE that names the row and the expected revisions.

    Call it under ``session.no_autoflush``, so that no flush comes before.

    :param revisions: the revisions that the client expects; None for any.
    :param also: columns that are computed by the database.
    :param reload: whether to read the row again, because others may have changed other columns. Otherwise the
        revision is loaded on access.
    :returns: False if no attribute was changed.
    :raises ChangedMeanwhile: if the row was deleted, or has another revision. The unit of work is then retried.
    """
    model = type(row)
    values = {one.key: one.value for one in sa.inspect(row).attrs if one.history.has_changes()} | dict(also)
    if not values:
        return False
    with session.no_autoflush:
        if not changed(session, sa.inspect(model), sa.update(model).where(*_this(row, revisions)).values(values)):
            raise ChangedMeanwhile
        if reload:
            session.refresh(row)
        else:
            session.expire(row, [REVISION, *also])
            for name in values.keys() - also.keys():
                set_committed_value(row, name, values[name])
    return True


def delete_row(session: Session, row: Any, revisions: Collection[int] | None = None) -> None:
    """Delete one row that still has one of the expected revisions, and remove it from the session.

    :raises ChangedMeanwhile: if the row was deleted, or has another revision.
    """
    model = type(row)
    with session.no_autoflush:
        if not changed(session, sa.inspect(model), sa.delete(model).where(*_this(row, revisions))):
            raise ChangedMeanwhile
    session.expunge(row)


def reload_row(session: Session, row: Any) -> bool:
    """Read one row again. Return False if it was deleted."""
    model = type(row)
    statement = sa.select(model).where(model.id == row.id).execution_options(populate_existing=True)
    with session.no_autoflush:
        return execute(session, sa.inspect(model), statement).first() is not None


def _this(row: Any, revisions: Collection[int] | None) -> list[sa.ColumnElement[bool]]:
    return [type(row).id == row.id, *of_revision(type(row), revisions)]
