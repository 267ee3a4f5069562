"""Follow numbers of contacts that the host has changed. Requests and the scheduled job call this."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from blinker import NamedSignal
from sqlalchemy.exc import DBAPIError

from ... import signals
from ...context import Context
from ...db.statements import is_unavailable
from ...errors import place_of
from ...hosts.bound import HostRow
from ..profiles import host_numbers
from ..profiles.host_numbers import Refreshed
from . import late_match
from .units import run_unit

logger = logging.getLogger(__name__)

SendSignal = Callable[[NamedSignal, Any], object]
"""Sends a signal about a row that is committed."""


def settle(ctx: Context, refreshed: Refreshed, send_signal: SendSignal) -> None:
    """Send the signals of lapsed opt-ins, and match unmatched messages to contacts who got their number. Commits."""
    for entry in refreshed.entries:
        send_signal(signals.consent_changed, entry)

    for attached in run_unit(ctx, late_match.join_waiting, refreshed.keys):
        send_signal(signals.message_matched, attached.message)
        if attached.entry is not None:
            send_signal(signals.consent_changed, attached.entry)


def follow(ctx: Context, contact: HostRow, send_signal: SendSignal, *, is_reading: bool) -> None:
    """Follow a changed number of the contact that a request reads. Commits if there is a change.

    :param is_reading: the request writes nothing, so it is answered even if the database is read-only.
    """
    if not host_numbers.is_behind(ctx, contact):
        return
    try:
        refreshed = host_numbers.refresh_one(ctx, contact)
        settle(ctx, refreshed, send_signal)
    except DBAPIError as error:
        if not is_reading or not is_unavailable(error):
            raise
        ctx.session.rollback()
        logger.error("the changed number of a contact could not be stored: %s", place_of(error))
