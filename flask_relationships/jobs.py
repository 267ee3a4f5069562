"""What time brings: done by ``flask relationships run-due``, as often as you like, by any number of processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .messages import recovery
from .state import state

MOST_LOOKED_FOR = 500
"""How many unclear messages one run looks for: each is a request to the provider."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: how many messages a dead process had left, and what was learnt of those that were unclear."""

    lapsed: int
    found: int
    not_sent: int
    unclear: int


def run_due() -> Done:
    """Do what is due. Needs an application context; commits in small steps, and may be killed at any of them."""
    session, models = state.session, state.models
    lapsed = recovery.lapse(session, models)
    fates = Counter(
        recovery.look_for(session, models, message_id)
        for message_id in recovery.unclear(session, models, MOST_LOOKED_FOR)
    )
    return Done(lapsed, fates["found"], fates["not_sent"], fates["unclear"])
