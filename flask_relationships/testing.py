"""What a host's own tests may import."""

from .transports.memory import MemoryTransport

__all__ = ["MemoryTransport"]
