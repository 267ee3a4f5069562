"""The fake Twilio as a test sees it."""

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
    """A Twilio of your own on 127.0.0.1, spoken to over HTTP by Twilio's real client.

    It creates, lists and fetches messages, refuses what Twilio refuses, goes wrong when told to, and posts signed
    callbacks and inbound messages. Use it in a ``with`` statement, or call `start` and `stop`; it may be used from
    several threads. Its account is made of class attributes: ``account_sid``, ``auth_token``, ``api_key_sid``,
    ``api_key_secret``, ``sms_from``, ``whatsapp_from`` and ``messaging_service_sid``.

    ``port``: 0 is any that is free. ``log``: a file that gets every accepted message before it is answered, and
    whose messages are there again after a restart. ``list_lag``: seconds until a message is in the list.
    ``callbacks``: statuses that are posted by themselves for each message with a status callback. ``webhooks_to``:
    an app, or ``http://127.0.0.1:5000``, that gets what is addressed to its public URL. ``seed``: of the faults that
    strike a share of requests.
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

    # --- Its life, and who speaks to it -------------------------------------------------------------------------

    def start(self) -> FakeTwilio:
        self._automatic.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End, with every request that hangs."""
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
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def transport(self, **options: Any) -> TwilioTransport:
        """A `TwilioTransport` that speaks to this fake; ``options`` are those of `TwilioTransport`."""
        return type(self).transport_to(self.url, **options)

    def connect(self, app: Flask) -> None:
        """Let an application that has this account's `config` send through this fake, and get its webhooks.

        Its transport is exchanged for one that its configuration describes and that is led here.
        """
        state = app.extensions[EXTENSION]
        state.transport = led_to(self.url, LoopbackTransport.from_settings(state.settings))  # type: ignore[arg-type]
        self.webhooks_to = app

    # --- What it was asked --------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[FakeMessage]:
        """The messages it has accepted, oldest first."""
        return [message for message in self._log.all() if message.direction != "inbound"]

    @property
    def attempts(self) -> list[Attempt]:
        """Every authorised request to create a message, whatever became of it."""
        return list(self._api.attempts)

    @property
    def connections(self) -> int:
        """How many connections it has taken."""
        return self._server.connections

    @property
    def list_lag(self) -> float:
        return self._api.list_lag

    @list_lag.setter
    def list_lag(self, seconds: float) -> None:
        self._api.list_lag = seconds

    @property
    def clock_skew(self) -> timedelta:
        """How far its clock is ahead of this machine's: in the dates of messages and the ``Date`` header."""
        return self._api.clock_skew

    @clock_skew.setter
    def clock_skew(self, skew: timedelta) -> None:
        self._api.clock_skew = skew

    @property
    def listed(self) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """A function from a message as JSON to what its list, and a request for one message, say of it instead."""
        return self._api.listed

    @listed.setter
    def listed(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._api.listed = change

    @property
    def empty_pages(self) -> bool:
        """Whether its list goes on with empty pages, each with the address of another one."""
        return self._api.empty_pages

    @empty_pages.setter
    def empty_pages(self, endless: bool) -> None:
        self._api.empty_pages = endless

    @staticmethod
    def read_log(path: str | os.PathLike[str]) -> list[FakeMessage]:
        """The messages that a fake, perhaps of another process, has accepted and written to its ``log``."""
        return read_log(path)

    # --- How it goes wrong --------------------------------------------------------------------------------------

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
        """Let requests go wrong: the next one, the next ``times``, or a ``share`` of all until `recover`.

        The message is not taken by ``busy`` (429, ``retry_after`` seconds or None), ``refuse`` (Twilio's error
        ``code``), ``problem`` (the same as RFC 9457), ``drop_before`` (no answer), ``hang_before`` (none either, and
        only after so many ``seconds``), ``error_before`` (500) and ``html_error`` (502). It is taken by
        ``drop_after``, ``reset``, ``cut`` (half an answer), ``hang_after`` (the whole answer, late), ``error_after``,
        ``html`` (201 with a page) and ``empty`` (201 with ``{}``). Of several faults each time one is drawn. ``on``
        is what they strike: ``create``, ``list`` or ``fetch``. Of several calls the oldest that applies holds.
        Raises `ValueError` for a word that is none of these.
        """
        if times is None and share is None:
            times = 1
        self._faults.add(Plan(faults, on, times, 1.0 if share is None else share, seconds, retry_after, code))

    def recover(self) -> None:
        """Go right again. What hangs already goes on hanging."""
        self._faults.clear()

    # --- What it tells the application --------------------------------------------------------------------------

    def signed(self, url: str, form: Mapping[str, str]) -> SignedRequest:
        """Any request, as this account would sign it."""
        return sign(url, form, self.auth_token)

    def status_callback(self, sid: str, status: str, *, error_code: int | None = None, **more: str) -> SignedRequest:
        """Give a message a status, and return the callback that says so, not posted yet.

        ``more`` are further fields, or other values of those that are there. Raises `KeyError` for an unknown SID
        and `ValueError` for a message without a status callback.
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
        """A message of somebody, as it is posted to the webhook at this URL, not posted yet; see `receive`."""
        message = self._api.receive(to, from_, body, tuple(media), sid)
        if opt_out_type is not None:
            more = {"OptOutType": opt_out_type} | more
        return self.signed(url, inbound_form(message, self, more))

    def post(self, request: SignedRequest) -> int:
        """Post a signed request, again if you like, and return the HTTP status. Raises `OSError` without an answer."""
        status = None
        try:
            status = post(request, self.webhooks_to)
        finally:
            self.posted.append(Posted(request, status))
        return status

    def deliver(self, sid: str, *statuses: str, error_code: int | None = None, **more: str) -> list[int]:
        """Post a callback for each status, in this order; see `status_callback`. Returns the HTTP statuses."""
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
        """Post a message of somebody to the webhook at this URL, and return the HTTP status.

        ``media`` are URLs. ``more`` are further fields, or other values of those that are there. The same ``sid``
        twice is one message that is posted twice.
        """
        return self.post(self.inbound(url, from_, to, body, sid=sid, media=media, opt_out_type=opt_out_type, **more))

    def settle(self, seconds: float = 10) -> None:
        """Wait until the automatic callbacks of all accepted messages are posted. Raises `TimeoutError`."""
        if not self._automatic.settle(seconds):
            raise TimeoutError(f"After {seconds} s there are still callbacks to post.")

    def _deliver_quietly(self, sid: str, status: str) -> None:
        """An application that cannot be reached, or fails, is what `posted` shows."""
        with suppress(Exception):
            self.deliver(sid, status)
