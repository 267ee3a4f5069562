"""The parts that the tests of an application import."""

from ..providers.memory import MemoryTransport
from .caller import Caller
from .host import ContractHost
from .twilio import FakeMessage, FakeTwilio, SignedRequest

__all__ = ["Caller", "ContractHost", "FakeMessage", "FakeTwilio", "MemoryTransport", "SignedRequest"]
