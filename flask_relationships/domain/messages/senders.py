"""The senders of an application: which one writes to a contact, and which one a message came in at."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
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
"""What the column of tenants holds."""


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders that an application named, and that of its configuration."""

    default: Sender = field(default_factory=Sender)
    by_tenant: Mapping[str, Sender] = field(default_factory=dict)

    def owner_of(self, address: str, messaging_service_sid: str | None) -> Sender | None:
        """Return the sender that a message came to: by its number, pool or Messaging Service. None if unknown."""
        known = (*self.by_tenant.values(), self.default)
        return next((sender for sender in known if sender.owns(address, messaging_service_sid)), None)


def read_senders(settings: Settings, by_tenant: Mapping[Any, Sender] | None) -> Senders:
    """Return the senders of an application. What is wrong with them is reported by `sender_mistakes`."""
    try:
        default = Sender(settings.twilio_sms_from, settings.twilio_whatsapp_from, settings.twilio_messaging_service_sid)
    except ConfigurationError:  # with such a configuration nothing can be sent
        default = Sender()
    given = by_tenant or {}
    return Senders(default, {str(tenant_text(key)): replace(sender, tenant=key) for key, sender in given.items()})


def sender_mistakes(
    mappings: Mapping[str, ModelMapping], by_tenant: Any, settings: Settings | None
) -> Iterator[Mistake]:
    """Report what is wrong with ``senders=``."""
    if by_tenant is None:
        return
    fix = 'Give senders={tenant: Sender(number="+442071838750")}.'
    if not isinstance(by_tenant, Mapping) or not all(isinstance(sender, Sender) for sender in by_tenant.values()):
        yield Mistake("option_unfit", "senders= is no mapping of tenants to Sender objects.", fix)
        return
    if any(key is None for key in by_tenant):
        words = "senders= has a sender of the tenant None, to which no contact belongs."
        yield Mistake("option_unfit", words, "Leave it out: the sender of the configuration is that of all others.")
    contact = mappings.get("contact")
    if contact is not None and contact.tenant is None:
        words = "senders= is given, and ContactMapping.tenant is not: nothing says which sender writes to a contact."
        yield Mistake("senders_without_tenant", words, 'Map ContactMapping(..., tenant="organization_id").')
    for key, sender in by_tenant.items():
        if sender.tenant is not None and tenant_text(sender.tenant) != tenant_text(key):
            words = f"senders= has the sender of the tenant {sender.tenant!r} under the tenant {key!r}."
            yield Mistake("option_unfit", words, "Leave Sender.tenant out: it is the key.")
    yield from _shared(read_senders(settings, by_tenant) if settings is not None else Senders(Sender(), by_tenant))


def _shared(senders: Senders) -> Iterator[Mistake]:
    """A message that comes in at a number of two tenants would be shown to one of them by chance."""
    owners: dict[str, str] = {}
    for name, sender in [*((repr(key), one) for key, one in senders.by_tenant.items()), ("", senders.default)]:
        whose = f"the tenant {name}" if name else "the configuration"
        for address in sorted({*sender.addresses, *filter(None, [sender.messaging_service_sid])}):
            first = owners.setdefault(address, whose)
            if first != whose:
                words = f"The sender {address} belongs to {first} and to {whose}."
                yield Mistake("sender_shared", words, "Give each of them a number of its own.")


def tenant_text(tenant: Any) -> str | None:
    """Return a tenant as the text that the table of messages keeps; None for no tenant."""
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
        return _called(callback, contact.row) or senders.default
    if not senders.by_tenant:
        return None
    tenant = ctx.hosts.contact.tenant_of_row(ctx.session, contact.row, contact.key)
    return senders.by_tenant.get(str(tenant_text(tenant)), senders.default)


def _called(callback: Callable[[Any], Any], row: Any) -> Sender | None:
    try:
        given = callback(row)
    except Exception as error:  # a callback that raises has named no sender, and none may be guessed
        logger.error("the sender callback raised: %s", place_of(error))
        raise TransportNotConfigured("The application could not say from which number to write.") from None
    if given is None or isinstance(given, Sender):
        return given
    logger.error("the sender callback returned a value of type %s: return a Sender or None", type(given).__name__)
    raise TransportNotConfigured("The application could not say from which number to write.")


def senders_of(ctx: Context, rows: Mapping[Any, Any]) -> dict[Any, Sender]:
    """Return the sender of each of these contacts, rows by key, as the application's callback says."""
    callback = ctx.callbacks.sender
    found: dict[Any, Sender] = {}
    if callback is None:
        return found
    for key, row in rows.items():
        try:
            found[key] = _called(callback, row) or ctx.senders.default
        except TransportError:
            continue  # nobody is known to write to this contact
    return found


def columns_of(sender: Sender | None, channel: str) -> dict[str, str | None]:
    """Return what the table of messages keeps of the sender of an outbound message."""
    if sender is None:
        return {}
    number, service = sender.address_for(channel)
    return {"sender_number": number, "messaging_service_sid": service, "tenant": tenant_text(sender.tenant)}


def sender_of_row(row: Any) -> Sender | None:
    """Return the sender that a message was written from, None for that of the transport."""
    if row.sender_number is None and row.messaging_service_sid is None:
        return None
    if row.channel == "whatsapp":
        return Sender(whatsapp=row.sender_number, messaging_service_sid=row.messaging_service_sid)
    return Sender(number=row.sender_number, messaging_service_sid=row.messaging_service_sid)


def require_ready(transport: MessageTransport, channel: Channel, sender: Sender | None) -> None:
    """Raise a `TransportError` if the transport cannot send on this channel from this sender.

    A transport without ``require_ready_from`` is asked for the channel alone.
    """
    ready_from = getattr(transport, "require_ready_from", None)
    if sender is None or ready_from is None:
        transport.require_ready(channel)
    else:
        ready_from(channel, sender)


def is_connected(ctx: Context, contact: HostRow) -> bool:
    """Return whether messages could be sent to a contact now, on any channel."""
    if not hasattr(ctx.transport, "require_ready_from"):
        return ctx.transport.connected
    try:
        sender = sender_for(ctx, contact)
    except TransportError:
        return False
    return (
        ctx.transport.connected if sender is None else any(_is_ready(ctx, one, sender) for one in ("sms", "whatsapp"))
    )


def _is_ready(ctx: Context, channel: Any, sender: Sender) -> bool:
    try:
        require_ready(ctx.transport, channel, sender)
    except TransportError:
        return False
    return True
