"""Dispatch messages. Messages are queued in their table. A dispatcher receives only the message id."""

from __future__ import annotations

from typing import ClassVar, Protocol
from uuid import UUID

from ..api.application import state
from ..domain.messages.delivery import Outcome, deliver
from ..domain.messages.statuses import FIRST


class Dispatcher(Protocol):
    """Starts the delivery of a message."""

    immediate: ClassVar[bool]
    """Whether `kick` sends the message itself. It is then committed as ``sending``, otherwise as ``queued``."""

    def kick(self, message_id: UUID) -> Outcome:
        """Start to send a committed message that is due, and return what is known at once."""
        ...


class InlineDispatcher:
    """Sends messages inside the request."""

    immediate: ClassVar[bool] = True

    def kick(self, message_id: UUID) -> Outcome:
        """Send the message, and return the outcome."""
        return deliver(state.context(), message_id, FIRST)
