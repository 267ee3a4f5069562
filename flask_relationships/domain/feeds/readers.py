"""Read for a user who is not logged in, with the permissions that the user has at this moment."""

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

    :raises Forbidden: if the user was deleted, is inactive or not authenticated by the host's user class, or the
        permission callback denies ``view``.
    """
    row = state.hosts.user.find(state.session, str(key), SYSTEM)
    if row is None or not _has_access(row.row):
        raise Forbidden
    viewer = _viewer_of(row.row)
    if viewer is None or not _has_access(viewer):
        raise Forbidden
    before = g.get("relationships_user")
    g.relationships_user = user = CurrentUser(viewer, key)
    try:
        permit("view")
        yield user
    finally:
        g.relationships_user = before


def _has_access(user: Any) -> bool:
    """Return `identity.has_access`; False if the user class raises."""
    try:
        return has_access(user)
    except Exception as error:
        logger.error("the user class raised; access is denied: %s", place_of(error))
        return False


def _viewer_of(row: Any) -> Any:
    """Return the object that the host's callbacks take for a row of a user; None if the callback fails."""
    callback = state.callbacks.reader
    if callback is None:
        return row
    try:
        return callback(row)
    except Exception as error:
        logger.error("the reader callback raised; access is denied: %s", place_of(error))
        return None
