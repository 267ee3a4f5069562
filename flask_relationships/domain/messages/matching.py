"""Match an inbound message to a contact: to one contact of the sender that it came to, or to none.

Replies belong to a conversation. A user who enters a number in a contact of their own takes no reply away from the
contact who was written to from that sender.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import BATCH, SYSTEM
from ...providers.senders import Sender
from ..contacts import numbers
from ..contacts.addresses import address_key, address_spellings
from . import senders
from .statuses import FAILED_STATUSES, UNRESOLVED_STATUSES

MAX_CONVERSATION_ROWS = 200
"""How many messages to one address are read, newest first."""


class Match(NamedTuple):
    """The contact that a message is matched to; None if it is unmatched.

    ``concerned`` are all contacts of that sender who have the number, the matched one first. ``tenant`` is that of the
    sender, as text.
    """

    contact: Any | None
    concerned: Sequence[Any]
    tenant: str | None


class Arrival(NamedTuple):
    """The address that a message came from, its comparison key, the channel, the address that it came to, and the
    Messaging Service that it came by."""

    address: str
    key: str
    channel: str
    recipient: str
    messaging_service_sid: str | None


class _Candidates(NamedTuple):
    """The messages sent to the address, the contacts who have it, and the tenants of the sender that this implies."""

    written: list[Any]
    holders: list[Any]
    tenants: list[Any]


def match(ctx: Context, arrival: Arrival) -> Match:
    """Return the contact of an inbound message.

    The message belongs to the sender whose number, pool or Messaging Service it came to. It is matched among the
    contacts of that sender: to the one last written to from that sender on that channel, else to the only one. It is
    unmatched if none was written to and there are several.
    """
    candidates = _find_candidates(ctx, arrival)
    tenants = {senders.tenant_text(tenant): tenant for tenant in candidates.tenants}
    tenant = next(iter(tenants.values())) if len(tenants) == 1 else None
    holders = candidates.holders
    contacts = _of_tenant(ctx, [*(row.contact_id for row in candidates.written), *holders], tenant)
    chosen = _last_written_to([row for row in candidates.written if row.contact_id in contacts], arrival)
    if chosen is None and len(contacts) == 1:
        (chosen,) = contacts
    concerned = [contact for contact in contacts if contact == chosen or contact in holders]
    concerned.sort(key=lambda contact: contact != chosen)
    return Match(chosen, concerned, senders.tenant_text(tenant))


def _find_candidates(ctx: Context, arrival: Arrival) -> _Candidates:
    holders = numbers.find_contacts(ctx, arrival.address, arrival.channel)
    written = _conversation(ctx, arrival, holders)
    sender = _owner_of(ctx, arrival.recipient, arrival.messaging_service_sid)
    if sender is None:
        returned = [row for row in written if _came_back(row, arrival)]
        owners = _senders_of_holders(ctx, holders, arrival)
        tenants = [*(row.tenant for row in returned), *(owner.tenant for owner in owners.values())]
        return _Candidates(returned, list(owners), tenants)
    if not _has_one_sender(ctx):
        written = [row for row in written if _is_from(row, sender, arrival)]
    if ctx.callbacks.sender is not None and sender is ctx.senders.default:
        holders = list(_senders_of_holders(ctx, holders, arrival))
    return _Candidates(written, holders, [sender.tenant])


def may_join(ctx: Context, message: Any, contact: Any) -> bool:
    """Return whether an unmatched message may be matched to a contact who got its number later.

    The contact must belong to the sender that the message came to, as when a message comes in.
    """
    recipient, service = message.to_number or "", message.messaging_service_sid
    if message.tenant is not None:
        return contact in ctx.hosts.contact.seen_in_tenant(ctx.session, [contact], message.tenant)
    if ctx.callbacks.sender is None:
        return _owner_of(ctx, recipient, service) is not None
    rows = ctx.hosts.contact.rows_of(ctx.session, [contact], SYSTEM)
    return any(sender.owns(recipient, service) for sender in senders.senders_of(ctx, rows).values())


def _has_one_sender(ctx: Context) -> bool:
    return not ctx.senders.by_tenant and ctx.callbacks.sender is None


def _owner_of(ctx: Context, recipient: str, messaging_service_sid: str | None) -> Sender | None:
    """Return the sender that a message came to. The only sender of an application owns every message."""
    if _has_one_sender(ctx):
        return ctx.senders.default
    return ctx.senders.owner_of(recipient, messaging_service_sid)


def _conversation(ctx: Context, arrival: Arrival, holders: Sequence[Any]) -> list[sa.Row[Any]]:
    """Return what was sent to this address on this channel, newest first, without messages that were not sent."""
    table = ctx.models.Message
    to_address = table.address_key == arrival.key
    if holders:  # rows of version 0.1 have no key yet: only the index of their contact finds them
        spellings = dict.fromkeys((*address_spellings(arrival.address), *address_spellings(arrival.key)))
        unkeyed = (table.address_key.is_(None), table.to_number.in_(list(spellings)))
        to_address = sa.or_(to_address, sa.and_(table.contact_id.in_(holders[:BATCH]), *unkeyed))
    may_have_left = sa.or_(table.provider_sid.is_not(None), table.status.in_(UNRESOLVED_STATUSES))
    columns = (table.contact_id, table.from_number, table.sender_number, table.messaging_service_sid, table.tenant)
    channels = ("whatsapp",) if arrival.channel == "whatsapp" else ("sms", "mms")  # these two share their numbers
    statement = (
        sa.select(*columns)
        .where(to_address, table.direction == "outbound", table.contact_id.is_not(None))
        .where(table.channel.in_(channels))
        .where(may_have_left, table.status.not_in(FAILED_STATUSES))
        .order_by(table.created_at.desc(), table.id.desc())
        .limit(MAX_CONVERSATION_ROWS)
    )
    return list(ctx.execute(statement))


def _known_senders(row: Any) -> set[str]:
    """Return the comparison keys of the numbers that a message is known to have been sent from."""
    return {address_key(number) for number in (row.from_number, row.sender_number) if number}


def _came_back(row: Any, arrival: Arrival) -> bool:
    """Return whether a message was sent from the address, or the Messaging Service, that this one came to."""
    service = arrival.messaging_service_sid
    by_service = service is not None and row.messaging_service_sid == service
    return by_service or address_key(arrival.recipient) in _known_senders(row)


def _is_from(row: Any, sender: Sender, arrival: Arrival) -> bool:
    """Return whether a message was sent from this sender. Rows of version 0.1 may not have their sender."""
    if _came_back(row, arrival):
        return True
    known, service = _known_senders(row), row.messaging_service_sid
    if row.tenant != senders.tenant_text(sender.tenant):
        return (row.tenant, service) == (None, None) and not known
    return not known or bool(known & sender.addresses) or sender.owns("", service)


def _senders_of_holders(ctx: Context, holders: Sequence[Any], arrival: Arrival) -> dict[Any, Sender]:
    """Return the contacts whose sender has the address that the message came to, and that sender.

    Empty without the application's sender callback.
    """
    rows: dict[Any, Any] = {}
    if ctx.callbacks.sender is None:
        return rows
    for start in range(0, len(holders), BATCH):
        rows |= ctx.hosts.contact.rows_of(ctx.session, holders[start : start + BATCH], SYSTEM)
    found = senders.senders_of(ctx, {key: rows[key] for key in holders if key in rows})
    return {key: one for key, one in found.items() if one.owns(arrival.recipient, arrival.messaging_service_sid)}


def _of_tenant(ctx: Context, contacts: Iterable[Any], tenant: Any) -> list[Any]:
    """Return the contacts that exist and belong to the tenant, each once and in their order."""
    keys = list(dict.fromkeys(contacts))
    present = ctx.hosts.contact.seen_in_tenant(ctx.session, keys, tenant)
    return [key for key in keys if key in present]


def _last_written_to(written: Sequence[Any], arrival: Arrival) -> Any | None:
    """Return the contact of the newest message from the number that the reply came to, or may have come to.

    Without such a message, return that of the newest message of the sender.
    """
    recipient = address_key(arrival.recipient)
    exact = [row for row in written if recipient in (_known_senders(row) or {recipient})]
    return next((row.contact_id for row in (*exact, *written)), None)
