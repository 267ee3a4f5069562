"""Send through Twilio with Twilio's own client, which is imported only when a message is sent.

Twilio has no idempotency key for messages. The result therefore states whether a message was accepted, was certainly
not accepted, or may have been. Only a 429 is retried, because Twilio has not processed such a request. Errors are
raised outside the handler that caught the client's exception, which holds the request and may contain the phone number.
"""

from __future__ import annotations

import json
import logging
import os
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError, Mistake
from ..base import (
    Channel,
    OutboundMessage,
    Receipt,
    Report,
    TransportDisabled,
    TransportError,
    TransportNotConfigured,
    TransportUnavailable,
    TransportUnclear,
)
from ..senders import Sender
from . import history as twilio_list
from .addresses import bare
from .errors import TooManyRequests, number, refusal

if TYPE_CHECKING:
    import requests

    from ...config import Settings

PAUSE_RANGES_SECONDS = ((0.2, 0.5), (0.5, 1.0))
"""The pauses before the second and the third attempt after a 429, at random between the two numbers."""

MAX_PAUSE_SECONDS = 2.0
"""The sum of all pauses: a user waits for the answer."""

_random = SystemRandom()

# The client logs the address of every request, and a search for messages has the phone number in its address.
# A logger outside the hierarchy keeps that out of the logs and leaves the host's own use of the client alone.
_SILENT = logging.Logger(f"{__name__}.client", logging.WARNING)


def _hide_query(record: logging.LogRecord) -> bool:
    """Remove the query from urllib3's DEBUG logs of requests to Twilio: it may contain a number."""
    if isinstance(record.args, tuple) and any(str(one).endswith("twilio.com") for one in record.args):
        record.args = tuple(one.partition("?")[0] if isinstance(one, str) else one for one in record.args)
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_hide_query)


@dataclass(slots=True)
class _Answer:
    """The head of the last answer, also if its body was unreadable. Stored per thread."""

    status: int
    retry_after: int | None
    date: datetime | None


