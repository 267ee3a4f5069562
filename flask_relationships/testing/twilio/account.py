"""The account of a fake Twilio, and the transport that sends to the fake.

Only this transport, which a test creates by name, can send to another server than Twilio: no configuration key can.
"""

from __future__ import annotations

import base64
import hmac
from typing import Any
from urllib.parse import urlsplit

from ...config import PREFIX
from ...providers.twilio.transport import TwilioTransport


class Account:
    """The credentials and senders of an account. A test sets others on its fake, or in a subclass."""

    account_sid = "AC" + "fa" * 16
    auth_token = "fa" * 16
    api_key_sid = "SK" + "fa" * 16
    api_key_secret = "fe" * 16
    sms_from = "+15005550006"
    whatsapp_from = "+14155550006"
    messaging_service_sid = "MG" + "fa" * 16
    more_senders: tuple[str, ...] = ()
    """Further numbers of the account for SMS and WhatsApp."""
    rcs_from: str | None = None
    """The RCS agent of the Messaging Service, such as ``rcs:acme_agent``. The service tries it first."""

    @classmethod
    def transport_to(cls, url: str, **options: Any) -> TwilioTransport:
        """Return a `TwilioTransport` that sends to the fake at this URL, which may run in another process.

        :param options: those of `TwilioTransport`. The defaults are the values of this account.
        :raises ValueError: for a URL that is not on 127.0.0.1.
        """
        fitting = {
            "account_sid": cls.account_sid,
            "auth_token": cls.auth_token,
            "sms_from": cls.sms_from,
            "whatsapp_from": cls.whatsapp_from,
        }
        return led_to(url, LoopbackTransport(**(fitting | options)))

    def config(self, **keys: Any) -> dict[str, Any]:
        """Return the configuration of an application with this account.

        :param keys: further keys or other values, without their prefix: ``config(PUBLIC_URL="https://...")``.
        """
        fitting = {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "TWILIO_SMS_FROM": self.sms_from,
            "TWILIO_WHATSAPP_FROM": self.whatsapp_from,
        }
        return {PREFIX + name: value for name, value in (fitting | keys).items()}

    def admits(self, authorization: str) -> bool:
        """Return whether a header has valid credentials: account and token, or API key and secret."""
        pairs = ((self.account_sid, self.auth_token), (self.api_key_sid, self.api_key_secret))
        logins = [base64.b64encode(f"{user}:{secret}".encode()) for user, secret in pairs]
        given = authorization.removeprefix("Basic ").encode()
        return any(hmac.compare_digest(given, login) for login in logins)

    def has_sender(self, sender: str) -> bool:
        """Return whether the account can send from an address."""
        own = (self.sms_from, f"whatsapp:{self.whatsapp_from}")
        return sender in own or sender.removeprefix("whatsapp:") in self.more_senders


class LoopbackTransport(TwilioTransport):
    """The client of Twilio with another host. All else is as in production."""

    origin = ""

    def _build_client(self) -> Any:
        client = super()._build_client()
        client.get_hostname = self._led  # decides the host of each request, region and edge included
        client.http_client.session.trust_env = False  # ignores a proxy of this machine's environment
        return client

    def _led(self, uri: str) -> str:
        parts = urlsplit(uri)
        return self.origin + parts.path + (f"?{parts.query}" if parts.query else "")


def led_to(url: str, transport: LoopbackTransport) -> LoopbackTransport:
    """Return the transport, which sends to the fake at this URL."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname != "127.0.0.1":
        raise ValueError(f"A fake Twilio is at http://127.0.0.1 and a port, never at {url!r}.")
    transport.origin = f"http://{parts.netloc}"
    return transport
