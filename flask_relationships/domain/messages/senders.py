"""Find the sender that writes to a contact, and the one that a message came to."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from ...context import Context
from ...errors import ConfigurationError, Mistake, place_of
from ...hosts.bound import HostRow
from ...providers.base import Channel, MessageTransport, TransportError, TransportNotConfigured
from ...providers.senders import Sender

if TYPE_CHECKING:
    from ...config import Settings
    from ...hosts.mapping import ModelMapping

logger = logging.getLogger(__name__)

MAX_TENANT_CHARACTERS = 255
"""The length of the column of tenants."""

UNKNOWN_SENDER = "The application could not say from which number to write."


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders by tenant, and the sender of the configuration."""

    default: Sender = field(default_factory=Sender)
    by_tenant: Mapping[str, Sender] = field(default_factory=dict)

    def owner_of(self, address: str, messaging_service_sid: str | None) -> Sender | None:
        """Return the sender that a message came to: by its number, pool or Messaging Service. None if unknown."""
        known = (*self.by_tenant.values(), self.default)
        return next((sender for sender in known if sender.owns(address, messaging_service_sid)), None)


def read_senders(settings: Settings, by_tenant: Mapping[Any, Sender] | None) -> Senders:
    """Return the senders of an application. `sender_errors` reports their errors."""
    try:
        default = Sender(settings.twilio_sms_from, settings.twilio_whatsapp_from, settings.twilio_messaging_service_sid)
    except ConfigurationError:  # with such a configuration nothing can be sent
        default = Sender()
    senders = {str(tenant_text(key)): replace(sender, tenant=key) for key, sender in (by_tenant or {}).items()}
    return Senders(default, senders)


def sender_errors(mappings: Mapping[str, ModelMapping], by_tenant: Any, settings: Settings | None) -> Iterator[Mistake]:
    """Yield the configuration errors of ``senders=``."""
    if by_tenant is None:
        return
    if not isinstance(by_tenant, Mapping) or not all(isinstance(sender, Sender) for sender in by_tenant.values()):
        fix = 'Give senders={tenant: Sender(number="+442071838750")}.'
        yield Mistake("option_unfit", "senders= is not a mapping of tenants to Sender objects.", fix)
        return
    if None in by_tenant:
        words = "senders= has a sender of the tenant None, to which no contact belongs."
        yield Mistake("option_unfit", words, "Remove it: all other contacts have the sender of the configuration.")
    contact = mappings.get("contact")
    if contact is not None and contact.tenant is None:
        words = "senders= is set, but ContactMapping.tenant is not: no rule says which sender writes to a contact."
        yield Mistake("senders_without_tenant", words, 'Map ContactMapping(..., tenant="organization_id").')
    for key, sender in by_tenant.items():
        if tenant_text(sender.tenant) not in (None, tenant_text(key)):
            words = f"senders= has the sender of the tenant {sender.tenant!r} under the tenant {key!r}."
            yield Mistake("option_unfit", words, "Remove Sender.tenant: the key is the tenant.")
    yield from _shared_addresses(by_tenant, Sender() if settings is None else read_senders(settings, None).default)


def _shared_addresses(by_tenant: Mapping[Any, Sender], default: Sender) -> Iterator[Mistake]:
    """Yield an error for each address of two senders: its inbound messages would have no clear tenant."""
    owners: dict[str, str] = {}
    named = {f"the tenant {tenant_text(key)!r}": sender for key, sender in by_tenant.items()}
    for owner, sender in (named | {"the configuration": default}).items():
        for address in sorted({*sender.addresses, *filter(None, [sender.messaging_service_sid])}):
            first = owners.setdefault(address, owner)
            if first != owner:
                words = f"The sender {address} belongs to {first} and to {owner}."
                yield Mistake("sender_shared", words, "Give each of them a number of its own.")


def tenant_text(tenant: Any) -> str | None:
    """Return a tenant as the table of messages stores it; None for no tenant."""
    if tenant is None:
        return None
    text = tenant.name if isinstance(tenant, Enum) else str(tenant)
    if len(text) <= MAX_TENANT_CHARACTERS:
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def sender_for(ctx: Context, contact: HostRow) -> Sender | None:
    """Return the sender that writes to a contact. None: the application has one sender, that of its transport.

    :raises TransportNotConfigured: the application's callback failed.
    """
    callback, senders = ctx.callbacks.sender, ctx.senders
    if callback is not None:
        return _call_sender_callback(callback, contact.row) or senders.default
    if not senders.by_tenant:
        return None
    tenant = ctx.hosts.contact.tenant_of_row(ctx.session, contact.row, contact.key)
    return senders.by_tenant.get(str(tenant_text(tenant)), senders.default)


def _call_sender_callback(callback: Callable[[Any], Any], row: Any) -> Sender | None:
    try:
        sender = callback(row)
    except Exception as error:  # no other sender may be guessed
        logger.error("the sender callback raised: %s", place_of(error))
        raise TransportNotConfigured(UNKNOWN_SENDER) from None
    if sender is None or isinstance(sender, Sender):
        return sender
    logger.error("the sender callback returned a value of type %s: return a Sender or None", type(sender).__name__)
    raise TransportNotConfigured(UNKNOWN_SENDER)


def senders_of(ctx: Context, rows: Mapping[Any, Any]) -> dict[Any, Sender]:
    """Return the sender of each of these contacts by key, from the application's callback.

    :param rows: host rows by key. A contact for whom the callback fails is left out.
    """
    callback = ctx.callbacks.sender
    found: dict[Any, Sender] = {}
    if callback is None:
        return found
    for key, row in rows.items():
        with suppress(TransportError):
            found[key] = _call_sender_callback(callback, row) or ctx.senders.default
    return found


def columns_of(sender: Sender | None, channel: str) -> dict[str, str | None]:
    """Return the columns of an outbound message that store its sender."""
    if sender is None:
        return {}
    number, service = sender.address_for(channel)
    return {"sender_number": number, "messaging_service_sid": service, "tenant": tenant_text(sender.tenant)}


def sender_of_row(row: Any) -> Sender | None:
    """Return the sender of a stored message, None for that of the transport."""
    number, service = row.sender_number, row.messaging_service_sid
    if (number, service) == (None, None):
        return None
    if row.channel == "whatsapp":
        return Sender(whatsapp=number, messaging_service_sid=service)
    return Sender(number=number, messaging_service_sid=service)


def require_ready(transport: MessageTransport, channel: Channel, sender: Sender | None) -> None:
    """Raise a `TransportError` if the transport cannot send on this channel from this sender.

    A transport without ``require_ready_from`` checks the channel alone.
    """
    check_sender = getattr(transport, "require_ready_from", None)
    if sender is None or check_sender is None:
        transport.require_ready(channel)
    else:
        check_sender(channel, sender)


def can_send(ctx: Context, channel: Channel, sender: Sender | None) -> bool:
    """Return whether the transport can send on this channel from this sender."""
    try:
        require_ready(ctx.transport, channel, sender)
    except Exception:  # a custom transport may raise anything
        return False
    return True


def is_connected(ctx: Context, contact: HostRow) -> bool:
    """Return whether messages could be sent to a contact now, on any channel."""
    if not hasattr(ctx.transport, "require_ready_from"):
        return ctx.transport.connected
    try:
        sender = sender_for(ctx, contact)
    except TransportError:
        return False
    if sender is None:
        return ctx.transport.connected
    return can_send(ctx, "sms", sender) or can_send(ctx, "whatsapp", sender)
