"""Find the state of the current application, which ``init_app`` stores in ``app.extensions["relationships"]``.

Requests, jobs, commands, checks and listeners take a `Context` from it, and pass that to services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from blinker import NamedSignal
from flask import Flask, current_app
from werkzeug.local import LocalProxy

from ..signals import send

if TYPE_CHECKING:
    from ..setup.state import State

EXTENSION: Final = "relationships"
"""The key in ``app.extensions``."""


def state_of(app: Flask) -> State:
    """Return the state of an application on which the extension is registered."""
    return cast("State", app.extensions[EXTENSION])


def find_registered_state() -> State | None:
    """Return the state of the current application, or None if the extension is not registered on it.

    :raises RuntimeError: outside an app context.
    """
    return cast("State | None", current_app.extensions.get(EXTENSION))


def _find() -> State:
    try:
        return cast("State", current_app.extensions[EXTENSION])
    except KeyError:
        words = "flask-relationships is not registered on this application: call relationships.init_app(app)"
        raise RuntimeError(words) from None


state = cast("State", LocalProxy(_find))


def announce(signal: NamedSignal, row: Any, *, user: Any = None) -> bool:
    """Send a signal of the current application about a committed change.

    :param user: who made the change, as the current-user callback returned it; None for the system.
    :returns: whether no receiver raised.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return send(signal, app, row=row, user=user)