class TwilioTransport:
    """Send SMS, MMS and WhatsApp messages.

    The transport uses an API key, or an account with its auth token; the key takes precedence. SMS and MMS leave
    through the Messaging Service if there is one, since opt-outs and registration belong to it, else from ``sms_from``.
    WhatsApp leaves from ``whatsapp_from``, else through the Messaging Service. From the process environment only
    proxies and certificates are used.

    :param auth_token: one token, or several of which the first is used.
    :param timeout: seconds to connect, and to wait for each part of the answer.
    :param sleep: waits a number of seconds.
    :raises ConfigurationError: a region without an edge, or the reverse: no such host exists.
    """

    def __init__(
        self,
        *,
        account_sid: str | None = None,
        auth_token: str | tuple[str, ...] | None = None,
        api_key_sid: str | None = None,
        api_key_secret: str | None = None,
        sms_from: str | None = None,
        whatsapp_from: str | None = None,
        messaging_service_sid: str | None = None,
        region: str | None = None,
        edge: str | None = None,
        timeout: tuple[float, float] = (3.0, 10.0),
        enabled: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if bool(region) != bool(edge):
            words = "Twilio's region and edge must be set together."
            raise ConfigurationError([Mistake("config_region_edge", words, "Set both, or neither.")])
        token = auth_token if isinstance(auth_token, str) or not auth_token else auth_token[0]
        self._account_sid = account_sid
        self._login = (api_key_sid, api_key_secret) if api_key_sid and api_key_secret else (account_sid, token)
        service = {"messaging_service_sid": messaging_service_sid} if messaging_service_sid else {}
        texts = service or ({"from_": sms_from} if sms_from else {})
        whatsapp = {"from_": f"whatsapp:{bare(whatsapp_from)}"} if whatsapp_from else service
        self._senders: dict[Channel, dict[str, str]] = {"sms": texts, "mms": texts, "whatsapp": whatsapp}
        self._region, self._edge = region, edge
        self._timeout = timeout
        self._enabled = enabled
        self._sleep = sleep
        self._clients: dict[int, Any] = {}
        self._last = threading.local()
        self._largest_skew = timedelta()

    @classmethod
    def from_settings(cls, settings: Settings) -> TwilioTransport:
        """Return the transport of an application's ``RELATIONSHIPS_TWILIO_*`` keys, complete or not."""
        return cls(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token,
            api_key_sid=settings.twilio_api_key_sid,
            api_key_secret=settings.twilio_api_key_secret,
            sms_from=settings.twilio_sms_from,
            whatsapp_from=settings.twilio_whatsapp_from,
            messaging_service_sid=settings.twilio_messaging_service_sid,
            region=settings.twilio_region,
            edge=settings.twilio_edge,
            timeout=settings.twilio_timeout,
            enabled=settings.twilio_enabled,
        )

    @property
    def connected(self) -> bool:
        """Whether sending is enabled and there are credentials and a sender for at least one channel."""
        return self._enabled and self._has_credentials and any(self._senders.values())

    def require_ready(self, channel: Channel) -> None:
        self._require_sender(channel, self._senders[channel])

    def require_ready_from(self, channel: Channel, sender: Sender) -> None:
        """Check that this channel can send from a sender of the application, as `require_ready` does."""
        self._require_sender(channel, _form_of(channel, sender))

    def _require_sender(self, channel: Channel, sender: dict[str, str]) -> None:
        self._require_credentials()
        if not sender:
            raise TransportNotConfigured(f"Twilio has neither a {channel} sender nor a Messaging Service here.")
        if not self._enabled:
            raise TransportDisabled("Sending through Twilio is switched off.")

    def send(self, message: OutboundMessage) -> Receipt:
        """Send one message.

        :raises TransportNotConfigured: as `require_ready`, or Twilio refuses the account.
        :raises TransportDisabled: as `require_ready`.
        :raises TransportUnavailable: Twilio cannot be reached, or is too busy.
        :raises TransportRefused: any other 4xx.
        :raises TransportUnclear: the answer does not state whether the message was accepted.
        """
        self._require_sender(message.channel, self._sender_of(message))
        form = self._form(message)
        outcome = self._attempt(form)
        paused = 0.0
        for least, most in PAUSE_RANGES_SECONDS:
            if not isinstance(outcome, TooManyRequests):
                break
            pause = max(_random.uniform(least, most), outcome.retry_after or 0)
            if paused + pause > MAX_PAUSE_SECONDS:
                break
            self._sleep(pause)
            paused += pause
            outcome = self._attempt(form)
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    def find(self, message: OutboundMessage, attempted_at: datetime) -> list[Report]:
        """Return the messages in Twilio's list that may be this one; see `search`."""
        now = datetime.now(UTC).replace(tzinfo=None)
        return [report for report in self.search(message, attempted_at, now) if report.is_alike]

    def search(self, message: OutboundMessage, attempted_at: datetime, now: datetime) -> list[Report]:
        """Return the outbound messages in Twilio's list that went to this recipient about that time, from any sender.

        The request has no date: Twilio's dates are days, and a queued message has none. It has no sender: a Messaging
        Service chooses it later, and the configured one may have changed.

        :param now: our clock. Twilio's ``Date`` header shows the difference of the clocks.
        :raises TransportUnavailable: the list could not be read to its end.
        :raises TransportNotConfigured: no credentials; no request is made then.
        """
        self._require_credentials()
        client, began = self._client(), time.monotonic()
        self._last.answer = None

        def window() -> twilio_list.Window:
            answer: _Answer | None = self._last.answer
            measured = timedelta()
            if answer is not None and answer.date is not None:
                ours = now.replace(tzinfo=UTC) + timedelta(seconds=time.monotonic() - began)
                measured = answer.date - ours
            return twilio_list.window_around(attempted_at.replace(tzinfo=UTC), max(abs(measured), self._largest_skew))

        return twilio_list.search(client, message, window)

    def fetch(self, provider_sid: str) -> Report | None:
        """Return Twilio's present report about one message, None if it has no such message.

        :raises TransportUnavailable: the message could not be read.
        :raises TransportNotConfigured: no credentials; no request is made then.
        """
        from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

        self._require_credentials()
        try:
            return twilio_list.report_of_listed(self._client().messages(provider_sid).fetch())
        except TwilioRestException as error:
            if error.status == 404:
                return None
            reason = type(error).__name__
        except Exception as error:  # the client lets through what requests, urllib3 and json raise
            reason = type(error).__name__
        raise TransportUnavailable(f"Twilio's message could not be read ({reason}).")

    @property
    def _has_credentials(self) -> bool:
        return bool(self._account_sid and all(self._login))

    def _require_credentials(self) -> None:
        if not self._has_credentials:
            raise TransportNotConfigured(
                "Twilio's credentials are missing: an account SID, and a token or an API key with its secret."
            )

    def _sender_of(self, message: OutboundMessage) -> dict[str, str]:
        """Return the sender of a message as Twilio's parameters."""
        return self._senders[message.channel] if message.sender is None else _form_of(message.channel, message.sender)

    def _form(self, message: OutboundMessage) -> dict[str, Any]:
        form: dict[str, Any] = dict(self._sender_of(message))
        form["to"] = f"whatsapp:{message.to}" if message.channel == "whatsapp" else message.to
        if message.content_sid:
            form["content_sid"] = message.content_sid
            if message.content_variables:
                form["content_variables"] = json.dumps(dict(message.content_variables))
        else:
            form["body"] = message.body or None
            form["media_url"] = [message.media_url] if message.media_url else None
        if message.status_callback:
            form["status_callback"] = message.status_callback
        if message.validity_period:
            form["validity_period"] = message.validity_period
        return form

    def _attempt(self, form: dict[str, Any]) -> Receipt | TransportError:
        client = self._client()
        self._last.answer = None
        try:
            created = client.messages.create(**form)
        except Exception as error:  # the client lets through what requests, urllib3 and json raise
            return self._failure(error)
        if not isinstance(created.sid, str) or not created.sid:
            return TransportUnclear("Twilio's answer names no message.")
        sender = created.from_ or form.get("from_")
        return Receipt(
            provider_sid=created.sid,
            status=twilio_list.status(created.status),
            from_number=bare(str(sender)) if sender else None,
            num_segments=number(created.num_segments) or None,
        )

    def _failure(self, error: Exception) -> TransportError:
        answer: _Answer | None = self._last.answer
        kind = type(error).__name__
        if answer is None:
            if _never_left(error):
                return TransportUnavailable("The message provider could not be reached; the message was not sent.")
            return TransportUnclear(f"The request to Twilio had no answer ({kind}).")
        from twilio.base.exceptions import TwilioException

        # The status is the answer's own: one family of the client's exceptions takes it from the body.
        if 400 <= answer.status < 500 and isinstance(error, TwilioException):
            return refusal(answer.status, _code(error), answer.retry_after)
        return TransportUnclear(
            f"Twilio's answer leaves open whether the message was taken (HTTP {answer.status}, {kind})."
        )

    def _client(self) -> Any:
        """Return the client of this process: two processes must not share a TLS connection."""
        process = os.getpid()
        if process not in self._clients:
            self._clients.setdefault(process, self._build_client())  # the same one for threads that race
            for inherited in [other for other in list(self._clients) if other != process]:
                self._clients.pop(inherited, None)
        return self._clients[process]

    def _build_client(self) -> Any:
        from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
        from twilio.rest import Client  # type: ignore[import-untyped]

        http = TwilioHttpClient(logger=_SILENT, request_hooks={"response": self._remember})
        http.timeout = self._timeout  # its constructor refuses a pair
        user, secret = self._login
        # The client reads the environment of the process if this mapping is empty.
        return Client(
            user,
            secret,
            self._account_sid,
            region=self._region,
            edge=self._edge,
            http_client=http,
            environment={"": ""},
        )

    def _remember(self, response: requests.Response, *_: object, **__: object) -> None:
        date = _date_of(response)
        if date is not None:
            self._largest_skew = max(self._largest_skew, abs(datetime.now(UTC) - date))
        self._last.answer = _Answer(response.status_code, number(response.headers.get("Retry-After")), date)


def _date_of(response: requests.Response) -> datetime | None:
    """Return Twilio's time at an answer, to the second; None where the header is missing or unreadable."""
    try:
        date = parsedate_to_datetime(response.headers.get("Date") or "")
    except (TypeError, ValueError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _form_of(channel: Channel, sender: Sender) -> dict[str, str]:
    number, service = sender.address_for(channel)
    if service:
        return {"messaging_service_sid": service}
    if not number:
        return {}
    return {"from_": f"whatsapp:{number}" if channel == "whatsapp" else number}


def _code(error: Exception) -> int | None:
    """Return Twilio's own code, of five digits or more. Without one, the client has the HTTP status there."""
    code = number(getattr(error, "code", None))
    return code if code and code >= 10_000 else None


def _never_left(error: Exception) -> bool:
    """Return whether no byte of the request can have left: no address, connection or trusted certificate."""
    from requests.exceptions import ConnectTimeout, ProxyError
    from urllib3.exceptions import NewConnectionError, SSLError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, SSLError):  # any other TLS error may come in the middle of an answer
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(error, (ConnectTimeout, ProxyError)) or isinstance(reason, NewConnectionError)
