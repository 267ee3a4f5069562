"""Work of ours in a transaction of the host."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from ..context import Context
from ..db.statements import collided
from ..errors import place_of

logger = logging.getLogger(__name__)


@contextmanager
def savepoint(ctx: Context, failure: str) -> Iterator[None]:
    """Run work in a savepoint of the host's transaction: the host's rows are saved even if the work fails.

    :param failure: what is logged then.
    """
    try:
        with ctx.session.connection(bind_arguments={"mapper": ctx.models.mapper}).begin_nested():
            yield
    except Exception as error:
        if isinstance(error, DBAPIError) and collided(error):
            raise  # the database has ended the transaction, with the host's changes
        logger.error("%s: %s", failure, place_of(error))
