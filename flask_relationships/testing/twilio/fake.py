"""The fake Twilio for tests."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ...api.application import EXTENSION
from ...providers.twilio.transport import TwilioTransport
from .account import Account, LoopbackTransport, led_to
from .api import Attempt, MessageAPI
from .faults import Fault, Faults, Operation, Plan
from .messages import FakeMessage, MessageLog, read_log
from .server import LoopbackServer
from .webhooks import Automatic, Posted, SignedRequest, inbound_form, post, sign, status_form

if TYPE_CHECKING:
    from flask import Flask


class FakeTwilio(Account):
    """A server on 127.0.0.1 that Twilio's real client uses over HTTP.

    It creates, lists and fetches messages, refuses what Twilio refuses, fails as `fail` says, and posts signed
    callbacks and inbound messages. Use it in a ``with`` statement, or call `start` and `stop`. It is safe for threads.
    Its account consists of class attributes: ``account_sid``, ``auth_token``, ``api_key_sid``, ``api_key_secret``,
    ``sms_from``, ``whatsapp_from`` and ``messaging_service_sid``.

    :param port: 0 for a free port.
    :param log: a file to which each accepted message is written before the answer. A restarted fake reads it.
    :param list_lag: seconds until the list has a new message.
    :param callbacks: statuses that are posted automatically for each message with a status callback.
    :param webhooks_to: an app, or ``http://127.0.0.1:5000``, that receives the requests to its public URL.
    :param seed: seed of the faults of a share of requests.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        log: str | os.PathLike[str] | None = None,
        list_lag: float = 0,
        callbacks: Sequence[str] = (),
        webhooks_to: Flask | str | None = None,
        seed: int = 0,
    ) -> None:
        self.webhooks_to = webhooks_to
        self.posted: list[Posted] = []
        self._faults, self._log = Faults(seed), MessageLog(log)
        self._automatic = Automatic(callbacks, self._deliver_quietly)
        self._api = MessageAPI(self, self._log, self._faults, self._automatic.taken)
        self.list_lag = list_lag
        self._server = LoopbackServer(self._api, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="fake-twilio", daemon=True
        )

    # --- Start, stop and connect -------------------------------------------------------------------------

    def start(self) -> FakeTwilio:
        """Start to answer requests."""
        self._automatic.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop the server, and end each request that hangs."""
        if self._thread.is_alive():
            self._server.stop()
            self._thread.join()
            self._automatic.stop()
        self._server.server_close()
        self._log.close()

    def __enter__(self) -> FakeTwilio:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Return the port of the server."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def transport(self, **options: Any) -> TwilioTransport:
        """Return a `TwilioTransport` that sends to this fake.

        :param options: those of `TwilioTransport`.
        """
        return type(self).transport_to(self.url, **options)

    def connect(self, app: Flask) -> None:
        """Let an application with this account's `config` send through this fake, and receive its webhooks.

        A transport with the same configuration, which sends to this fake, replaces the application's transport.
        """
        state = app.extensions[EXTENSION]
        state.transport = led_to(self.url, LoopbackTransport.from_settings(state.settings))  # type: ignore[arg-type]
        self.webhooks_to = app

    # --- Requests so far ----------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[FakeMessage]:
        """Return the accepted messages, oldest first."""
        return [message for message in self._log.all() if message.direction != "inbound"]

    @property
    def attempts(self) -> list[Attempt]:
        """Return each authorised request to create a message, accepted or not."""
        return list(self._api.attempts)

    @property
    def connections(self) -> int:
        """Return the number of accepted connections."""
        return self._server.connections

    @property
    def list_lag(self) -> float:
        """Return the seconds until the list has a new message."""
        return self._api.list_lag

    @list_lag.setter
    def list_lag(self, seconds: float) -> None:
        self._api.list_lag = seconds

    @property
    def clock_skew(self) -> timedelta:
        """Return how far the clock of the fake is ahead: in the dates of messages and the ``Date`` header."""
        return self._api.clock_skew

    @clock_skew.setter
    def clock_skew(self, skew: timedelta) -> None:
        self._api.clock_skew = skew

    @property
    def listed(self) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Return the function that changes the JSON of a message in the list and in the answer to a fetch."""
        return self._api.listed

    @listed.setter
    def listed(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._api.listed = change

    @property
    def empty_pages(self) -> bool:
        """Return whether the list continues with empty pages, each with the address of another one."""
        return self._api.empty_pages

    @empty_pages.setter
    def empty_pages(self, endless: bool) -> None:
        self._api.empty_pages = endless

    @staticmethod
    def read_log(path: str | os.PathLike[str]) -> list[FakeMessage]:
        """Return the messages that a fake, perhaps in another process, has written to its ``log``."""
        return read_log(path)

    # --- Faults -------------------------------------------------------------------------------------------------

    def fail(
        self,
        *faults: Fault,
        times: int | None = None,
        share: float | None = None,
        on: Operation = "create",
        seconds: float = 30,
        retry_after: int | None = 1,
        code: int = 30007,
    ) -> None:
        """Let requests fail: the next one, the next ``times``, or a ``share`` of all until `recover`.

        The message is not accepted with ``busy`` (429), ``refuse`` (Twilio's error), ``problem`` (the same as
        RFC 9457), ``drop_before`` (no answer), ``hang_before`` (no answer, late), ``error_before`` (500) and
        ``html_error`` (502). It is accepted with ``drop_after``, ``reset``, ``cut`` (half an answer), ``hang_after``
        (the whole answer, late), ``error_after``, ``html`` (201 with a page) and ``empty`` (201 with ``{}``). If
        several calls apply, the oldest is used.

        :param faults: one or more of these. Each request gets a random one.
        :param on: the operation that fails: ``create``, ``list`` or ``fetch``.
        :param seconds: how long ``hang_before`` and ``hang_after`` wait.
        :param retry_after: seconds in the ``Retry-After`` of ``busy``; None for no header.
        :param code: the error code of ``refuse`` and ``problem``.
        :raises ValueError: for another fault or operation.
        """
        if times is None and share is None:
            times = 1
        self._faults.add(Plan(faults, on, times, 1.0 if share is None else share, seconds, retry_after, code))

    def recover(self) -> None:
        """End all faults. Requests that hang already continue to hang."""
        self._faults.clear()

    # --- Webhooks -----------------------------------------------------------------------------------------------

    def signed(self, url: str, form: Mapping[str, str]) -> SignedRequest:
        """Return any request with the signature of this account."""
        return sign(url, form, self.auth_token)

    def status_callback(self, sid: str, status: str, *, error_code: int | None = None, **more: str) -> SignedRequest:
        """Set the status of a message, and return its callback, which is not posted yet.

        :param more: further fields, or other values.
        :raises KeyError: for an unknown SID.
        :raises ValueError: for a message without a status callback.
        """
        message = self._api.rise(sid, status, error_code)
        if message.status_callback is None:
            raise ValueError(f"The message {sid} was sent without a status callback.")
        return self.signed(message.status_callback, status_form(message, self, more))

    def inbound(
        self,
        url: str,
        from_: str,
        to: str,
        body: str = "",
        *,
        sid: str | None = None,
        media: Iterable[str] = (),
        opt_out_type: str | None = None,
        **more: str,
    ) -> SignedRequest:
        """Return an inbound message for the webhook at this URL, which is not posted yet; see `receive`."""
        message = self._api.receive(to, from_, body, tuple(media), sid)
        if opt_out_type is not None:
            more = {"OptOutType": opt_out_type} | more
        return self.signed(url, inbound_form(message, self, more))

    def post(self, request: SignedRequest) -> int:
        """Post a signed request, once or again, and return the HTTP status.

        :raises OSError: without an answer.
        """
        status = None
        try:
            status = post(request, self.webhooks_to)
        finally:
            self.posted.append(Posted(request, status))
        return status

    def deliver(self, sid: str, *statuses: str, error_code: int | None = None, **more: str) -> list[int]:
        """Post a callback for each status in this order, and return the HTTP statuses; see `status_callback`."""
        return [self.post(self.status_callback(sid, status, error_code=error_code, **more)) for status in statuses]

    def receive(
        self,
        url: str,
        from_: str,
        to: str,
        body: str = "",
        *,
        sid: str | None = None,
        media: Iterable[str] = (),
        opt_out_type: str | None = None,
        **more: str,
    ) -> int:
        """Post an inbound message to the webhook at this URL, and return the HTTP status.

        :param sid: SID of the message. The same SID twice is one message that is posted twice.
        :param media: URLs of files.
        :param more: further fields, or other values.
        """
        return self.post(self.inbound(url, from_, to, body, sid=sid, media=media, opt_out_type=opt_out_type, **more))

    def settle(self, seconds: float = 10) -> None:
        """Wait until the automatic callbacks of all accepted messages are posted.

        :raises TimeoutError: after so many seconds.
        """
        if not self._automatic.settle(seconds):
            raise TimeoutError(f"After {seconds} s there are still callbacks to post.")

    def _deliver_quietly(self, sid: str, status: str) -> None:
        """Post a callback. `posted` shows a failure."""
        with suppress(Exception):
            self.deliver(sid, status)
