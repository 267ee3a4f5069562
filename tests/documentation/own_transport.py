"""A transport of a host's own: SMS through a gateway that speaks HTTP."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: transport
import requests

from flask_relationships import (
    OutboundMessage,
    Receipt,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
    TransportUnclear,
)


class GatewayTransport:
    def __init__(self, address: str, key: str | None) -> None:
        self.address, self.key = address, key

    @property
    def connected(self) -> bool:
        return self.key is not None

    def require_ready(self, channel: str) -> None:
        if self.key is None:
            raise TransportNotConfigured("The gateway's key is missing.")
        if channel != "sms":
            raise TransportNotConfigured("The gateway sends SMS alone.")

    def send(self, message: OutboundMessage) -> Receipt:
        body = {"to": message.to, "text": message.body, "reference": message.id}
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            answer = requests.post(self.address, json=body, headers=headers, timeout=(3, 10))
        except requests.ConnectTimeout:
            raise TransportUnavailable("The gateway could not be reached; the message was not sent.") from None
        except requests.RequestException as error:
            raise TransportUnclear(f"The gateway did not answer ({type(error).__name__}).") from None
        if answer.status_code == 202:
            return Receipt(provider_sid=answer.json()["id"], status="queued")
        if 400 <= answer.status_code < 500:
            raise TransportRefused("The gateway refused the message.")
        raise TransportUnclear(f"The gateway answered with {answer.status_code}.")


# end: transport
