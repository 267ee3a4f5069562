"""What every peer computes alike, so that none is slower for its arithmetic."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask_relationships.domain.contacts.addresses import NumberReader
from flask_relationships.domain.life_events.occurrences import month_day, next_occurrence
from flask_relationships.domain.life_events.subjects import is_anniversary
from tests.benchmarks.population import PRESENT

UPCOMING = timedelta(days=90)

RECENT = 10

MOST = 10_000
"""How many actions a list without a limit holds."""

LEAD = 7
"""Days before its event that an auto-action is due."""

NUMBERS = NumberReader(region=None)


def now() -> datetime:
    """Return the moment that the population is made for: what is due, and so what is asked, depends on it."""
    return PRESENT


def today() -> date:
    return PRESENT.date()


def coming(event: Any) -> date | None:
    return occurrence(event.event_type, event.event_date, event.month_day, today())


def occurrence(event_type: str, event_date: date | None, day: int | None, earliest: date) -> date | None:
    """Return the next occurrence on or after ``earliest``; that of an anniversary is not in its first year."""
    return next_occurrence(event_date, day, earliest, "feb28", day is not None and is_anniversary(event_type))


def days_until(event: Any) -> int | None:
    found = coming(event)
    return None if found is None else (found - today()).days


def by_occurrence(event: Any) -> tuple[date, Any]:
    return coming(event) or date.max, event.id


def birthday(profile: Any) -> str | None:
    if profile.birthday_month_day is None:
        return None
    day = f"{profile.birthday_month_day // 100:02}-{profile.birthday_month_day % 100:02}"
    return f"{profile.birthday_year:04}-{day}" if profile.birthday_in_full else day


def last_contact(profile: Any) -> dict[str, Any] | None:
    if profile is None or profile.last_contact_at is None:
        return None
    by = profile.last_contact_by_user_id
    return {
        "at": profile.last_contact_at,
        "by": None if by is None else str(by),
        "channel": profile.last_contact_channel,
    }


def in_touch_due(profile: Any) -> date | None:
    return None if profile.in_touch_due_day is None else date.fromordinal(profile.in_touch_due_day)


def birthday_source(profile: Any) -> str | None:
    """Return where the birthday comes from, or None where the host has none either."""
    return _shown_source(profile.birthday_source, profile.birthday_month_day)


def phone_number_source(profile: Any) -> str | None:
    """Return where the phone number comes from, or None where the host has none either."""
    return _shown_source(profile.phone_number_source, profile.phone_number)


def _shown_source(source: str | None, value: object) -> str | None:
    return None if source == "crm" and value is None else source


def phone_number_problem(profile: Any) -> dict[str, Any] | None:
    """Return why the phone number has no number in E.164; None where it has one or is empty."""
    return _number_problem(profile.phone_number, profile.phone_e164)


def whatsapp_number_problem(profile: Any) -> dict[str, Any] | None:
    """Return why the WhatsApp number has no number in E.164; None where it has one or is empty."""
    return _number_problem(profile.whatsapp_number, profile.whatsapp_e164)


def _number_problem(text: str | None, number: str | None) -> dict[str, Any] | None:
    if number is not None:
        return None
    reading = NUMBERS.read(text)
    return None if reading.reason is None else {"code": reading.reason, "detail": reading.words}


def messaging_blocked(profile: Any, suppressed: dict[str, datetime]) -> dict[str, Any] | None:
    """Why no message may be sent, given since when the profile's numbers are suppressed."""
    if not profile.twilio_opt_in:
        return {"channel": "all", "reason": "not_opted_in", "since": profile.consent_changed_at}
    whatsapp = profile.whatsapp_e164 if profile.whatsapp_number else profile.phone_e164
    blocked = {}
    for channel, number in (("sms", profile.phone_e164), ("whatsapp", whatsapp)):
        if number is None:
            blocked[channel] = ("no_phone_number", None)
        elif number in suppressed:
            blocked[channel] = ("opted_out_by_recipient", suppressed[number])
    if not blocked:
        return None
    channel, (reason, since) = next(iter(blocked.items()))
    return {"channel": "all" if len(blocked) == 2 else channel, "reason": reason, "since": since}


def event_columns(event_type: str, event_date: date, recurs_annually: bool, lead: int) -> dict[str, Any]:
    """Return the columns that follow from the type and date of a new event."""
    day = month_day(event_date) if recurs_annually else None
    found = occurrence(event_type, event_date, day, today() + timedelta(days=lead))
    return {"month_day": day, "next_reminder": date.max if found is None else found - timedelta(days=lead)}


def action_columns(event: Any, first_name: str) -> dict[str, Any]:
    """The auto-action of a new event."""
    day = coming(event) or event.event_date
    due = max(day - timedelta(days=event.auto_action_days_before), today())
    return {
        "title": f"Congratulate {first_name}: {event.title}",
        "action_type": "card",
        "message_body": f"Congratulations on your anniversary, {first_name}!",
        "due_date": due,
        "due": due,
        "status": "pending",
        "source": "auto",
        "occurrence_date": day,
        "occurrence_key": day.isoformat(),
        "reminder_slot": 0,
        "days_before": event.auto_action_days_before,
    }
