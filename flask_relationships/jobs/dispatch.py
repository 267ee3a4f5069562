"""Where messages are sent. The table is the queue; a dispatcher only rings a bell, with an id and nothing personal."""

from __future__ import annotations

from typing import ClassVar, Protocol
from uuid import UUID

from ..api.application import state
from ..domain.messages.delivery import Outcome, deliver
from ..domain.messages.statuses import FIRST


class Dispatcher(Protocol):
    immediate: ClassVar[bool]
    """Whether `kick` sends the message itself: it is then committed as ``sending`` and not as ``queued``."""

    def kick(self, message_id: UUID) -> Outcome:
        """A message was committed, and is due. Returns what is known of it at once."""
        ...


class InlineDispatcher:
    """Sends in the request itself."""

    immediate: ClassVar[bool] = True

    def kick(self, message_id: UUID) -> Outcome:
        return deliver(state.context(), message_id, FIRST)
