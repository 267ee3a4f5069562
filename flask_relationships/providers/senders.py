"""Define senders: the numbers and the Messaging Service that messages leave from, and their tenant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..config.values import is_number, is_sender
from ..domain.contacts.addresses import address_key
from ..errors import ConfigurationError, Mistake

_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True)
class Sender:
    """Where messages leave from, and where replies to them come in.

    :param number: the sender of SMS and MMS: a number in E.164, a short code or an alphanumeric sender.
    :param whatsapp: the WhatsApp number in E.164, with or without ``whatsapp:``.
    :param messaging_service_sid: a Messaging Service, which sends SMS and MMS instead of `number`, and WhatsApp where
        there is no `whatsapp`.
    :param tenant: the tenant of the contacts it writes to; None for a sender of all tenants.
    :param pool: the further numbers that replies come in at, such as those of the Messaging Service.
    :raises ConfigurationError: a number or the SID cannot be one.
    """

    number: str | None = None
    whatsapp: str | None = None
    messaging_service_sid: str | None = None
    tenant: Any = None
    pool: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        pool: Any = self.pool
        if isinstance(pool, Iterable) and not isinstance(pool, str):
            object.__setattr__(self, "pool", tuple(pool))
        errors = [Mistake("sender_unfit", words, fix) for words, fix in _errors_of(self)]
        if errors:
            raise ConfigurationError(errors)

    @property
    def addresses(self) -> frozenset[str]:
        """Return the comparison keys of every number of this sender."""
        addresses = (self.number, self.whatsapp, *self.pool)
        return frozenset(address_key(address) for address in addresses if address)

    def owns(self, address: str, messaging_service_sid: str | None) -> bool:
        """Return whether a message that came to this address, or by this Messaging Service, came to this sender."""
        if messaging_service_sid is not None and messaging_service_sid == self.messaging_service_sid:
            return True
        return address_key(address) in self.addresses

    def address_for(self, channel: str) -> tuple[str | None, str | None]:
        """Return the number and the Messaging Service that a channel is sent from: one of them, or neither."""
        if channel == "whatsapp":
            number = None if self.whatsapp is None else self.whatsapp.removeprefix("whatsapp:")
            return (number, None) if number else (None, self.messaging_service_sid)
        return (None, self.messaging_service_sid) if self.messaging_service_sid else (self.number, None)


def _is_service(sid: Any) -> bool:
    return isinstance(sid, str) and _SERVICE.fullmatch(sid) is not None


_NUMBER_FIX = "Give a number with its country code, such as +442071838750, a short code or an alphanumeric sender."
_RULES: tuple[tuple[str, Callable[[Any], bool], str, str], ...] = (
    ("number", is_sender, "a sender", _NUMBER_FIX),
    ("whatsapp", is_number, "a number", "Give the WhatsApp number with its country code, such as +442071838750."),
    (
        "messaging_service_sid",
        _is_service,
        "the SID of a Messaging Service",
        "Copy the SID from Twilio's console: MG and 32 hexadecimal digits.",
    ),
)
"""The rule of each member: its name, its test, what it must be, and how to fix it."""


def _errors_of(sender: Sender) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with a sender, and how to fix it."""
    for name, is_valid, noun, fix in _RULES:
        value = getattr(sender, name)
        if value is not None and not is_valid(value):
            yield f"Sender.{name} is {value!r}, which is not {noun}.", fix
    pool: Any = sender.pool
    if not isinstance(pool, tuple):
        yield "Sender.pool is not a list of numbers.", 'Give pool=("+442071838750", ...).'
        return
    for address in pool:
        if not (is_sender(address) or is_number(address)):
            yield f"Sender.pool has {address!r}, which is not a sender.", _NUMBER_FIX
