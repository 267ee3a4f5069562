"""Messages that came in: into the thread of the contact they are from, or kept unmatched; STOP and START are heeded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ..binding.hosts import SYSTEM, Hosts
from ..consent import service as consent
from ..consent.tables import ConsentEntryTable
from ..profiles import service as profiles
from ..profiles import unreachable
from ..tables.build import Models
from ..tables.execute import execute, insert_if_absent
from .statuses import RANKS
from .tables import MessageTable

STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START = frozenset({"start", "yes", "unstop"})
"""Twilio's words. Each is one only where it is the whole message."""

_NO_LETTERS = re.compile(r"[^\w?]|_")
"""Spaces, dots, quotes and what cannot be seen. A question is no wish."""

_ALONE = re.compile(r"[^\w?]*(\w+)[^\w?]*")

LONGEST_BODY = 10_000
MOST_MEDIA = 10


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as the provider delivered it. Its repr shows neither numbers nor texts."""

    sid: str
    channel: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    body: str = field(repr=False)
    media: list[dict[str, str]] = field(repr=False)
    opt_out: str | None = None


class Received(NamedTuple):
    """What came of it: the message where it is a new one, and the lines of the ledger that it wrote."""

    message: MessageTable | None
    entries: list[ConsentEntryTable]


def read(form: Mapping[str, str]) -> Inbound:
    """The message in a signed form. What a text may not hold in every database is taken out of it."""
    sender, recipient = form.get("From", ""), form.get("To", "")
    count = form.get("NumMedia", "0")
    media = [
        {"url": form[f"MediaUrl{place}"], "content_type": form.get(f"MediaContentType{place}", "")}
        for place in range(min(int(count), MOST_MEDIA) if count.isdecimal() and len(count) < 4 else 0)
        if f"MediaUrl{place}" in form
    ]
    whatsapp = sender.startswith("whatsapp:")
    return Inbound(
        sid=form["MessageSid"],
        channel="whatsapp" if whatsapp else "mms" if media else "sms",
        sender=sender.removeprefix("whatsapp:")[:64],
        recipient=recipient.removeprefix("whatsapp:")[:64],
        body=form.get("Body", "").replace("\x00", "")[:LONGEST_BODY],
        media=media,
        opt_out=form.get("OptOutType") or None,
    )


def wish(inbound: Inbound) -> str | None:
    """``stop`` or ``start``, where the message says nothing but that: by the provider's own word, or by its text."""
    if inbound.opt_out is not None:
        told = inbound.opt_out.lower()
        return told if told in ("stop", "start") else None
    text = inbound.body.casefold()
    if _NO_LETTERS.sub("", text) in STOP:  # "Opt out." too: in doubt nothing more is sent
        return "stop"
    alone = _ALONE.fullmatch(text)
    return "start" if alone is not None and alone[1] in START else None


def receive(session: Session, models: Models, hosts: Hosts, inbound: Inbound, *, now: datetime) -> Received:
    """Keep a message once, however often it is delivered, and do what it says of consent. Flushes."""
    contacts = _contacts(session, models, hosts, inbound)
    row = {
        "id": uuid7(),
        "contact_id": contacts[0] if contacts else None,
        "direction": "inbound",
        "channel": inbound.channel,
        "body": inbound.body,
        "media": inbound.media or None,
        "from_number": inbound.sender,
        "to_number": inbound.recipient,
        "status": "received",
        "status_rank": RANKS["received"],
        "attempt": 0,
        "provider_sid": inbound.sid,
        "created_at": now,
    }
    insert_if_absent(session, models.Message, row)
    table = models.Message
    message = execute(session, models.mapper, sa.select(table).where(table.id == row["id"])).scalar_one_or_none()
    if message is None:  # it came before
        return Received(None, [])
    for contact in contacts[:1]:
        profiles.note_message(session, models, contact, now)
        unreachable.unflag(session, models, contact, inbound.sender, inbound.channel)
    return Received(message, _heed(session, models, inbound, contacts, now))


def _contacts(session: Session, models: Models, hosts: Hosts, inbound: Inbound) -> list[Any]:
    """Who has this number: on WhatsApp who has it there first, then whoever was last in touch."""
    table = models.Profile
    numbers = [table.phone_e164, table.whatsapp_e164]
    first = numbers[1] if inbound.channel == "whatsapp" else numbers[0]
    statement = (
        sa.select(table.contact_id)
        .where(sa.or_(*(column == inbound.sender for column in numbers)))
        .order_by(
            sa.case((first == inbound.sender, 0), else_=1),
            sa.case((table.last_message_at.is_(None), 1), else_=0),
            table.last_message_at.desc(),
            table.id,
        )
    )
    keys = list(execute(session, models.mapper, statement).scalars())
    present = hosts.contact.values(session, keys, (), SYSTEM)
    return [key for key in keys if key in present]


def _heed(
    session: Session, models: Models, inbound: Inbound, contacts: list[Any], now: datetime
) -> list[ConsentEntryTable]:
    """STOP suppresses the number; START lifts that, and never grants an opt-in. Each is a line for all concerned."""
    event = wish(inbound)
    if event is None:
        return []
    if event == "stop":
        consent.suppress(session, models, inbound.sender, channel=inbound.channel, reason="stop", now=now)
    else:
        consent.lift(session, models, inbound.sender, now=now)
    entries = [
        consent.record(
            session,
            models,
            contact=contact,
            number=inbound.sender,
            channel=inbound.channel,
            event=event,
            source="recipient",
            evidence=inbound.sid,
            now=now,
        )
        for contact in contacts or [None]
    ]
    session.flush()
    return entries
