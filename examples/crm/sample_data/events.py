"""Life events and the follow-ups that came of them: closed for what is past, open for what is to come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ..models import Contact
from ..relationships import relationships
from .clock import Clock
from .conversations import EVENTS, MANUAL_ACTIONS
from .people import Firm
from .profiles import Known, birthday_on

DAYS_BEFORE = 7

NO_DATE = date(9999, 12, 31)
"""The sort date of an action that has no due date."""

FOLLOW_UPS = {
    "birthday": ("card", "Wish {} a happy birthday", "Happy birthday, {}! I hope you have a wonderful day."),
    "anniversary": ("card", "Congratulate {} on the anniversary", "Congratulations on your anniversary, {}!"),
    "new job": ("linkedin", "Congratulate {} on the new job", None),
    "promotion": ("linkedin", "Congratulate {} on the promotion", None),
    "wedding": ("gift", "A wedding present for {}", None),
    "birth": ("gift", "A present for the newborn of {}", None),
    "work anniversary": (
        "whatsapp",
        "Congratulate {} on the work anniversary",
        "All those years! Well done, {}.",
    ),
}
"""Type, title and drafted message of the follow-up of an event; of any other kind of event it is a call."""


def add_events_and_actions(session: Session, clock: Clock, firm: Firm, known: Known) -> None:
    for position, (contact, profile) in enumerate(known):
        made = []
        if profile.birthday_month_day:
            made.append(birthday_of(clock, contact, profile))
        made += [
            event_of(clock, contact, *chosen, showpiece=position == 0)
            for chosen in clock.random.sample(EVENTS, 3 if position == 0 else clock.random.choice((0, 0, 1, 1, 2, 3)))
        ]
        session.add_all(made)
        session.flush()
        for event in made:
            add_actions(session, clock, *auto_actions_of(clock, contact, event))
        if position == 0 or clock.chance(0.3):
            add_actions(session, clock, *manual_actions_of(clock, contact, showpiece=position == 0))
    for user in firm.users:
        mine = [contact for contact, _ in known[1:] if contact.owner is user and not contact.archived_at]
        for away in (-clock.random.randrange(1, 7), clock.random.randrange(0, 14)):
            chosen = clock.random.choice(MANUAL_ACTIONS)
            add_actions(session, clock, manual_action(clock, clock.random.choice(mine), chosen=chosen, away=away))
    session.flush()


def birthday_of(clock: Clock, contact: Contact, profile: Any) -> Any:
    """The one annual event that a profile's birthday keeps."""
    return life_event(
        clock,
        contact,
        created=profile.created_at,
        event_type="birthday",
        title="Birthday",
        event_date=birthday_on(profile),
        month_day=profile.birthday_month_day,
        recurs_annually=True,
        profile_id=profile.id,
    )


def event_of(clock: Clock, contact: Contact, event_type: str, title: str, annual: bool, *, showpiece: bool) -> Any:
    away = clock.random.randrange(-330, 85)
    day = clock.today + timedelta(days=abs(away) % 60 + 20 if showpiece and annual else away)
    if annual:
        day = day.replace(year=day.year - clock.random.randrange(1, 15), day=min(day.day, 28))
    return life_event(
        clock,
        contact,
        created=clock.ago(clock.random.uniform(250, 360) if annual or away > -250 else -away + 5),
        event_type=event_type,
        title=title,
        event_date=day,
        month_day=day.month * 100 + day.day if annual else None,
        recurs_annually=annual,
        company_id=contact.organisation_id if event_type == "work anniversary" else None,
    )


def life_event(clock: Clock, contact: Contact, *, created: Any, **columns: Any) -> Any:
    return relationships.models.LifeEvent(
        id=clock.row_id(created),
        contact_id=contact.id,
        auto_action_enabled=True,
        auto_action_days_before=DAYS_BEFORE,
        created_by_user_id=contact.owner_id,
        created_at=created,
        updated_at=created,
        **columns,
    )


