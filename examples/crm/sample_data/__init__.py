"""Sample data that look like a year at work: the same for one day, made anew relative to each.

Everything comes from one seeded generator, so two files made with the same `now` hold the same rows.
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ..clock import TIMEZONE
from ..extensions import db
from . import events, messages, partners, people, profiles
from .clock import Clock
from .people import PASSWORD

__all__ = ["PASSWORD", "fill"]

SEED = 2026


def fill(session: Session, now: datetime) -> None:
    """Make the tables and fill them as of ``now``, an aware time. The caller commits."""
    db.metadata.create_all(session.connection())
    random = Random(SEED)
    clock = Clock(now, now.astimezone(ZoneInfo(TIMEZONE)).date(), random)
    company = people.add_everyone(session, clock)
    known = profiles.add_profiles(session, clock, company.contacts)
    events.add_events_and_actions(session, clock, company, known)
    messages.add_messages(session, clock, known)
    partners.add_partners(session, clock, company)
    session.flush()
