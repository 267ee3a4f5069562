"""Send the signal of each digest, so that the application mails it: for the command ``digest --send`` and Celery."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ... import signals
from ...api.application import announce, state
from . import digests


class HandedOver(NamedTuple):
    """How many digests were sent to the receivers of ``digest_due``, and for how many a receiver failed."""

    sent: int = 0
    failed: int = 0


def is_heard() -> bool:
    """Return whether ``digest_due`` has receivers."""
    return bool(signals.digest_due.receivers)


def hand_over(day: date | None = None, *, again: bool = False) -> HandedOver:
    """Send the digests of a day, each once in any number of processes.

    Needs an application context; commits. The next call of that day repeats those for which a receiver failed.

    :param day: None: for each user the present day in their own time zone.
    :param again: whether to send those again that were sent already.
    """
    state.complete_setup()
    ctx, sent, failed = state.context(), 0, 0
    for found in digests.each(ctx, day):
        if not digests.claim(ctx, found.digest) and not again:
            continue
        if announce(signals.digest_due, found.digest, user=found.user):
            sent += 1
        else:
            failed += 1
            digests.release(ctx, found.digest)
    return HandedOver(sent, failed)
