"""The host's session: where it comes from, and which ones cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getattr_static
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from ..errors import ConfigurationError, Mistake, described, mistake

if TYPE_CHECKING:
    from .state import State

FIX = "Give session=, a callable that returns the sqlalchemy.orm.Session of the current request."


def session_mistakes(db: Any, session: Any) -> list[Mistake]:
    """What can be told of ``db=`` and ``session=`` before there is a session."""
    if session is None:
        if db is None or _has_session(db):
            return []
        words = f"db= was given {described(db)}, which has no session."
        return [Mistake("db_without_session", words, f"Give your Flask-SQLAlchemy object. {FIX}")]
    if _is_async(session):
        return [_asynchronous(session)]
    if isinstance(session, sessionmaker):
        words = "session= was given a sessionmaker, which makes another session at every call."
        fix = "Pass scoped_session(that sessionmaker), or what returns yours."
        return [Mistake("session_always_new", words, fix)]
    if not callable(session):
        words = f"session= was given {described(session)}, which all requests would share."
        return [Mistake("session_not_callable", words, FIX)]
    return []


def session_finder(db: Any, session: Callable[[], Session] | None) -> Callable[[], Session]:
    """What returns the session of the current request: the host's callable, or that of its Flask-SQLAlchemy."""

    def find() -> Session:
        return cast(Session, _session_of(db) if session is None else session())

    return find


def check_session(state: State) -> None:
    """Raises `ConfigurationError` where the session cannot be had, or is none that this tool could use."""
    try:
        session: Any = state.session
        if isinstance(session, Session):
            session.get_bind(mapper=state.models.mapper)
    except ConfigurationError:
        raise
    except Exception as error:
        raise mistake(
            "session_unavailable",
            f"The session cannot be had: {type(error).__name__}: {str(error).splitlines()[0]}",
            "Call db.init_app(app) for this application, or check what session= returns.",
        ) from error
    if _is_async(session):
        raise ConfigurationError([_asynchronous(session)])
    if not isinstance(session, Session):
        words = f"session= returned {described(session)}, not a SQLAlchemy Session."
        raise mistake("session_unfit", words, FIX)


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
        raise mistake(
            "session_missing",
            "There is no session: neither db= nor session= was given, and the application has no Flask-SQLAlchemy.",
            "Pass db, your Flask-SQLAlchemy object, or session=callable.",
        )
    session = source.session
    return session() if callable(session) else session


def _is_async(found: Any) -> bool:
    """Told by its module: importing SQLAlchemy's own needs greenlet, which a host without it does not have."""
    made = getattr(found, "class_", None)
    kinds = (type(found), made if isinstance(made, type) else type(None))
    return any(base.__module__.startswith("sqlalchemy.ext.asyncio") for kind in kinds for base in kind.__mro__)


def _asynchronous(given: Any) -> Mistake:
    words = f"The session is {described(given)}: its calls are awaited, and a view of this tool waits for nothing."
    fix = "Give a Session beside it, of an engine with a synchronous driver on the same database: session=callable."
    return Mistake("session_asynchronous", words, fix)
