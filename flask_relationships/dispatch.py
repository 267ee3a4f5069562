"""Where messages are sent. The table is the queue; a dispatcher only rings a bell, with an id and nothing personal."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from .messages.delivery import Outcome, deliver
from .state import state


class Dispatcher(Protocol):
    def kick(self, message_id: UUID) -> Outcome:
        """A message was committed as ``sending``. Returns what is known of it at once."""
        ...


class InlineDispatcher:
    """Sends in the request itself."""

    def kick(self, message_id: UUID) -> Outcome:
        return deliver(state.session, state.models, message_id)
