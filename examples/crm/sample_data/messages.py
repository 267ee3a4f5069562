"""A year of messages with those who agreed to them: read, delivered, failed, and what came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ..clock import TIMEZONE
from ..models import Contact
from ..relationships import relationships
from .clock import Clock
from .conversations import FAULTS, FROM_THEM, THREADS
from .profiles import Known

OUR_NUMBER = "+442079460999"

RANKS = {"sent": 40, "undelivered": 50, "received": 60, "delivered": 60, "read": 70}


def add_messages(session: Session, clock: Clock, known: Known) -> None:
    for position, (contact, profile) in enumerate(known):
        if not profile.twilio_opt_in:
            continue
        thread = showpiece_thread(clock, contact, profile) if position == 0 else thread_of(clock, contact, profile)
        session.add_all(thread)
        profile.last_message_at = max((message.created_at for message in thread), default=None)
        note_the_last_contact(profile, thread)
    session.flush()


def note_the_last_contact(profile: Any, thread: list[Any]) -> None:
    """As the tool would have noted it: what arrived counts from then, and what came in."""
    counted = [(one.read_at or one.delivered_at or one.created_at, one) for one in thread if not one.error_code]
    if counted:
        at, message = max(counted, key=lambda pair: pair[0])
        profile.last_contact_at, profile.last_contact_channel = at, message.channel
        profile.last_contact_day = at.replace(tzinfo=UTC).astimezone(ZoneInfo(TIMEZONE)).date().toordinal()
        profile.last_contact_by_user_id = message.sent_by_user_id


def thread_of(clock: Clock, contact: Contact, profile: Any) -> list[Any]:
    """A handful of exchanges since the contact opted in, oldest first."""
    days = (clock.ago(0) - profile.consent_changed_at).days
    starts = sorted((clock.random.uniform(0.3, days) for _ in range(clock.random.randrange(1, 11))), reverse=True)
    channel = "whatsapp" if profile.communication_preference == "whatsapp" else "sms"
    thread = []
    for age, (ours, theirs) in zip(starts, clock.random.sample(THREADS, len(starts)), strict=True):
        asked = clock.on(clock.today - timedelta(days=int(age)))
        fault = clock.random.choice(FAULTS) if clock.chance(0.05) else None
        thread.append(outbound(clock, contact, profile, channel, ours, asked, fault=fault))
        answered = asked + timedelta(minutes=clock.random.randrange(2, 400))
        if theirs and fault is None and answered < clock.ago(0):
            thread.append(inbound(clock, contact, profile, channel, theirs, answered))
    if clock.chance(0.15):
        thread.append(
            inbound(
                clock,
                contact,
                profile,
                channel,
                clock.random.choice(FROM_THEM),
                clock.on(clock.today - timedelta(days=clock.random.randrange(5))),
            )
        )
    return thread


def showpiece_thread(clock: Clock, contact: Contact, profile: Any) -> list[Any]:
    def at(days: int) -> datetime:
        return clock.on(clock.today - timedelta(days=days))

    first, dinner = at(40), at(5)
    return [
        outbound(clock, contact, profile, "whatsapp", THREADS[0][0], first),
        inbound(clock, contact, profile, "whatsapp", str(THREADS[0][1]), first + timedelta(minutes=29)),
        outbound(clock, contact, profile, "sms", THREADS[9][0], at(16), fault=FAULTS[0]),
        outbound(clock, contact, profile, "whatsapp", THREADS[3][0], dinner),
        inbound(clock, contact, profile, "whatsapp", str(THREADS[3][1]), dinner + timedelta(minutes=95)),
    ]


def outbound(
    clock: Clock,
    contact: Contact,
    profile: Any,
    channel: str,
    body: str,
    at: datetime,
    *,
    fault: tuple[str, str] | None = None,
) -> Any:
    status = "undelivered" if fault else "read" if channel == "whatsapp" and clock.chance(0.85) else "delivered"
    delivered = None if fault else at + timedelta(seconds=clock.random.randrange(2, 40))
    code, words = fault or (None, None)
    return message(
        clock,
        contact,
        channel,
        body,
        at,
        direction="outbound",
        from_number=OUR_NUMBER,
        to_number=profile.phone_e164,
        status=status,
        error_code=code,
        error_message=words,
        sent_by_user_id=contact.owner_id,
        sent_at=at + timedelta(seconds=1),
        delivered_at=delivered,
        read_at=delivered + timedelta(minutes=clock.random.randrange(1, 50))
        if delivered and status == "read"
        else None,
        attempt=1,
    )


def inbound(clock: Clock, contact: Contact, profile: Any, channel: str, body: str, at: datetime) -> Any:
    return message(
        clock,
        contact,
        channel,
        body,
        at,
        direction="inbound",
        from_number=profile.phone_e164,
        to_number=OUR_NUMBER,
        status="received",
    )


def message(clock: Clock, contact: Contact, channel: str, body: str, at: datetime, **columns: Any) -> Any:
    return relationships.models.Message(
        id=clock.row_id(at),
        contact_id=contact.id,
        channel=channel,
        body=body,
        created_at=at,
        status_rank=RANKS[columns["status"]],
        provider_sid=f"SM{clock.random.getrandbits(128):032x}",
        **columns,
    )
