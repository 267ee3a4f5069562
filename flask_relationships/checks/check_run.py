"""One run of `flask relationships check`: what the checks share. Every write is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, scoped_session

from ..api.application import state
from ..db.statements import execute
from ..hosts.bound import SYSTEM, Host
from ..hosts.paths import Viewer

WRITE_REFUSED = "flask relationships check does not allow a commit while it runs"


class WriteRefused(RuntimeError):
    """A callback of the host tried to commit while `check` runs."""


class CheckRun:
    """Read the database through the host's own session.

    :param phones: maximum number of phone numbers, and of birthdays, that are read.
    """

    def __init__(self, phones: int) -> None:
        self.phones = phones
        self._session: Session | None = None
        self._inspectors: dict[sa.Engine | sa.Connection, sa.Inspector | Exception] = {}

    @property
    def session(self) -> Session:
        """The host's session. Raises what the host's own function raises."""
        if self._session is None:
            found: Any = state.session
            self._session = found() if isinstance(found, scoped_session) else found
        return self._session

    @contextmanager
    def all_rolled_back(self) -> Iterator[None]:
        """Refuse commits, and roll back at the end."""
        session = self.session
        event.listen(session, "before_commit", _refuse)
        try:
            yield
        finally:
            event.remove(session, "before_commit", _refuse)
            session.rollback()

    def undo(self) -> None:
        """Roll back what a callback wrote. PostgreSQL accepts statements after an error only then."""
        self.session.rollback()
        self._inspectors = {bind: kept for bind, kept in self._inspectors.items() if isinstance(kept, Exception)}

    def attempt(self, function: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
        """Call a function of the host, roll back what it wrote, and return its value or its exception."""
        try:
            return function(*arguments), None
        except Exception as error:
            return None, error
        finally:
            self.undo()

    def inspector(self, mapper: Mapper[Any]) -> sa.Inspector | Exception:
        """Return the inspector of a mapper's database, or the exception that connecting raised."""
        bind = self.session.get_bind(mapper=mapper)
        if bind not in self._inspectors:
            try:
                self._inspectors[bind] = sa.inspect(self.session.connection(bind_arguments={"mapper": mapper}))
            except Exception as error:  # a missing driver raises exceptions of any class
                self._inspectors[bind] = error
                self.undo()
        return self._inspectors[bind]

    def answers(self, mapper: Mapper[Any]) -> bool:
        """Return whether the database of this mapper can be reached."""
        return not isinstance(self.inspector(mapper), Exception)

    def has_table(self, mapper: Mapper[Any], table: sa.Table) -> bool:
        """Return whether the database of a mapper can be reached and has this table."""
        inspector = self.inspector(mapper)
        return not isinstance(inspector, Exception) and inspector.has_table(table.name, schema=table.schema)

    def first_keys(self, host: Host, limit: int = 1) -> list[Any]:
        """Return the keys of the first rows that `present` does not hide."""
        statement = host.rows(SYSTEM).with_only_columns(host.key).order_by(host.key).limit(limit)
        return list(execute(self.session, host.mapper, statement).scalars())

    def first_rows(self, host: Host, limit: int = 1, viewer: Viewer = SYSTEM) -> list[Any]:
        """Return the first rows that a viewer may see; an empty list if they cannot be read."""
        if not self.answers(host.mapper):
            return []
        try:
            statement = host.rows(viewer).order_by(host.key).limit(limit)
            return list(execute(self.session, host.mapper, statement).unique().scalars())
        except Exception:  # raised by the host's hook, its types or its database
            self.undo()
            return []


def _refuse(session: Session) -> None:
    """Refuse to commit the outer transaction. Savepoints may end: they are rolled back with it."""
    if not session.in_nested_transaction():
        raise WriteRefused(WRITE_REFUSED)
