"""What time brings: done by ``flask relationships run-due``, as often as you like, by any number of processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from blinker import NamedSignal
from flask import current_app

from . import signals
from .messages import delivery, limits, recovery, waiting
from .state import state

MOST_SENT = 500
"""How many waiting messages one run sends."""

MOST_LOOKED_FOR = 500
"""How many unclear messages one run looks for: each is a request to the provider."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: how many messages a dead process had left, what was learnt of those that were unclear, and how
    many were sent that had waited."""

    lapsed: int
    found: int
    not_sent: int
    unclear: int
    sent: int = 0


def run_due() -> Done:
    """Do what is due. Needs an application context; commits in small steps, and may be killed at any of them."""
    session, models = state.session, state.models
    limits.forget(session, models, state.now())
    session.commit()
    sent = sum(_send(message_id) for message_id in waiting.due(session, models, MOST_SENT))
    lapsed = recovery.lapse(session, models)
    fates = Counter(
        recovery.look_for(session, models, message_id)
        for message_id in recovery.unclear(session, models, MOST_LOOKED_FOR)
    )
    return Done(lapsed, fates["found"], fates["not_sent"], fates["unclear"], sent)


def _send(message_id: UUID) -> bool:
    """Send a message that waits, unless another process has begun to, and tell the application's receivers."""
    session, models = state.session, state.models
    attempt = delivery.claim(session, models, message_id)
    if attempt is None:
        return False
    problem, action = delivery.deliver(session, models, message_id, attempt)
    message = session.get(models.Message, message_id)
    if message is not None and problem is not None:
        _announce(signals.message_failed, message)
    elif message is not None and message.provider_sid is not None:
        _announce(signals.message_sent, message)
    if action is not None:
        _announce(signals.action_closed, action)
    session.commit()
    return problem is None


def _announce(signal: NamedSignal, row: Any) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    signals.send(signal, app, row=row, user=None)
