"""The end of a request's transaction, ahead of the host's own teardown.

Flask-SQLAlchemy and `scoped_session` remove the session when the application context ends, which rolls back. Where the
database server has died meanwhile that raises, after the answer was made: the client would get an error page.
"""

from __future__ import annotations

import contextlib
import logging

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError

from ..api.application import state
from ..errors import place_of

MARK = "relationships_request"

logger = logging.getLogger(__name__)


def end_with_context(app: Flask) -> None:
    """Have the context of the current request end our transaction first. Flask runs teardown functions in reverse."""
    if end_transaction not in app.teardown_appcontext_funcs:
        app.teardown_appcontext_funcs.append(end_transaction)
    setattr(g, MARK, True)


def end_transaction(_error: BaseException | None) -> None:
    """Roll back what a request of ours has left open; give up the connection where the server is gone.

    What the host has not saved yet stays: its own teardown may do so.
    """
    if not g.pop(MARK, False):
        return
    with contextlib.suppress(SQLAlchemyError, RuntimeError):
        session = state.session
        if session.new or session.dirty or session.deleted:
            return
        try:
            session.rollback()
        except SQLAlchemyError as error:
            logger.error("the transaction of a request could not be ended: %s", place_of(error))
            session.invalidate()
