"""What the Flask peers ask of the database: the ORM, with everything that is shown loaded at once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_login import LoginManager
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from . import domain
from .models import (
    Action,
    ActionCentreItem,
    Company,
    Contact,
    LifeEvent,
    Message,
    Partner,
    Person,
    Profile,
    Suppression,
    db,
)

Paged = tuple[list[Any], str | None]

SHOWN = (
    joinedload(Action.contact).joinedload(Contact.company),
    joinedload(Action.company),
    joinedload(Action.assigned_to),
)
"""The rows whose names stand beside an action."""

login_manager = LoginManager()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(key: str) -> Person | None:
    return db.session.get(Person, int(key))


def profile_of(contact_id: int) -> Profile | None:
    statement = sa.select(Profile).options(joinedload(Profile.contact)).where(Profile.contact_id == contact_id)
    profile = db.session.scalar(statement)
    if profile is not None:
        numbers = {profile.phone_e164, profile.whatsapp_e164} - {None}
        live = sa.select(Suppression.number, Suppression.created_at).where(
            Suppression.number.in_(numbers), Suppression.lifted_at.is_(None)
        )
        suppressed: dict[str, Any] = dict(db.session.execute(live).all())
        profile.messaging_blocked = domain.messaging_blocked(profile, suppressed)
    return profile


def messages_of(contact_id: int, limit: int | None) -> Paged:
    newest = (Message.created_at.desc(), Message.id.desc())
    theirs = sa.select(Message).options(joinedload(Message.sent_by)).where(Message.contact_id == contact_id)
    return _page(theirs.order_by(*newest), limit)


def actions_for(user: Person, limit: int | None, status: str | None, sort: str) -> Paged:
    """The actions in a user's scope: all of them, the squad's and their own, or their own."""
    statement = sa.select(Action).options(*SHOWN)
    if user.level == "manager":
        squad = db.session.scalars(sa.select(Person.id).where(Person.manager_id == user.id)).all()
        statement = statement.where(Action.assigned_to_user_id.in_([user.id, *squad]))
    elif user.level != "executive":
        statement = statement.where(Action.assigned_to_user_id == user.id)
    if status is not None:
        statement = statement.where(Action.status == status)
    newest = sort == "-created_at"
    order = (Action.created_at.desc(), Action.id.desc()) if newest else (Action.due, Action.id)
    return _page(statement.order_by(*order), limit or domain.MOST)


def _page(statement: sa.Select[Any], limit: int | None) -> Paged:
    """A page, and where the next begins."""
    rows = list(db.session.scalars(statement if limit is None else statement.limit(limit + 1)))
    if limit is None or len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], f"{last.created_at.isoformat()}|{last.id}"


def summary_of(company_id: int) -> dict[str, Any] | None:
    if db.session.get(Company, company_id) is None:
        return None
    by_name = (Contact.last_name, Contact.first_name, Contact.id)
    theirs = sa.select(Contact).options(joinedload(Contact.profile)).where(Contact.company_id == company_id)
    contacts = db.session.scalars(theirs.order_by(*by_name)).all()
    keys, today = [contact.id for contact in contacts], domain.today()

    soon = LifeEvent.event_date.between(today, today + domain.UPCOMING)
    concerned = sa.or_(LifeEvent.company_id == company_id, LifeEvent.contact_id.in_(keys))
    coming = (
        sa.select(LifeEvent)
        .join(LifeEvent.contact)
        .options(contains_eager(LifeEvent.contact), selectinload(LifeEvent.pending))
        .where(concerned, sa.or_(LifeEvent.recurs_annually, soon))
    )
    events = sorted(db.session.scalars(coming), key=domain.by_occurrence)
    first: dict[int, LifeEvent] = {}
    for event in events:
        if event.next_occurrence is not None:
            first.setdefault(event.contact_id, event)
    for contact in contacts:
        contact.next_event = first.get(contact.id)  # type: ignore[attr-defined]

    concerned = sa.or_(Action.company_id == company_id, Action.contact_id.in_(keys))
    pending = sa.select(Action).options(*SHOWN).where(Action.status == "pending", concerned)
    partners = sa.select(Partner).where(Partner.company_id == company_id)
    recent = sa.select(Message).options(joinedload(Message.sent_by)).where(Message.contact_id.in_(keys))
    return {
        "contacts": contacts,
        "events": events,
        "actions": db.session.scalars(pending.order_by(Action.due, Action.id)).all(),
        "partners": db.session.scalars(partners.order_by(Partner.partner_company_name, Partner.id)).all(),
        "messages": db.session.scalars(
            recent.order_by(Message.created_at.desc(), Message.id.desc()).limit(domain.RECENT)
        ).all(),
    }


def add_event(contact: Contact, values: dict[str, Any], user: Person) -> LifeEvent:
    """A life event, its auto-action, and the mirror of that in the action centre."""
    lead = values["auto_action_days_before"]
    dated = [values[name] for name in ("event_type", "event_date", "recurs_annually")]
    columns = domain.event_columns(*dated, lead)
    event = LifeEvent(**values, **columns, contact_id=contact.id, created_by_user_id=user.id)
    db.session.add(event)
    db.session.flush()
    if event.auto_action_enabled:
        action = Action(
            **domain.action_columns(event, contact.first_name),
            contact_id=contact.id,
            life_event_id=event.id,
            assigned_to_user_id=user.id,
            created_by_user_id=user.id,
        )
        db.session.add(action)
        db.session.flush()
        db.session.add(
            ActionCentreItem(
                action_id=action.id,
                title=action.title,
                due_date=action.due_date,
                due=action.due,
                assigned_to_user_id=user.id,
            )
        )
    db.session.commit()
    return event
