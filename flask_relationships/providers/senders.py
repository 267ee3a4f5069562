"""Senders: the numbers and the Messaging Service that messages leave from, and the tenant they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
        mistakes = [Mistake("sender_unfit", words, fix) for words, fix in _unfit(self)]
        if mistakes:
            raise ConfigurationError(mistakes)

    @property
    def addresses(self) -> frozenset[str]:
        """The comparison keys of every number that this sender has."""
        given = (self.number, self.whatsapp, *self.pool)
        return frozenset(address_key(address) for address in given if address)

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


def _unfit(sender: Sender) -> Iterable[tuple[str, str]]:
    """What is wrong with a sender, and what to do about it."""
    number = "Give a number with its country code, such as +442071838750, a short code or an alphanumeric sender."
    if sender.number is not None and not is_sender(sender.number):
        yield f"Sender.number is {sender.number!r}, which is no sender.", number
    if sender.whatsapp is not None and not is_number(sender.whatsapp):
        words = f"Sender.whatsapp is {sender.whatsapp!r}, which is no number."
        yield words, "Give the WhatsApp number with its country code, such as +442071838750."
    service = sender.messaging_service_sid
    if service is not None and not (isinstance(service, str) and _SERVICE.fullmatch(service)):
        words = f"Sender.messaging_service_sid is {service!r}, which is no SID of a Messaging Service."
        yield words, "Copy the SID from Twilio's console: MG and 32 hexadecimal digits."
    pool: Any = sender.pool
    if not isinstance(pool, tuple):
        yield "Sender.pool is no list of numbers.", 'Give pool=("+442071838750", ...).'
        return
    for one in pool:
        if not (is_sender(one) or is_number(one)):
            yield f"Sender.pool has {one!r}, which is no sender.", number
