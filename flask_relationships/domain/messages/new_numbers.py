"""What follows where the host has changed the number of contacts: the same for a request and for the scheduled job."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from blinker import NamedSignal
from sqlalchemy.exc import DBAPIError

from ... import signals
from ...context import Context
from ...db.statements import is_unavailable, retried
from ...errors import place_of
from ...hosts.bound import HostRow
from ..profiles import host_numbers
from ..profiles.host_numbers import Refreshed
from . import late_match
from .delivery import ATTEMPTS

logger = logging.getLogger(__name__)

Announce = Callable[[NamedSignal, Any], object]
"""Sends a signal of what is committed."""


def settle(ctx: Context, refreshed: Refreshed, announce: Announce) -> None:
    """Announce lapsed opt-ins, and give waiting messages to contacts who have got their number. Commits."""
    for entry in refreshed.entries:
        announce(signals.consent_changed, entry)

    def join() -> list[late_match.Attached]:
        joined = late_match.join_waiting(ctx, refreshed.keys)
        ctx.session.commit()
        return joined

    for attached in retried(ctx.session, join, ATTEMPTS, unless=lambda: False):
        announce(signals.message_matched, attached.message)
        if attached.entry is not None:
            announce(signals.consent_changed, attached.entry)


def follow(ctx: Context, contact: HostRow, announce: Announce, *, is_reading: bool) -> None:
    """Follow the host where it has changed the number of a contact whom a request reads. Commits if there is a change.

    :param is_reading: the request writes nothing, so it is answered where the database takes no changes.
    """
    if not host_numbers.is_behind(ctx, contact):
        return
    try:
        refreshed = host_numbers.refresh_one(ctx, contact)
        settle(ctx, refreshed, announce)
    except DBAPIError as error:
        if not is_reading or not is_unavailable(error):
            raise
        ctx.session.rollback()
        logger.error("the changed number of a contact could not be stored: %s", place_of(error))
