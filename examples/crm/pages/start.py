"""The start page: my follow-ups on the board, my tasks, and what comes up in the next ninety days."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask_login import current_user, login_required

from ..clock import today
from ..extensions import db
from ..models import Contact, Task, User
from ..relationships import relationships

blueprint = Blueprint("start", __name__)

UPCOMING_DAYS = 90


class Upcoming(NamedTuple):
    """A life event with its next date."""

    on: date
    event: Any
    contact: Contact


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]  # flask-login has no types
def page() -> str:
    on = today()
    return render_template(
        "start.html",
        tasks=open_tasks(current_user),
        upcoming=upcoming_events(current_user, on)[:12],
    )


def open_tasks(user: User) -> list[Task]:
    return list(
        db.session.scalars(
            sa.select(Task)
            .where(Task.assignee_id == user.id, Task.done_at.is_(None))
            .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        )
    )


def upcoming_events(user: User, on: date) -> list[Upcoming]:
    """The life events of the next ninety days of everyone this user answers for, soonest first."""
    event = relationships.models.LifeEvent
    days = [on + timedelta(days=offset) for offset in range(UPCOMING_DAYS + 1)]
    by_month_day = {day.month * 100 + day.day: day for day in days}
    last_of_february = by_month_day.get(228)
    if last_of_february and not isleap(last_of_february.year):
        by_month_day[229] = last_of_february
    rows = sa.select(event, Contact).join(Contact, Contact.id == event.contact_id)
    rows = rows.where(
        Contact.archived_at.is_(None),
        sa.or_(
            sa.and_(event.recurs_annually.is_(False), event.event_date.between(days[0], days[-1])),
            sa.and_(event.recurs_annually.is_(True), event.month_day.in_(by_month_day)),
        ),
    )
    if user.led_user_ids is not None:
        rows = rows.where(Contact.owner_id.in_(user.led_user_ids))
    found = []
    for life_event, contact in db.session.execute(rows):
        occurrence = by_month_day.get(life_event.month_day or 0, life_event.event_date)
        if occurrence and (life_event.event_date or occurrence) <= occurrence:
            found.append(Upcoming(occurrence, life_event, contact))
    return sorted(found, key=lambda entry: (entry.on, entry.contact.family_name, entry.contact.given_name))
