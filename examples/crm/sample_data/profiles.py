"""Relationship profiles, with the consent to receive texts and the ledger of how it was given or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import phonenumbers
from sqlalchemy.orm import Session

from ..models import Contact
from ..relationships import relationships
from .clock import Clock
from .conversations import COMMUNICATION_NOTES, DIETS, PERSONAL_NOTES
from .names import INTERESTS, PEOPLE, SHORT_NAMES, STREETS
from .people import address_part

Known = list[tuple[Contact, Any]]
"""Contacts with their profiles; the first is the one that the documentation shows, and has everything."""


def add_profiles(session: Session, clock: Clock, contacts: list[Contact]) -> Known:
    first, known = contacts[0], []
    for contact in contacts:
        colleague = contact.organisation is first.organisation  # of the company the documentation shows
        if colleague or clock.chance(0.85):
            share = 0.8 if colleague else 0.62
            known.append((contact, profile_of(clock, contact, showpiece=contact is first, opted_in=share)))
    session.add_all(profile for _, profile in known)
    session.flush()
    for contact, profile in known:
        session.add_all(consent_of(clock, contact, profile))
    session.flush()
    return known


def profile_of(clock: Clock, contact: Contact, *, showpiece: bool, opted_in: float) -> Any:
    random = clock.random

    def perhaps(share: float) -> bool:
        return showpiece or clock.chance(share)

    def pick(words: Sequence[str]) -> str:
        return words[0] if showpiece else random.choice(words)

    created = clock.ago(random.uniform(300, 365))
    phone = contact.mobile
    birthday = clock.today + timedelta(days=12 if showpiece else random.randrange(365))
    birth_day = birthday.month * 100 + min(birthday.day, 28 if birthday.month == 2 else 31)
    knows_birthday = perhaps(0.7)
    birthday_year = random.randrange(1958, 1996) if knows_birthday and perhaps(0.5) else None
    given, family = (random.choice(names.split()) for names in random.choice(PEOPLE))
    has_assistant = perhaps(0.2)
    may_text = phone is not None and perhaps(opted_in)
    return relationships.models.Profile(
        id=clock.row_id(created),
        contact_id=contact.id,
        communication_preference=pick(("whatsapp", "sms", "email", "phone")) if perhaps(0.8) else None,
        communication_notes=pick(COMMUNICATION_NOTES) if perhaps(0.4) else None,
        personal_notes=pick(PERSONAL_NOTES) if perhaps(0.45) else None,
        birthday_month_day=birth_day if knows_birthday else None,
        birthday_year=birthday_year,
        birthday_in_full=birthday_year is not None,
        home_address=f"{random.randrange(1, 120)} {pick(STREETS)}" if perhaps(0.2) else None,
        interests=random.sample(INTERESTS, random.randrange(2, 5)) if perhaps(0.6) else [],
        dietary_requirements=pick(DIETS) if perhaps(0.25) else None,
        preferred_name=SHORT_NAMES.get(contact.given_name),
        assistant_name=f"{given} {family}" if has_assistant else None,
        assistant_email=f"{address_part(given)}.{address_part(family)}@{contact.email.split('@')[1]}"
        if has_assistant
        else None,
        phone_number=phone,
        phone_e164=in_e164(phone),
        twilio_opt_in=may_text,
        consent_changed_at=clock.ago(random.uniform(200, 299)) if may_text else None,
        created_at=created,
        updated_at=clock.ago(random.uniform(1, 299)),
    )


def consent_of(clock: Clock, contact: Contact, profile: Any) -> list[Any]:
    """The ledger's lines of this contact. A few have texted STOP since, and so blocked their number."""
    models = relationships.models
    if not profile.twilio_opt_in:
        return []

    def line(event: str, at: Any, **more: Any) -> Any:
        return models.ConsentEntry(
            id=clock.row_id(at),
            contact_id=contact.id,
            number=profile.phone_e164,
            event=event,
            created_at=at,
            **more,
        )

    lines = [line("opt_in", profile.consent_changed_at, source="api", actor_user_id=contact.owner_id)]
    if clock.chance(0.05) and profile.phone_e164:
        stopped = clock.ago(clock.random.uniform(5, 90))
        lines.append(line("refused", stopped, source="provider", channel="sms"))
        lines.append(
            models.Suppression(
                id=clock.row_id(stopped), number=profile.phone_e164, reason="refused", created_at=stopped
            )
        )
    return lines


def birthday_on(profile: Any) -> date | None:
    """The first birthday, where the year is known."""
    if profile.birthday_month_day is None or profile.birthday_year is None:
        return None
    return date(profile.birthday_year, *divmod(profile.birthday_month_day, 100))


def in_e164(number: str | None) -> str | None:
    if number is None:
        return None
    return phonenumbers.format_number(phonenumbers.parse(number, "GB"), phonenumbers.PhoneNumberFormat.E164)
