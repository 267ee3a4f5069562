"""Attach our listeners to the sessions of the host, and to no others.

Where the host has a session factory, they are attached once to the class of its sessions. Otherwise they are attached
to each session when we first see it. Nothing listens on SQLAlchemy's own ``Session`` class: other applications in the
same process have sessions too. The listeners find the application when they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakSet

from flask import Flask, appcontext_pushed
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from ..api.application import state_of
from ..db import cascade, references
from ..domain.actions import host_tasks
from ..domain.keeping_in_touch import assignee_copies

_S = TypeVar("_S", bound=Session)

LISTENERS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("do_orm_execute", cascade.follow_bulk_delete),
    ("after_flush", host_tasks.take_changed_tasks),
    ("after_flush", assignee_copies.forget_changed_owners),
    ("before_commit", references.require_references),
    ("after_rollback", references.forget_references),
    ("after_commit", host_tasks.send_signals),
    ("after_rollback", host_tasks.forget_signals),
)

ATTACHED = "flask_relationships_attached"
"""The key in ``Session.info`` of a session that has the listeners itself."""

_classes: WeakSet[type[Session]] = WeakSet()
"""The classes that have the listeners. Each was made by a sessionmaker, for its own sessions alone."""

_lock = Lock()


def attach_to_application(app: Flask) -> None:
    """Attach the listeners to the host's session factories now, and to those it has when an app context begins.

    A host may call ``db.init_app`` after ours, or replace ``db.session``.
    """
    for maker in _factories(app, in_context=False):
        _attach_to_factory(maker)
    appcontext_pushed.connect(_attach_in_context, app)


def _attach_in_context(app: Flask, **_: Any) -> None:
    for maker in _factories(app, in_context=True):
        _attach_to_factory(maker)


def attach_to_session(session: _S) -> _S:
    """Attach the listeners to a session that comes from no factory we know, and return it."""
    if isinstance(session, Session) and type(session) not in _classes and ATTACHED not in session.info:
        session.info[ATTACHED] = True
        _listen(session)
    return session


def session_classes(app: Flask) -> tuple[type[Session], ...]:
    """Return the classes of the sessions that this application's factories make. Needs an app context."""
    return tuple(dict.fromkeys(maker.class_ for maker in _factories(app, in_context=True)))


def _factories(app: Flask, *, in_context: bool) -> Iterator[sessionmaker[Any]]:
    """The host's factories: those of what it gave us, and of the application's own Flask-SQLAlchemy.

    Flask-SQLAlchemy-Lite has one for each application, and tells it only in an app context.
    """
    registered = state_of(app)
    for source in (*registered.session_sources, app.extensions.get("sqlalchemy")):
        if source is None:
            continue
        found = getattr(source, "__dict__", {}).get("session", source)
        if isinstance(found, scoped_session):
            found = found.session_factory
        elif in_context and found is source and not callable(source):
            found = getattr(source, "sessionmaker", None)
        if isinstance(found, sessionmaker):
            yield found


def _attach_to_factory(maker: sessionmaker[Any]) -> None:
    if maker.class_ in _classes:
        return
    with _lock:
        if maker.class_ not in _classes:
            _listen(maker.class_)
            _classes.add(maker.class_)


def _listen(target: type[Session] | Session) -> None:
    for name, listener in LISTENERS:
        event.listen(target, name, listener)
