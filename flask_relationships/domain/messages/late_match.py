"""Messages that are given to a contact after they came in, with every effect they would have had on arrival."""

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
from .unmatched_rows import is_unmatched

MAX_JOINED_MESSAGES = 500
"""How many unmatched messages join contacts at once; a later pass takes the rest."""


class Attached(NamedTuple):
    """A message that a contact was given, and the ledger's line where it was a STOP or START."""

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
    """Give an unmatched message to a contact. Flushes.

    :param row: the contact as somebody chose it: a STOP then holds for the contact's own numbers too. Without it the
        message is attached because the contact has its number.
    :param revisions: those that the client expects, None for any.
    :returns: None where the message is a contact's already.
    """
    table = ctx.models.Message
    attaching = sa.update(table).where(table.id == message.id, is_unmatched(table), *of_revision(table, revisions))
    if not ctx.update_where(attaching.values(contact_id=contact, matched_at=ctx.now())):
        return None
    at, number = message.created_at, message.from_number or ""
    profiles.note_message(ctx, contact, at)
    last_contact.note(ctx, contact, LastContact(at, message.channel, None))
    unreachable.unflag(ctx, contact, number, message.channel, at=at)
    return Attached(message, _repeat_wish(ctx, message, contact, row))


def _repeat_wish(ctx: Context, message: MessageTable, contact: Any, row: HostRow | None) -> ConsentEntryTable | None:
    """Write the STOP or START of a message, which the ledger has without a contact, for the contact too."""
    table, number = ctx.models.ConsentEntry, message.from_number or ""
    key = message.address_key or inbound_key(ctx, number)
    wishes = sa.select(table.event, table.evidence, table.contact_id).where(
        has_address(table.number_key, table.number, number, key), table.event.in_(("stop", "start"))
    )
    found = ctx.execute(wishes.order_by(table.created_at.desc(), table.id.desc())).all()
    mine = [wish for wish in found if wish.evidence == message.provider_sid]
    if not mine or any(wish.contact_id == contact for wish in mine):
        return None
    event, now = mine[0].event, ctx.now()
    if event == "stop" and found[0].event == "stop" and row is not None:
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
        now=now,
    )
    ctx.session.flush()
    return entry


def _suppress_own_numbers(ctx: Context, message: MessageTable, contact: HostRow, key: str) -> None:
    """The person who said STOP from a number that is not on record wants none on the numbers that are, either."""
    profile = profiles.find_or_imagine(ctx, contact).profile
    numbers = [number for number in (profile.phone_e164, profile.whatsapp_e164) if number is not None]
    if key in {inbound_key(ctx, number) for number in numbers}:
        return
    for number in numbers:
        consent.suppress(ctx, number, channel=message.channel, reason="stop", now=ctx.now())


def join_waiting(ctx: Context, keys: Collection[str]) -> list[Attached]:
    """Give unmatched messages from these numbers to the contact who has the number, where it is exactly one. Flushes.

    :param keys: comparison keys of numbers that a contact has just got.
    """
    table, wanted = ctx.models.Message, [key for key in dict.fromkeys(keys) if key]
    if not wanted:
        return []
    spellings = [spelling for key in wanted for spelling in address_spellings(key)]
    without_key = sa.and_(table.address_key.is_(None), table.from_number.in_(spellings))
    theirs = sa.or_(table.address_key.in_(wanted), without_key)
    waiting = sa.select(table).where(is_unmatched(table), theirs).order_by(table.created_at, table.id)
    messages = ctx.execute(waiting.limit(MAX_JOINED_MESSAGES)).scalars().all()
    joined = []
    for message in messages:
        if ctx.hosts.contact.mapping.tenant is not None and message.tenant is None:
            continue  # shown to nobody: entering a number must not reveal it
        found = find_contacts(ctx, message.from_number or "", message.channel)
        contacts = [contact for contact in found if matching.may_join(ctx, message, contact)]
        attached = attach(ctx, message, contacts[0]) if len(contacts) == 1 else None
        if attached is not None:
            joined.append(attached)
    return joined
