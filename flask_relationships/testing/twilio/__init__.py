"""A fake Twilio: see `FakeTwilio`. ``python -m flask_relationships.testing.twilio --help`` starts one alone."""

from .fake import FakeTwilio
from .messages import FakeMessage
from .webhooks import SignedRequest

__all__ = ["FakeMessage", "FakeTwilio", "SignedRequest"]
