"""Define the protocol of message transports: the messages they take, their results and their errors.

A transport does not use the database. It is called without an open transaction, and must limit its own waiting time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from ..errors import RelationshipsError
from .senders import Sender

Channel = Literal["sms", "whatsapp", "mms"]
"""The channel of a message."""

Effect = Literal["suppress", "flag"]
"""The effect of a refusal on later messages: ``suppress``, the recipient wants none (STOP); ``flag``, the number cannot
receive any on this channel."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to send. ``id`` is our own message id, ``to`` a number in E.164 without any channel prefix.

    With ``content_sid`` the provider creates the text from a template, and ``body`` is only our record of it.
    ``validity_period``: seconds after which the message must not be delivered any more.

    ``sender`` is the sender of the message; None is the transport's own. A transport that ignores it sends every
    message from its own sender.

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
    """The provider has accepted a message: its provider id and first status, and sender and segments if known."""

    provider_sid: str
    status: str
    from_number: str | None = None
    num_segments: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The provider's report about one message. ``error_code`` is its own, ``detail`` the text for the end user.

    ``delivered_via`` is ``rcs`` if the provider used RCS instead of the requested channel.

    ``text`` and ``created_at`` (naive UTC, by the provider's clock) come from its list. ``is_alike``: whether text and
    time of the message in the list fit the message that was searched for.
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
    """The application has switched sending off. Nothing was sent."""


class TransportUnavailable(TransportError):
    """The provider could not be reached, or was too busy, and has certainly not taken the message."""

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail, self.retry_after = detail, retry_after


class TransportRefused(TransportError):
    """The provider refused the message. Nothing was sent. ``detail`` is the text for the end user.

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
    """The message may or may not have been sent: a timeout, a reset, a 5xx, an unreadable answer.

    It is never sent again automatically.
    """


class MessageTransport(Protocol):
    """The protocol of a transport. `MemoryTransport` in ``flask_relationships.testing`` is the smallest one.

    A transport may have one more method, ``require_ready_from(channel, sender)``. It raises the errors of
    `require_ready` if this channel cannot send from this `Sender`. Without it `require_ready` is called.
    """

    @property
    def connected(self) -> bool:
        """Whether messages could be sent now. The API reports it as ``twilio_connected``."""
        ...

    def require_ready(self, channel: Channel) -> None:
        """Check that this channel can send, without a request.

        :raises TransportNotConfigured: credentials or the sender are missing.
        :raises TransportDisabled: sending is switched off.
        """
        ...

    def send(self, message: OutboundMessage) -> Receipt:
        """Send one message, with a limited waiting time.

        :raises TransportError: see its subclasses.
        """
        ...


@runtime_checkable
class MessageLookup(Protocol):
    """An optional protocol of a transport: find a message whose answer was lost."""

    def find(self, message: OutboundMessage, attempted_at: datetime) -> list[Report]:
        """Return the messages at the provider that may be this one, with a limited waiting time.

        :param attempted_at: the time of the attempt, naive UTC.
        :returns: an empty list if there is none.
        :raises TransportError: the provider's list could not be read.
        """
        ...


@runtime_checkable
class MessageSearch(Protocol):
    """An optional protocol, instead of `MessageLookup`. Without either, unconfirmed messages stay unconfirmed."""

    def search(self, message: OutboundMessage, attempted_at: datetime, now: datetime) -> list[Report]:
        """Return every message at the provider to this recipient about that time, with any text.

        The waiting time is limited.

        :param attempted_at: the time of the attempt, naive UTC by our clock.
        :param now: our clock, naive UTC, to measure the difference from the provider's clock.
        :returns: reports with ``text``, ``created_at`` and ``is_alike``; an empty list if there is none.
        :raises TransportError: the provider's list could not be read.
        """
        ...


@runtime_checkable
class MessageStatusLookup(Protocol):
    """An optional protocol: read the status of a message. Without it, a lost report is not replaced."""

    def fetch(self, provider_sid: str) -> Report | None:
        """Return the provider's present report about one of its messages, None if it has no such message.

        The waiting time is limited.

        :raises TransportError: the message could not be read.
        """
        ...
