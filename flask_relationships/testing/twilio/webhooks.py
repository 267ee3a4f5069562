"""Create and post the signed webhooks of Twilio: status callbacks and inbound messages."""

from __future__ import annotations

import mimetypes
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlencode, urlsplit

from .account import Account
from .messages import API_VERSION, FakeMessage

if TYPE_CHECKING:
    from flask import Flask

FORM = "application/x-www-form-urlencoded"
WEBHOOK_TIMEOUT_SECONDS = 15
"""How long Twilio waits for an answer."""

EVENTS = {"delivered": "DELIVERED", "read": "READ", "undelivered": "UNDELIVERED", "failed": "FAILED", "sent": "SENT"}


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One POST: the URL that Twilio signs, the form, and the headers with the signature."""

    url: str
    form: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def body(self) -> bytes:
        """Return the encoded form."""
        return urlencode(self.form).encode()


@dataclass(frozen=True, slots=True)
class Posted:
    """A request, and the HTTP status of the answer; None without an answer."""

    request: SignedRequest
    status: int | None


def sign(url: str, form: Mapping[str, str], auth_token: str) -> SignedRequest:
    """Return a request that Twilio's own code has signed. The fragment of the URL is not signed."""
    from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

    url = urldefrag(url).url
    signature = RequestValidator(auth_token).compute_signature(url, dict(form))
    return SignedRequest(url, dict(form), {"Content-Type": FORM, "X-Twilio-Signature": signature})


def status_form(message: FakeMessage, account: Account, more: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a status callback.

    :param more: further fields, or other values.
    """
    form = {
        "ApiVersion": API_VERSION,
        "AccountSid": account.account_sid,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "To": message.to,
        "From": message.from_ or "",
    }
    if message.error_code:
        form["ErrorCode"] = str(message.error_code)
    if message.messaging_service_sid:
        form["MessagingServiceSid"] = message.messaging_service_sid
    channel = _channel(message)
    if channel is not None:
        form["ChannelPrefix"] = channel
        form["ChannelToAddress"] = message.to.removeprefix(f"{channel}:")[:-4] + "XXXX"
        if message.status in EVENTS:
            form["EventType"] = EVENTS[message.status]
    elif message.status in ("delivered", "undelivered"):
        form["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    return {**form, **more}


def inbound_form(message: FakeMessage, account: Account, more: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of an inbound message.

    :param more: further fields, or other values.
    """
    form = {
        "ApiVersion": API_VERSION,
        "AccountSid": account.account_sid,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "From": message.from_ or "",
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
        "NumSegments": "1",
    }
    for number, url in enumerate(message.media):
        form[f"MediaUrl{number}"] = url
        form[f"MediaContentType{number}"] = mimetypes.guess_type(urlsplit(url).path)[0] or "image/jpeg"
    if _channel(message) == "whatsapp":
        form["ProfileName"] = "Somebody"
        form["WaId"] = (message.from_ or "").removeprefix("whatsapp:").removeprefix("+")
    else:
        where = ("City", "State", "Zip", "Country")
        form |= {f"{end}{part}": "" for end in ("From", "To") for part in where}
    return {**form, **more}


def _channel(message: FakeMessage) -> str | None:
    """Return the channel that Twilio names before an address of this message, else None."""
    named = (address.partition(":") for address in (message.to, message.from_ or ""))
    return next((scheme for scheme, colon, _ in named if colon), None)


def post(request: SignedRequest, to: Flask | str | None) -> int:
    """Send a request, and return the status of the answer. No request leaves this machine.

    :param to: an application, which is called without a server; or the address of its server, such as
        ``http://127.0.0.1:5000``; None if the URL itself is on this machine.
    :raises OSError: without an answer.
    """
    asked = urlsplit(request.url)
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    if to is not None and not isinstance(to, str):
        from werkzeug.test import Client

        origin = f"{asked.scheme}://{asked.netloc}"
        return Client(to).post(target, origin, data=request.body, headers=dict(request.headers)).status_code
    place = urlsplit(to or request.url)
    if place.scheme != "http" or place.hostname not in ("127.0.0.1", "localhost"):
        raise RuntimeError(
            f"A fake Twilio posts to this machine only, and {asked.scheme}://{asked.netloc} is not on it. "
            "Pass FakeTwilio(webhooks_to=...): an app, or http://127.0.0.1 with its port."
        )
    connection = HTTPConnection("127.0.0.1", place.port or 80, timeout=WEBHOOK_TIMEOUT_SECONDS)
    try:
        connection.request("POST", target, request.body, {"Host": asked.netloc, **request.headers})
        answer = connection.getresponse()
        answer.read()
    except HTTPException as error:
        raise ConnectionError("The application did not answer.") from error
    finally:
        connection.close()
    return answer.status


class Automatic:
    """Posts the callbacks of accepted messages in a thread, one after the other."""

    def __init__(self, statuses: Sequence[str], deliver: Callable[[str, str], object]) -> None:
        self._statuses, self._deliver = statuses, deliver
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._left, self._changed = 0, threading.Condition()
        self._thread = threading.Thread(target=self._work, name="fake-twilio-callbacks", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def taken(self, message: FakeMessage) -> None:
        """Queue the callbacks of an accepted message."""
        if self._statuses and message.status_callback:
            with self._changed:
                self._left += 1
            self._waiting.put(message.sid)

    def settle(self, seconds: float) -> bool:
        """Wait until all are posted, at most so many seconds. Return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._left, seconds)

    def stop(self) -> None:
        """End the thread."""
        self._waiting.put(None)
        self._thread.join(WEBHOOK_TIMEOUT_SECONDS)

    def _work(self) -> None:
        while (sid := self._waiting.get()) is not None:
            for status in self._statuses:
                self._deliver(sid, status)
            with self._changed:
                self._left -= 1
                self._changed.notify_all()
