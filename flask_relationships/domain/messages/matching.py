"""Whose message came in: one of the contacts of the sender it came to, or nobody's yet.

Replies belong to a conversation. A number that somebody enters in a contact of their own takes no reply away from the
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
from .statuses import FAILED

MAX_CONVERSATION_ROWS = 200
"""How many messages to one address are looked at, newest first."""

SAME_CHANNEL = {"whatsapp": ("whatsapp",)}
"""SMS and MMS go between the same numbers."""

MAYBE_SENT = ("sending", "unconfirmed")


class Match(NamedTuple):
    """The contact whose message it is, None if it is unmatched.

    ``concerned`` are all contacts of that sender who have the number, the contact first. ``tenant`` is that of the
    sender, as text.
    """

    contact: Any | None
    concerned: Sequence[Any]
    tenant: str | None


class Arrival(NamedTuple):
    """Where a message came from and to: the address it came from, its comparison key, the channel, the address it came
    to, and the Messaging Service it came by."""

    address: str
    key: str
    channel: str
    recipient: str
    messaging_service_sid: str | None


def match(ctx: Context, arrival: Arrival) -> Match:
    """Return whose message it is.

    It belongs to the sender whose number, pool or Messaging Service it carries, and is matched among the contacts of
    that sender. Of several it is the one last written to from that sender on that channel. If none was written to and
    there are several, it is unmatched.
    """
    holders = numbers.find_contacts(ctx, arrival.address, arrival.channel)
    written = _conversation(ctx, arrival, holders)
    sender = _single_sender(ctx) or ctx.senders.owner_of(arrival.recipient, arrival.messaging_service_sid)
    by_callback = ctx.callbacks.sender is not None and (sender is None or sender is ctx.senders.default)
    tenants: set[Any] = set()
    if sender is None:
        written = [row for row in written if _came_back(row, arrival)]
        tenants |= {row.tenant for row in written}
    else:
        written = [row for row in written if _is_from(ctx, row, sender, arrival)]
        tenants.add(sender.tenant)
    if by_callback:
        owned = _of_callback(ctx, holders, arrival)
        holders = list(owned)
        tenants |= {one.tenant for one in owned.values()} if sender is None else set()
    elif sender is None:
        holders = []
    tenant = next(iter(tenants)) if len({senders.tenant_text(one) for one in tenants}) == 1 else None
    contacts = _of_tenant(ctx, [*(row.contact_id for row in written), *holders], tenant)
    chosen = _last_written_to([row for row in written if row.contact_id in contacts], arrival)
    if chosen is None and len(contacts) == 1:
        (chosen,) = contacts
    holding = [contact for contact in contacts if contact in holders and contact != chosen]
    return Match(chosen, [*([] if chosen is None else [chosen]), *holding], senders.tenant_text(tenant))


def may_join(ctx: Context, message: Any, contact: Any) -> bool:
    """Return whether an unmatched message may become that of a contact who got its number later.

    The contact must belong to the sender that the message came to, as when a message comes in.
    """
    sender = _single_sender(ctx) or ctx.senders.owner_of(message.to_number or "", message.messaging_service_sid)
    if message.tenant is not None:
        return contact in ctx.hosts.contact.seen_in_tenant(ctx.session, [contact], message.tenant)
    if ctx.callbacks.sender is None:
        return sender is not None
    rows = ctx.hosts.contact.rows_of(ctx.session, [contact], SYSTEM)
    owners = senders.senders_of(ctx, rows).values()
    return any(one.owns(message.to_number or "", message.messaging_service_sid) for one in owners)


def _single_sender(ctx: Context) -> Sender | None:
    """The sender of an application that has only one: whatever comes in came to it."""
    several = ctx.senders.by_tenant or ctx.callbacks.sender is not None
    return None if several else ctx.senders.default


def _conversation(ctx: Context, arrival: Arrival, holders: Sequence[Any]) -> list[sa.Row[Any]]:
    """What was sent to this address on this channel, newest first. A message that certainly did not leave is none."""
    table = ctx.models.Message
    to_address = table.address_key == arrival.key
    if holders:  # rows of version 0.1 have no key yet, and no index finds them but that of their contact
        unkeyed = (table.address_key.is_(None), table.to_number.in_(_spellings(arrival)))
        to_address = sa.or_(to_address, sa.and_(table.contact_id.in_(holders[:BATCH]), *unkeyed))
    left = sa.or_(table.provider_sid.is_not(None), table.status.in_(MAYBE_SENT))
    columns = (table.contact_id, table.from_number, table.sender_number, table.messaging_service_sid, table.tenant)
    statement = (
        sa.select(*columns)
        .where(to_address, table.direction == "outbound", table.contact_id.is_not(None))
        .where(table.channel.in_(SAME_CHANNEL.get(arrival.channel, ("sms", "mms"))))
        .where(left, table.status.not_in((*FAILED, "canceled")))
        .order_by(table.created_at.desc(), table.id.desc())
        .limit(MAX_CONVERSATION_ROWS)
    )
    return list(ctx.execute(statement))


def _spellings(arrival: Arrival) -> list[str]:
    return list(dict.fromkeys((*address_spellings(arrival.address), *address_spellings(arrival.key))))


def _known_senders(row: Any) -> set[str]:
    """The numbers that a message is known to have been sent from."""
    return {address_key(number) for number in (row.from_number, row.sender_number) if number}


def _came_back(row: Any, arrival: Arrival) -> bool:
    """Whether a message was sent from the very address, or Messaging Service, that this one came to."""
    service = arrival.messaging_service_sid
    by_service = service is not None and row.messaging_service_sid == service
    return by_service or address_key(arrival.recipient) in _known_senders(row)


def _is_from(ctx: Context, row: Any, sender: Sender, arrival: Arrival) -> bool:
    """Whether a message was sent from this sender. Rows of version 0.1 do not always say where from."""
    if sender is _single_sender(ctx) or _came_back(row, arrival):
        return True
    if row.tenant != senders.tenant_text(sender.tenant):
        return row.tenant is None and not _known_senders(row) and row.messaging_service_sid is None
    known = _known_senders(row)
    service = row.messaging_service_sid
    return not known or bool(known & sender.addresses) or (service is not None and sender.owns("", service))


def _of_callback(ctx: Context, holders: Sequence[Any], arrival: Arrival) -> dict[Any, Sender]:
    """Those of the contacts whose sender, as the application's callback says, has the address the message came to."""
    rows: dict[Any, Any] = {}
    for start in range(0, len(holders), BATCH):
        rows |= ctx.hosts.contact.rows_of(ctx.session, holders[start : start + BATCH], SYSTEM)
    found = senders.senders_of(ctx, {key: rows[key] for key in holders if key in rows})
    return {key: one for key, one in found.items() if one.owns(arrival.recipient, arrival.messaging_service_sid)}


def _of_tenant(ctx: Context, contacts: Iterable[Any], tenant: Any) -> list[Any]:
    """Those of the contacts that exist and belong to the tenant, in their order, each once."""
    keys = list(dict.fromkeys(contacts))
    present = ctx.hosts.contact.seen_in_tenant(ctx.session, keys, tenant)
    return [key for key in keys if key in present]


def _last_written_to(written: Sequence[Any], arrival: Arrival) -> Any | None:
    """The contact of the newest message that was sent from this very number, as far as that is known; else from the
    sender's others."""
    here = address_key(arrival.recipient)
    exact = [row for row in written if here in (_known_senders(row) or {here})]
    return next((row.contact_id for row in (*exact, *written)), None)
