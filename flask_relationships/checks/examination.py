"""One examination of an application: what the subjects share, and the promise that nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, scoped_session

from ..api.application import state
from ..db.statements import execute
from ..hosts.bound import SYSTEM, Host
from ..hosts.paths import Viewer


class NothingIsKept(RuntimeError):
    """A callback of the host commits, which `check` does not let it do."""


class Examination:
    """Reads the database through the host's own session, and looks at most ``phones`` telephone numbers up."""

    def __init__(self, phones: int) -> None:
        self.phones = phones
        self._session: Session | None = None
        self._inspectors: dict[sa.Engine | sa.Connection, sa.Inspector | Exception] = {}

    @property
    def session(self) -> Session:
        """Raises whatever the host's own way to its session raises."""
        if self._session is None:
            found: Any = state.session
            self._session = found() if isinstance(found, scoped_session) else found
        return self._session

    @contextmanager
    def nothing_is_kept(self) -> Iterator[None]:
        """Whatever the host's callbacks write is rolled back, and a commit of theirs is refused."""
        session = self.session
        event.listen(session, "before_commit", _refuse)
        try:
            yield
        finally:
            event.remove(session, "before_commit", _refuse)
            session.rollback()

    def undo(self) -> None:
        """After a callback, or a statement that failed: PostgreSQL goes on only after a rollback."""
        self.session.rollback()
        self._inspectors = {bind: kept for bind, kept in self._inspectors.items() if isinstance(kept, Exception)}

    def inspector(self, mapper: Mapper[Any]) -> sa.Inspector | Exception:
        """Looks into the database of a mapper, or why that cannot be reached. It is tried once."""
        bind = self.session.get_bind(mapper=mapper)
        if bind not in self._inspectors:
            try:
                self._inspectors[bind] = sa.inspect(self.session.connection(bind_arguments={"mapper": mapper}))
            except Exception as error:  # a driver may be missing, or raise what it likes
                self._inspectors[bind] = error
                self.undo()
        return self._inspectors[bind]

    def answers(self, mapper: Mapper[Any]) -> bool:
        """Whether the database of this mapper can be reached."""
        return not isinstance(self.inspector(mapper), Exception)

    def first_keys(self, host: Host, limit: int = 1) -> list[Any]:
        """The keys of the first rows that `present` lets through."""
        statement = host.rows(SYSTEM).with_only_columns(host.key).order_by(host.key).limit(limit)
        return list(execute(self.session, host.mapper, statement).scalars())

    def first_rows(self, host: Host, limit: int = 1, viewer: Viewer = SYSTEM) -> list[Any]:
        """Return the first rows that exist for a viewer; none where they cannot be read."""
        if not self.answers(host.mapper):
            return []
        try:
            statement = host.rows(viewer).order_by(host.key).limit(limit)
            return list(execute(self.session, host.mapper, statement).unique().scalars())
        except Exception:  # the host's hook, its types or its database
            self.undo()
            return []


def _refuse(session: Session) -> None:
    """A savepoint may end as its owner likes: the transaction around it is rolled back all the same."""
    if not session.in_nested_transaction():
        raise NothingIsKept("flask relationships check keeps nothing that is written while it runs")
