"""Reading for somebody who is not logged in: with the rights and the sight that they have at this moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g

from ...api.application import state
from ...api.identity import has_access
from ...api.permissions import permit
from ...context import CurrentUser
from ...errors import Forbidden, place_of
from ...hosts.bound import SYSTEM

logger = logging.getLogger(__name__)


@contextmanager
def reading_as(key: Any) -> Iterator[CurrentUser]:
    """Act as the user of this key inside the context.

    Raises `Forbidden` if the row is gone, the host's user class says that the user is inactive or not authenticated,
    or the permission callback refuses ``view``.
    """
    row = state.hosts.user.find(state.session, str(key), SYSTEM)
    given = None if row is None else _given(row.row)
    if row is None or given is None or not (_has_access(row.row) and _has_access(given)):
        raise Forbidden
    before = g.get("relationships_user")
    g.relationships_user = user = CurrentUser(given, key)
    try:
        permit("view")
        yield user
    finally:
        g.relationships_user = before


def _has_access(user: Any) -> bool:
    """Return `identity.has_access`; a user class that raises refuses."""
    try:
        return has_access(user)
    except Exception as error:
        logger.error("the user class raised, the user is refused: %s", place_of(error))
        return False


def _given(row: Any) -> Any:
    """What the host's callbacks are called with for this row of a user."""
    callback = state.callbacks.reader
    if callback is None:
        return row
    try:
        return callback(row)
    except Exception as error:  # a callback that raises has named nobody
        logger.error("the reader callback raised, which is a refusal: %s", place_of(error))
        return None