def occurrences_of(clock: Clock, event: Any) -> list[date]:
    """Those of an annual event a year back and ahead that came after it was noted; the one of any other."""
    if event.month_day is None:
        return [event.event_date]
    month, day = divmod(event.month_day, 100)
    years = (date(year, month, day) for year in range(clock.today.year - 1, clock.today.year + 2))
    earliest, latest = (
        event.created_at.date() + timedelta(days=DAYS_BEFORE),
        clock.today + timedelta(days=365),
    )
    return [occurrence for occurrence in years if earliest < occurrence < latest]


def auto_actions_of(clock: Clock, contact: Contact, event: Any) -> list[Any]:
    kind, title, message = FOLLOW_UPS.get(event.event_type, ("call", event.title.replace("{", ""), None))
    return [
        action(
            clock,
            contact,
            created=event.created_at,
            due=occurrence - timedelta(days=DAYS_BEFORE),
            # What is past was dealt with, save for a few follow-ups of the last weeks that are late.
            closed=occurrence < clock.today and (occurrence < clock.today - timedelta(days=21) or clock.chance(0.8)),
            source="auto",
            action_type=kind,
            title=title.format(contact.given_name),
            message_body=message.format(contact.given_name) if message else None,
            life_event_id=event.id,
            company_id=event.company_id,
            occurrence_date=occurrence,
            occurrence_key=occurrence.isoformat(),
            days_before=DAYS_BEFORE,
        )
        for occurrence in occurrences_of(clock, event)
    ]


def manual_actions_of(clock: Clock, contact: Contact, *, showpiece: bool) -> list[Any]:
    if showpiece:
        return [
            manual_action(clock, contact, chosen=MANUAL_ACTIONS[4], away=-2),
            manual_action(clock, contact, chosen=MANUAL_ACTIONS[3], away=4),
            manual_action(clock, contact, chosen=MANUAL_ACTIONS[1], away=-40),
        ]
    return [manual_action(clock, contact) for _ in range(clock.random.choice((1, 1, 2)))]


def manual_action(
    clock: Clock,
    contact: Contact,
    *,
    chosen: tuple[str, str, str | None] | None = None,
    away: int | None = None,
) -> Any:
    kind, title, message = chosen or clock.random.choice(MANUAL_ACTIONS)
    away = clock.random.randrange(-120, 30) if away is None else away
    return action(
        clock,
        contact,
        created=clock.ago(max(1, -away) + clock.random.uniform(3, 20)),
        due=None if chosen is None and clock.chance(0.1) else clock.today + timedelta(days=away),
        closed=away < -14 or (chosen is None and away < 0 and clock.chance(0.6)),
        source="manual",
        action_type=kind,
        title=title,
        message_body=message,
        occurrence_key="manual",
    )


def action(clock: Clock, contact: Contact, *, created: Any, due: date | None, closed: bool, **columns: Any) -> Any:
    if closed:
        done = clock.chance(0.85)
        when = clock.on(due + timedelta(days=clock.random.randrange(0, 5)) if due else clock.today - timedelta(days=9))
        columns |= {
            "status": "done" if done else "dismissed",
            "closed_by": "user",
            "completed_by_user_id": contact.owner_id,
            "completed_at": max(when, created),
        }
    return relationships.models.Action(
        id=clock.row_id(created),
        contact_id=contact.id,
        due_date=due,
        due=due or NO_DATE,
        assigned_to_user_id=contact.owner_id,
        created_by_user_id=contact.owner_id,
        created_at=created,
        updated_at=columns.get("completed_at", created),
        **{"status": "pending", **columns},
    )


def add_actions(session: Session, clock: Clock, *actions: Any) -> None:
    """Add actions, each with its item in the action centre."""
    session.add_all(actions)
    session.flush()
    for added in actions:
        session.add(
            relationships.models.ActionCentreItem(
                id=clock.row_id(added.created_at),
                action_id=added.id,
                title=added.title,
                due_date=added.due_date,
                due=added.due,
                assigned_to_user_id=added.assigned_to_user_id,
                status="open" if added.status == "pending" else added.status,
                created_at=added.created_at,
                updated_at=added.updated_at,
            )
        )
