"""Find the session factories of a host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session, scoped_session, sessionmaker


def session_factories(sources: Iterable[Any], *, in_context: bool) -> Iterator[sessionmaker[Any]]:
    """Yield the session factories of these sources: Flask-SQLAlchemy objects, scoped sessions, session makers.

    Flask-SQLAlchemy-Lite has one factory for each application, which is available only in an app context.
    """
    for source in sources:
        if source is None:
            continue
        found = getattr(source, "__dict__", {}).get("session", source)
        if isinstance(found, scoped_session):
            found = found.session_factory
        elif in_context and found is source and not callable(source):
            found = getattr(source, "sessionmaker", None)
        if isinstance(found, sessionmaker):
            yield found


def session_classes(sources: Iterable[Any]) -> tuple[type[Session], ...]:
    """Return the session classes of these factories. Needs an app context."""
    return tuple(dict.fromkeys(maker.class_ for maker in session_factories(sources, in_context=True)))
