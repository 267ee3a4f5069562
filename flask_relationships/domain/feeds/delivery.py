"""Handing digests over to the application, which mails them: by ``flask relationships digest --send`` or by Celery."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ... import signals
from ...api.application import announce, state
from . import digests


class HandedOver(NamedTuple):
    """How many digests the receivers of ``digest_due`` took, and for how many one of them failed."""

    sent: int = 0
    failed: int = 0


def is_heard() -> bool:
    """Whether anybody would take a digest."""
    return bool(signals.digest_due.receivers)


def hand_over(day: date | None = None, *, again: bool = False) -> HandedOver:
    """Hand over the digests of a day, each once however many processes do it.

    Needs an application context; commits. One that a receiver fails at is handed over by the next call of that day.

    :param day: None: for each user the present day in their own time zone.
    :param again: whether to hand over those too that were handed over already.
    """
    state.complete_setup()
    sent = failed = 0
    for found in digests.each(state.context(), day):
        if digests.claim(state.context(), found.digest) or again:
            heard = announce(signals.digest_due, found.digest, user=found.user)
            sent, failed = sent + heard, failed + (not heard)
            if not heard:
                digests.give_back(state.context(), found.digest)
    return HandedOver(sent, failed)
