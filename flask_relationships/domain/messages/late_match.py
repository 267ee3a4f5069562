"""Match messages to a contact after they came in, with every effect that they would have had on arrival."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...db.revisions import of_revision
from ...hosts.bound import HostRow
from ..consent import service as consent
from ..consent.models import ConsentEntryTable
from ..contacts.addresses import address_spellings
from ..contacts.comparison import has_address
from ..contacts.numbers import find_contacts, inbound_key
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import LastContact
from ..profiles import service as profiles
from ..profiles import unreachable
from . import matching
from .models import MessageTable
from .unmatched import is_unmatched

MAX_JOINED_MESSAGES = 500
"""How many unmatched messages are matched at once; a later run takes the rest."""


class Attached(NamedTuple):
    """A message that was matched to a contact, and the new entry of the consent ledger if it was a STOP or START."""

    message: Any
    entry: ConsentEntryTable | None


def attach(
    ctx: Context,
    message: MessageTable,
    contact: Any,
    row: HostRow | None = None,
    *,
    revisions: Collection[int] | None = None,
) -> Attached | None:
    """Match an unmatched message to a contact. Flushes.

    :param row: the contact that a user chose: a STOP then holds for the contact's own numbers too. None: the contact
        has the number of the message.
    :param revisions: those that the client expects, None for any.
    :returns: None if the message already has a contact.
    """
    table, at, number = ctx.models.Message, message.created_at, message.from_number or ""
    attaching = sa.update(table).where(table.id == message.id, is_unmatched(table), *of_revision(table, revisions))
    if not ctx.update_where(attaching.values(contact_id=contact, matched_at=ctx.now())):
        return None
    profiles.note_message(ctx, contact, at)
    last_contact.note(ctx, contact, LastContact(at, message.channel, None))
    unreachable.unflag(ctx, contact, number, message.channel, at=at)
    return Attached(message, _repeat_wish(ctx, message, number, contact, row))


def _repeat_wish(
    ctx: Context, message: MessageTable, number: str, contact: Any, row: HostRow | None
) -> ConsentEntryTable | None:
    """Record the STOP or START of a message for its contact too: the ledger has it without a contact."""
    table, key = ctx.models.ConsentEntry, message.address_key or inbound_key(ctx, number)
    wishes = sa.select(table.event, table.evidence, table.contact_id).where(
        has_address(table.number_key, table.number, number, key), table.event.in_(("stop", "start"))
    )
    found = ctx.execute(wishes.order_by(table.created_at.desc(), table.id.desc())).all()
    events = {wish.contact_id: wish.event for wish in found if wish.evidence == message.provider_sid}
    if not events or contact in events:
        return None
    event = next(iter(events.values()))
    if row is not None and event == found[0].event == "stop":
        _suppress_own_numbers(ctx, message, row, key)
    entry = consent.record(
        ctx,
        contact=contact,
        number=number,
        number_key=key,
        channel=message.channel,
        event=event,
        source="recipient",
        evidence=message.provider_sid,
        now=ctx.now(),
    )
    ctx.session.flush()
    return entry


def _suppress_own_numbers(ctx: Context, message: MessageTable, contact: HostRow, key: str) -> None:
    """Suppress the numbers on record of a contact who said STOP from another number."""
    profile = profiles.find_or_imagine(ctx, contact).profile
    numbers = list(filter(None, (profile.phone_e164, profile.whatsapp_e164)))
    if key in {inbound_key(ctx, number) for number in numbers}:
        return
    for number in numbers:
        consent.suppress(ctx, number, channel=message.channel, reason="stop", now=ctx.now())


def join_waiting(ctx: Context, keys: Collection[str]) -> list[Attached]:
    """Match unmatched messages from these numbers to the contact who has the number, if it is exactly one. Flushes.

    :param keys: comparison keys of numbers that a contact has just got.
    """
    table, wanted = ctx.models.Message, list(filter(None, dict.fromkeys(keys)))
    if not wanted:
        return []
    spellings = [spelling for key in wanted for spelling in address_spellings(key)]
    without_key = sa.and_(table.address_key.is_(None), table.from_number.in_(spellings))
    waiting = sa.select(table).where(is_unmatched(table), sa.or_(table.address_key.in_(wanted), without_key))
    if ctx.hosts.contact.mapping.tenant is not None:  # no viewer sees a message without tenant: keep it hidden
        waiting = waiting.where(table.tenant.is_not(None))
    ordered = waiting.order_by(table.created_at, table.id).limit(MAX_JOINED_MESSAGES)
    joined = [_join(ctx, message) for message in ctx.execute(ordered).scalars().all()]
    return [attached for attached in joined if attached is not None]


def _join(ctx: Context, message: MessageTable) -> Attached | None:
    found = find_contacts(ctx, message.from_number or "", message.channel)
    contacts = [contact for contact in found if matching.may_join(ctx, message, contact)]
    return attach(ctx, message, contacts[0]) if len(contacts) == 1 else None
