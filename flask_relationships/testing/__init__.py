"""What a host's own tests may import."""

from ..transports.memory import MemoryTransport
from .caller import Caller
from .host import ContractHost

__all__ = ["Caller", "ContractHost", "MemoryTransport"]
