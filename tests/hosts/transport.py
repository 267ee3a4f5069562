"""The package's own transport for tests, with a look at what goes on while the provider is waited for."""

from __future__ import annotations

from collections.abc import Callable

from flask_relationships import OutboundMessage, Receipt
from flask_relationships.testing import MemoryTransport


class WatchedTransport(MemoryTransport):
    """``during`` is called inside every `send`, where the provider would be waited for."""

    during: Callable[[], None] | None = None

    def send(self, message: OutboundMessage) -> Receipt:
        if self.during is not None:
            self.during()
        return super().send(message)
