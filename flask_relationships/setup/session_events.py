"""Attach our listeners to the sessions of the host, and to no others.

If the host has a session factory, they are attached once to the class of its sessions. Otherwise they are attached to
each session when it is first used. Nothing listens on SQLAlchemy's own ``Session`` class, because other applications
in the same process have sessions too. The listeners find the application when they run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakSet

from flask import Flask, appcontext_pushed, has_app_context, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from .. import signals
from ..api.application import find_registered_state, state_of
from ..api.identity import identify
from ..context import present_instant
from ..db import cascade, references
from ..db.session_factories import session_factories
from ..domain.actions import host_tasks
from ..domain.keeping_in_touch import assignee_copies
from ..domain.models import Models
from .state import State

_S = TypeVar("_S", bound=Session)


def _state() -> State | None:
    """Return the state of the current application, if the extension is registered on it."""
    return find_registered_state() if has_app_context() else None


def _in_use(models: Models) -> datetime | None:
    """Return the present instant if these tables are in use: by the current application, or outside of any."""
    if not has_app_context():
        return present_instant(lambda: datetime.now(UTC))
    found = find_registered_state()
    return found.now() if found is not None and found.models is models else None


def _follow_bulk_delete(execution: ORMExecuteState) -> None:
    if execution.is_delete:
        cascade.follow_bulk_delete(execution, _in_use)


def _take_changed_tasks(session: Session, _context: Any) -> None:
    found = _state()
    if found is not None and (session.dirty or session.deleted):
        host_tasks.take_changed(found.context(), lambda: identify() if has_request_context() else None)


def _forget_changed_owners(session: Session, _context: Any) -> None:
    found = _state()
    if found is not None and session.dirty:
        assignee_copies.forget_changed_owners(found.context(session=session))


def cascade_deletions(models: Models) -> None:
    """Follow the deletion of the host's rows, see `db.cascade.cascade_deletions`."""
    cascade.cascade_deletions(models, _in_use)


LISTENERS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("do_orm_execute", _follow_bulk_delete),
    ("after_flush", _take_changed_tasks),
    ("after_flush", _forget_changed_owners),
    ("before_commit", references.require_references),
    ("after_rollback", references.forget_references),
    ("after_commit", signals.send_waiting),
    ("after_rollback", signals.drop_waiting),
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
    for maker in session_factories(state_of(app).session_holders(app), in_context=False):
        _attach_to_factory(maker)
    appcontext_pushed.connect(_attach_in_context, app)


def _attach_in_context(app: Flask, **_: Any) -> None:
    for maker in session_factories(state_of(app).session_holders(app), in_context=True):
        _attach_to_factory(maker)


def attach_to_session(session: _S) -> _S:
    """Attach the listeners to a session of an unknown factory, and return the session."""
    if isinstance(session, Session) and type(session) not in _classes and ATTACHED not in session.info:
        session.info[ATTACHED] = True
        _listen(session)
    return session


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
