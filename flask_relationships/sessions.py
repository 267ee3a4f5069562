"""The host's session: where it comes from, and which ones cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getattr_static
from typing import Any, cast

from flask import current_app
from sqlalchemy.orm import Session

from .errors import ConfigurationError, Mistake

FIX = "Give session=, a callable that returns the sqlalchemy.orm.Session of the current request."


def session_mistakes(db: Any, session: Any) -> list[Mistake]:
    """What can be told of ``db=`` and ``session=`` before there is a session."""
    if session is None:
        if db is None or _has_session(db):
            return []
        words = f"db= was given a {_kind(db)}, which has no session."
        return [Mistake("db_without_session", words, f"Give your Flask-SQLAlchemy object. {FIX}")]
    if _is_async(session):
        return [_asynchronous(_kind(session))]
    if not callable(session):
        words = f"session= was given a {_kind(session)}, which all requests would share."
        return [Mistake("session_not_callable", words, FIX)]
    return []


def session_finder(db: Any, session: Callable[[], Session] | None) -> Callable[[], Session]:
    """What returns the session of the current request: the host's callable, or that of its Flask-SQLAlchemy."""

    def find() -> Session:
        found: Any = _session_of(db) if session is None else session()
        if _is_async(found):
            raise ConfigurationError([_asynchronous(_kind(found))])
        return cast(Session, found)

    return find


def _has_session(db: Any) -> bool:
    """Without asking for it: Flask-SQLAlchemy-Lite's opens one, which needs an application."""
    try:
        getattr_static(db, "session")
    except AttributeError:
        return False
    return True


def _session_of(db: Any) -> Any:
    source = db if db is not None else current_app.extensions.get("sqlalchemy")
    if source is None:
        raise RuntimeError(
            "flask-relationships found no session: pass db, your Flask-SQLAlchemy object, or session=callable."
        )
    session = source.session
    return session() if callable(session) else session


def _is_async(found: Any) -> bool:
    """Told by its module: importing SQLAlchemy's own needs greenlet, which a host without it does not have."""
    made = getattr(found, "class_", None)
    kinds = (type(found), made if isinstance(made, type) else type(None))
    return any(base.__module__.startswith("sqlalchemy.ext.asyncio") for kind in kinds for base in kind.__mro__)


def _asynchronous(kind: str) -> Mistake:
    words = f"The session is a {kind}: its calls are awaited, and a view of this tool waits for nothing."
    fix = "Give a Session beside it, of an engine with a synchronous driver on the same database: session=callable."
    return Mistake("session_asynchronous", words, fix)


def _kind(value: Any) -> str:
    return type(value).__name__
