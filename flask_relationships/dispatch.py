"""Where messages are sent. The table is the queue; a dispatcher only rings a bell, with an id and nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from .errors import Problem
from .messages import service as messages
from .state import state

if TYPE_CHECKING:
    from .actions.tables import ActionTable


class Dispatcher(Protocol):
    def kick(self, message_id: UUID) -> tuple[Problem | None, ActionTable | None]:
        """A message was committed as ``sending``.

        Returns the problem to answer with and the action that is done by it, where that is known at once.
        """
        ...


class InlineDispatcher:
    """Sends in the request itself."""

    def kick(self, message_id: UUID) -> tuple[Problem | None, ActionTable | None]:
        return messages.deliver(state.session, state.models, message_id)
