"""Very many annual events, inserted as fast as the database takes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from flask_relationships.domain.life_events.reminders import next_reminder
from tests.reminders.office import Office

LEADS = (0, 1, 7, 7, 7, 14, 30, 90)

CHUNK = 5_000

EVENTS_OF_A_CONTACT = 3


def fill(office: Office, events: int, due: int) -> None:
    """Contacts with three events each, of which ``due`` in all come due today, and all others on another day."""
    contacts = -(-events // EVENTS_OF_A_CONTACT)
    with office.context() as (session, models):
        owners = (
            {"id": key, "first_name": f"Contact {key}", "owner_id": office.grace} for key in range(1, contacts + 1)
        )
        _insert(
            session,
            sa.inspect(office.Contact).local_table,
            ({**row, "alive": True, "deleted": False} for row in owners),
        )
        _insert(session, sa.inspect(models.LifeEvent).local_table, _events(office, events, due))


def _insert(session: Any, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    while chunk := list(islice(rows, CHUNK)):
        session.execute(sa.insert(table), chunk)
        session.commit()


def _events(office: Office, events: int, due: int) -> Iterator[dict[str, Any]]:
    draw, today, now = random.Random(5), office.today, office.state.now()
    chosen = set(draw.sample(range(events), due))
    for number in range(events):
        lead = draw.choice(LEADS)
        reminded = today + timedelta(days=0 if number in chosen else draw.randint(1, 364))
        yield row(number // EVENTS_OF_A_CONTACT + 1, reminded + timedelta(days=lead), lead, today, now)


def row(contact: int, occurrence: date, lead: int, today: date, now: Any) -> dict[str, Any]:
    """The columns of an annual event that began in 1960, scheduled as of a day."""
    event_date = occurrence.replace(year=1960)
    columns = {
        "event_type": "birthday",
        "event_date": event_date,
        "month_day": event_date.month * 100 + event_date.day,
        "auto_action_enabled": True,
        "auto_action_days_before": lead,
        "further_reminders": None,
    }
    return {
        **columns,
        "id": uuid7(),
        "contact_id": contact,
        "title": "Birthday",
        "recurs_annually": True,
        "next_reminder": next_reminder(SimpleNamespace(**columns), today),
        "created_at": now,
        "updated_at": now,
    }
