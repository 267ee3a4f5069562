"""Store inbound messages: matched to a contact, or unmatched. Apply STOP and START."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...providers.twilio.addresses import bare, channel_named_in, is_on_whatsapp
from ..consent import service as consent
from ..consent.models import ConsentEntryTable
from ..contacts.numbers import inbound_key
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import LastContact
from ..profiles import service as profiles
from ..profiles import unreachable
from .matching import Arrival, match
from .models import MessageTable
from .statuses import STATUS_RANKS

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "yes", "unstop"})
"""Twilio's keywords. Each counts only if it is the whole message."""

_NOT_A_LETTER = re.compile(r"[^\w?]|_")
"""Spaces, dots, quotes and invisible characters. A question is no wish."""

_ONE_WORD = re.compile(r"[^\w?]*(\w+)[^\w?]*")

MAX_BODY_CHARACTERS = 10_000
MAX_MEDIA = 10
MAX_ADDRESS_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as the provider delivered it. Its repr shows neither numbers nor texts.

    ``texts`` are all readings of the sender's text; ``location`` and ``payload`` are as in the table of messages.
    """

    sid: str
    channel: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    body: str = field(repr=False)
    media: list[dict[str, str]] = field(repr=False)
    opt_out: str | None = None
    delivered_via: str | None = None
    location: dict[str, Any] | None = field(default=None, repr=False)
    payload: str | None = field(default=None, repr=False)
    texts: tuple[str, ...] = field(default=(), repr=False)
    messaging_service_sid: str | None = None


class Received(NamedTuple):
    """The message if it is a new one, and the new entries of the consent ledger."""

    message: MessageTable | None
    entries: list[ConsentEntryTable]


def read(form: Mapping[str, str], cut_body: str | None = None) -> Inbound:
    """Return the message in the parameters of a webhook. Characters that not every database stores are removed.

    :param form: the parameters by name.
    :param cut_body: the text as the request delimited it, if that differs.
    """
    sender, recipient = form.get("From", ""), form.get("To", "")
    body = _text(form, "Body", "ButtonText", "ListTitle") or ""
    media = list(_media(form))
    channel = "mms" if media else "sms"
    if is_on_whatsapp(sender) or is_on_whatsapp(recipient):
        channel = "whatsapp"
    return Inbound(
        sid=form["MessageSid"],
        channel=channel,
        sender=bare(sender)[:MAX_ADDRESS_CHARACTERS],
        recipient=bare(recipient)[:MAX_ADDRESS_CHARACTERS],
        body=body,
        media=media,
        opt_out=_text(form, "OptOutType"),
        delivered_via=channel_named_in(sender) or channel_named_in(recipient),
        location=_location(form),
        payload=_text(form, "ButtonPayload", "ListId"),
        texts=(body, cut_body or ""),
        messaging_service_sid=_text(form, "MessagingServiceSid", most=MAX_ADDRESS_CHARACTERS),
    )


def _text(form: Mapping[str, str], *names: str, most: int = MAX_BODY_CHARACTERS) -> str | None:
    """Return the first of these parameters that is not empty."""
    texts = (form.get(name, "").replace("\x00", "")[:most] for name in names)
    return next(filter(None, texts), None)


def _media(form: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield every file that the parameters name, whatever ``NumMedia`` says."""
    for place in range(MAX_MEDIA):
        url = _text(form, f"MediaUrl{place}")
        if url is not None:
            yield {"url": url, "content_type": _text(form, f"MediaContentType{place}") or ""}


def _location(form: Mapping[str, str]) -> dict[str, Any] | None:
    latitude, longitude = _degrees(form, "Latitude", 90), _degrees(form, "Longitude", 180)
    label, address = _text(form, "Label"), _text(form, "Address")
    if None in (latitude, longitude) and (label, address) == (None, None):
        return None
    return {"latitude": latitude, "longitude": longitude, "label": label, "address": address}


def _degrees(form: Mapping[str, str], name: str, most: int) -> float | None:
    text = form.get(name, "")
    if not re.fullmatch(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?", text):
        return None
    return float(text) if abs(float(text)) <= most else None


def wish(inbound: Inbound) -> str | None:
    """Return ``stop`` or ``start`` if the message is nothing else: by the provider's parameter, or by its text."""
    if inbound.opt_out is not None:
        named = inbound.opt_out.lower()
        return named if named in ("stop", "start") else None
    text = inbound.body.casefold()
    if any(_NOT_A_LETTER.sub("", one.casefold()) in STOP_WORDS for one in (text, *inbound.texts)):  # "Opt out." too
        return "stop"
    alone = _ONE_WORD.fullmatch(text)
    return "start" if alone is not None and alone[1] in START_WORDS else None


def receive(ctx: Context, inbound: Inbound, *, now: datetime) -> Received:
    """Store a message once, however often it is delivered, and apply its STOP or START. Flushes."""
    key = inbound_key(ctx, inbound.sender)
    arrival = Arrival(inbound.sender, key, inbound.channel, inbound.recipient, inbound.messaging_service_sid)
    matched = match(ctx, arrival)
    row = {
        "id": uuid7(),
        "contact_id": matched.contact,
        "direction": "inbound",
        "channel": inbound.channel,
        "body": inbound.body,
        "media": inbound.media or None,
        "location": inbound.location,
        "payload": inbound.payload,
        "delivered_via": inbound.delivered_via,
        "from_number": inbound.sender,
        "address_key": key,
        "to_number": inbound.recipient,
        "messaging_service_sid": inbound.messaging_service_sid,
        "tenant": matched.tenant,
        "status": "received",
        "status_rank": STATUS_RANKS["received"],
        "attempt": 0,
        "provider_sid": inbound.sid,
        "created_at": now,
    }
    ctx.insert_if_absent(ctx.models.Message, row)
    table = ctx.models.Message
    message = ctx.execute(sa.select(table).where(table.id == row["id"])).scalar_one_or_none()
    if message is None:  # it is stored already
        return Received(None, [])
    if matched.contact is not None:
        profiles.note_message(ctx, matched.contact, now)
        last_contact.note(ctx, matched.contact, LastContact(now, inbound.channel, None))
        unreachable.unflag(ctx, matched.contact, inbound.sender, inbound.channel)
    return Received(message, _apply_wish(ctx, inbound, matched.concerned, now))


def _apply_wish(ctx: Context, inbound: Inbound, contacts: Sequence[Any], now: datetime) -> list[ConsentEntryTable]:
    """Suppress the number after STOP; lift the suppression after START. Record it for all contacts concerned.

    START never grants an opt-in.
    """
    event = wish(inbound)
    if event is None:
        return []
    key = inbound_key(ctx, inbound.sender)
    if event == "stop":
        consent.suppress(ctx, inbound.sender, channel=inbound.channel, reason="stop", now=now, key=key)
    else:
        consent.lift(ctx, inbound.sender, now=now, key=key)
    entries = [
        consent.record(
            ctx,
            contact=contact,
            number=inbound.sender,
            number_key=key,
            channel=inbound.channel,
            event=event,
            source="recipient",
            evidence=inbound.sid,
            now=now,
        )
        for contact in contacts or [None]
    ]
    ctx.session.flush()
    return entries
