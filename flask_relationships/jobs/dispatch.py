"""Dispatch messages. Messages are queued in their table. A dispatcher receives only the message id."""

from __future__ import annotations

from typing import ClassVar, Protocol
from uuid import UUID

from ..context import Context
from ..domain.messages.sending import SendSignal, Sent, send
from ..domain.messages.statuses import FIRST_ATTEMPT


class Dispatcher(Protocol):
    """Starts the delivery of a message."""

    immediate: ClassVar[bool]
    """Whether `kick` sends the message. It is then committed as ``sending``, else as ``queued``."""

    def kick(self, ctx: Context, message_id: UUID, after_commit: SendSignal) -> Sent:
        """Send a committed message that is due, or notify a background worker.

        :param after_commit: sends a signal after the commit of the request, see `sending.send`.
        :returns: the result. Nothing is begun if a worker sends the message.
        """
        ...


class InlineDispatcher:
    """Sends messages inside the request."""

    immediate: ClassVar[bool] = True

    def kick(self, ctx: Context, message_id: UUID, after_commit: SendSignal) -> Sent:
        """Send the message, whose first attempt the request has committed."""
        return send(ctx, message_id, attempt=FIRST_ATTEMPT, after_commit=after_commit)
