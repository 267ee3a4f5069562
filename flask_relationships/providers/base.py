"""What a message transport is: one protocol, what it is given, what it answers and how it fails.

A transport knows nothing of the database. It is called with no transaction open and must bound its own waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from ..errors import RelationshipsError
from .senders import Sender

Channel = Literal["sms", "whatsapp", "mms"]
"""How a message travels."""

Effect = Literal["suppress", "flag"]
"""What a refusal means beyond its one message: ``suppress``, the recipient wants none at all (STOP); ``flag``, the
number cannot receive any by this channel."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to send. ``id`` is our own message id, ``to`` a number in E.164 without any channel prefix.

    With ``content_sid`` the provider writes the text, and ``body`` is only our record of it. ``validity_period``:
    after so many seconds it is better not delivered at all.

    ``sender`` is where it leaves from; None is the transport's own sender. A transport that ignores it sends everything
    from its own.

    Its repr shows neither numbers nor texts: error trackers print local variables.
    """

    id: str
    channel: Channel
    to: str = field(repr=False)
    body: str = field(repr=False)
    media_url: str | None = field(default=None, repr=False)
    content_sid: str | None = None
    content_variables: Mapping[str, str] | None = field(default=None, repr=False)
    status_callback: str | None = field(default=None, repr=False)
    validity_period: int | None = None
    sender: Sender | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has accepted a message: its id there, its first status, and sender and segments where known."""

    provider_sid: str
    status: str
    from_number: str | None = None
    num_segments: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says of one message. ``error_code`` is its own, ``detail`` the words for the end user.

    ``delivered_via`` is ``rcs`` where the provider chose that channel instead of the one that was asked for.

    ``text`` and ``created_at`` (naive UTC, by the provider's clock) come from its list. ``is_alike``: whether the
    message in the list is the one that was searched for, as far as its text and its time can say.
    """

    status: str
    provider_sid: str | None = None
    from_number: str | None = None
    num_segments: int | None = None
    error_code: str | None = None
    detail: str | None = None
    effect: Effect | None = None
    delivered_via: str | None = None
    text: str | None = field(default=None, repr=False)
    created_at: datetime | None = None
    is_alike: bool = True


class TransportError(RelationshipsError):
    """A message did not leave, or may not have left."""


class TransportNotConfigured(TransportError):
    """Credentials or a sender are missing or wrong. Nothing was sent."""


class TransportDisabled(TransportError):
    """The host has switched sending off. Nothing was sent."""


class TransportUnavailable(TransportError):
    """The provider could not be reached, or was too busy, and has certainly not taken the message."""

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail, self.retry_after = detail, retry_after


class TransportRefused(TransportError):
    """The provider answered clearly that it will not send this message. ``detail`` is for the end user.

    ``status`` and ``code`` are the HTTP status and the problem code to answer with; ``provider_code`` is the
    provider's own number.
    """

    def __init__(
        self,
        detail: str,
        *,
        status: int = 502,
        code: str = "provider_refused",
        provider_code: int | None = None,
        effect: Effect | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail, self.status, self.code = detail, status, code
        self.provider_code, self.effect = provider_code, effect


class TransportUnclear(TransportError):
    """The message may or may not have been sent: a timeout, a reset, a 5xx, an answer that cannot be read.

    It must never be sent again by itself.
    """


class MessageTransport(Protocol):
    """Anything that can send a text. `MemoryTransport` in ``flask_relationships.testing`` is the smallest.

    A transport may have one more method, ``require_ready_from(channel, sender)``: it raises as `require_ready` does if
    this channel cannot send from this `Sender`. Without it `require_ready` is called for every sender.
    """

    @property
    def connected(self) -> bool:
        """Whether messages could be sent now: what the API reports as ``twilio_connected``."""
        ...

    def require_ready(self, channel: Channel) -> None:
        """Raise `TransportNotConfigured`, else `TransportDisabled`, if this channel cannot send. No network."""
        ...

    def send(self, message: OutboundMessage) -> Receipt:
        """Send one message, waiting a bounded time. Raises a `TransportError`."""
        ...


@runtime_checkable
class MessageLookup(Protocol):
    """What a transport may have besides: a way to ask what became of a message whose answer was lost."""

    def find(self, message: OutboundMessage, attempted_at: datetime) -> list[Report]:
        """The messages at the provider that may be this one, which was tried at that time (naive UTC).

        Waits a bounded time. Raises a `TransportError` where it cannot be told: an empty list says that there is none.
        """
        ...


@runtime_checkable
class MessageSearch(Protocol):
    """What a transport may have instead of `MessageLookup`. Without either, unconfirmed messages stay unconfirmed."""

    def search(self, message: OutboundMessage, attempted_at: datetime, now: datetime) -> list[Report]:
        """Return every message at the provider that went to this recipient about that time, whatever its text.

        :param attempted_at: when the message was tried, naive UTC by our clock.
        :param now: our clock, naive UTC: it shows how far the provider's clock is from it.
        :returns: reports with ``text``, ``created_at`` and ``is_alike``. An empty list says that there is none.
        :raises TransportError: where that cannot be said. Waits a bounded time.
        """
        ...


@runtime_checkable
class MessageStatusLookup(Protocol):
    """What a transport may have besides. Without it, a lost report is never made good."""

    def fetch(self, provider_sid: str) -> Report | None:
        """Return what the provider says of one of its messages now, or None where it has no such message.

        :raises TransportError: where it cannot be read. Waits a bounded time.
        """
        ...
