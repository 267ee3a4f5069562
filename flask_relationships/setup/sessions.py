"""Find the host's session, and refuse the kinds of session that cannot work."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getattr_static
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from ..errors import ConfigurationError, Mistake, configuration_error, described

if TYPE_CHECKING:
    from .state import State

FIX = "Pass session=, a callable that returns the sqlalchemy.orm.Session of the current request."


def session_errors(db: Any, session: Any) -> list[Mistake]:
    """Report what is wrong with ``db=`` and ``session=`` before a session exists."""
    if session is None:
        if db is None or _has_session(db):
            return []
        words = f"db= is {described(db)}, which has no session."
        return [Mistake("db_without_session", words, f"Pass your Flask-SQLAlchemy object. {FIX}")]
    if _is_async(session):
        return [_asynchronous(session)]
    if isinstance(session, sessionmaker):
        words = "session= is a sessionmaker, which creates another session at every call."
        fix = "Pass scoped_session(that sessionmaker), or a function that returns the session of the request."
        return [Mistake("session_always_new", words, fix)]
    if not callable(session):
        words = f"session= is {described(session)}, which all requests would share."
        return [Mistake("session_not_callable", words, FIX)]
    return []


def session_finder(db: Any, session: Callable[[], Session] | None) -> Callable[[], Session]:
    """Return a function that returns the session of the current request.

    :param db: the Flask-SQLAlchemy object, used if there is no `session`. None: the one of the application.
    """

    def find() -> Session:
        return cast(Session, _session_of(db) if session is None else session())

    return find


def check_session(state: State) -> None:
    """Open the session, without using the database.

    :raises ConfigurationError: if it cannot be opened, or is not a synchronous SQLAlchemy session.
    """
    try:
        session: Any = state.session
        if isinstance(session, Session):
            session.get_bind(mapper=state.models.mapper)
    except ConfigurationError:
        raise
    except Exception as error:
        raise configuration_error(
            "session_unavailable",
            f"The session cannot be opened: {type(error).__name__}: {str(error).splitlines()[0]}",
            "Call db.init_app(app) for this application, or check what session= returns.",
        ) from error
    if _is_async(session):
        raise ConfigurationError([_asynchronous(session)])
    if not isinstance(session, Session):
        words = f"session= returned {described(session)}, not a SQLAlchemy Session."
        raise configuration_error("session_unfit", words, FIX)


def _has_session(db: Any) -> bool:
    """Return whether an object has a session, without opening it, which needs an application."""
    try:
        getattr_static(db, "session")
    except AttributeError:
        return False
    return True


def _session_of(db: Any) -> Any:
    source = db if db is not None else current_app.extensions.get("sqlalchemy")
    if source is None:
        raise configuration_error(
            "session_missing",
            "There is no session: neither db= nor session= was passed, and the application has no Flask-SQLAlchemy.",
            "Pass db, your Flask-SQLAlchemy object, or session=callable.",
        )
    session = source.session
    return session() if callable(session) else session


def _is_async(found: Any) -> bool:
    """Return whether a session is asynchronous, by its module: importing the class would require greenlet."""
    made = getattr(found, "class_", None)
    kinds = (type(found), made if isinstance(made, type) else type(None))
    return any(base.__module__.startswith("sqlalchemy.ext.asyncio") for kind in kinds for base in kind.__mro__)


def _asynchronous(session: Any) -> Mistake:
    words = f"The session is {described(session)}, but the views of this tool are synchronous."
    fix = "Pass session=callable that returns a Session of an engine with a synchronous driver."
    return Mistake("session_asynchronous", words, fix)
