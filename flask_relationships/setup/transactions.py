"""End a request's transaction before the host's own teardown.

Flask-SQLAlchemy and `scoped_session` remove the session when the application context ends, which rolls back. If the
database server has died, that raises after the response was made, and the client would get an error page.
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
    """End our transaction first when the current context ends. Flask runs teardown functions in reverse order."""
    if end_transaction not in app.teardown_appcontext_funcs:
        app.teardown_appcontext_funcs.append(end_transaction)
    setattr(g, MARK, True)


def end_transaction(_error: BaseException | None) -> None:
    """Roll back a request's open transaction, and give up the connection if the server is gone.

    Unsaved changes of the host are kept, because its own teardown may save them.
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
            logger.error("the transaction of a request could not be rolled back: %s", place_of(error))
            session.invalidate()
