"""FastAPI and SQLModel: dependencies for the session and the user, tables and answers as models.

Annotations are read while the classes are made, so they are not put off here.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Optional
from uuid import UUID, uuid4

import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import AliasPath, BeforeValidator, ConfigDict, NaiveDatetime, computed_field
from sqlalchemy.orm import contains_eager, joinedload, registry, selectinload
from sqlmodel import JSON, Column, Field, Relationship, Session, SQLModel, create_engine, select
from starlette.middleware.sessions import SessionMiddleware

from . import domain


class Table(SQLModel, registry=registry()):
    pass


class Company(Table, table=True):
    __tablename__ = "company"

    id: int | None = Field(default=None, primary_key=True)
    name: str


class Person(Table, table=True):
    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    level: str | None = None
    manager_id: int | None = None


class Contact(Table, table=True):
    __tablename__ = "contact"

    id: int | None = Field(default=None, primary_key=True)
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    company_id: int | None = Field(default=None, foreign_key="company.id")

    company: Company | None = Relationship()
    profile: Optional["Profile"] = Relationship(back_populates="contact")


class Profile(Table, table=True):
    __tablename__ = "relationships_profiles"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision: int = 1
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    communication_preference: str | None = None
    communication_notes: str | None = None
    personal_notes: str | None = None
    birthday_month_day: int | None = None
    birthday_year: int | None = None
    birthday_in_full: bool = False
    birthday_source: str | None = None
    home_address: str | None = None
    interests: list[str] = Field(default_factory=list, sa_column=Column(JSON))
    dietary_requirements: str | None = None
    preferred_name: str | None = None
    assistant_name: str | None = None
    assistant_email: str | None = None
    phone_number: str | None = None
    phone_number_source: str | None = None
    whatsapp_number: str | None = None
    phone_e164: str | None = None
    whatsapp_e164: str | None = None
    twilio_opt_in: bool = False
    consent_changed_at: NaiveDatetime | None = None
    last_contact_at: NaiveDatetime | None = None
    last_contact_channel: str | None = None
    last_contact_by_user_id: int | None = None
    cadence_days: int | None = None
    in_touch_due_day: int | None = None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime

    contact: Contact = Relationship(back_populates="profile")

    birthday = property(domain.birthday)
    in_touch_due = property(domain.in_touch_due)
    last_contact = property(domain.last_contact)
    shown_birthday_source = property(domain.birthday_source)
    shown_phone_number_source = property(domain.phone_number_source)
    phone_number_problem = property(domain.phone_number_problem)
    whatsapp_number_problem = property(domain.whatsapp_number_problem)


class Suppression(Table, table=True):
    __tablename__ = "relationships_suppressions"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    number: str
    created_at: NaiveDatetime
    lifted_at: NaiveDatetime | None = None


class LifeEvent(Table, table=True):
    __tablename__ = "relationships_life_events"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision: int = 1
    contact_id: int = Field(foreign_key="contact.id")
    company_id: int | None = Field(default=None, foreign_key="company.id")
    event_type: str
    title: str
    event_date: date | None = None
    month_day: int | None = None
    recurs_annually: bool
    description: str | None = None
    about: str | None = None
    auto_action_enabled: bool
    auto_action_days_before: int
    further_reminders: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    next_reminder: date
    created_by_user_id: int | None = None
    created_at: NaiveDatetime = Field(default_factory=domain.now)
    updated_at: NaiveDatetime = Field(default_factory=domain.now)

    contact: Contact = Relationship()
    pending: list["Action"] = Relationship(
        sa_relationship_kwargs={
            "primaryjoin": "and_(Action.life_event_id == LifeEvent.id, Action.status == 'pending')",
            "order_by": "Action.due, Action.id",
            "viewonly": True,
        }
    )

    next_occurrence = property(domain.coming)
    days_until = property(domain.days_until)

    @property
    def open_action_id(self) -> UUID | None:
        return self.pending[0].id if self.pending else None


class Action(Table, table=True):
    __tablename__ = "relationships_actions"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision: int = 1
    contact_id: int = Field(foreign_key="contact.id")
    company_id: int | None = Field(default=None, foreign_key="company.id")
    title: str
    action_type: str
    description: str | None = None
    message_body: str | None = None
    due_date: date | None = None
    due: date
    status: str
    source: str
    life_event_id: UUID | None = Field(default=None, foreign_key="relationships_life_events.id")
    occurrence_date: date | None = None
    occurrence_key: str
    reminder_slot: int
    days_before: int | None = None
    assigned_to_user_id: int | None = Field(default=None, foreign_key="person.id")
    created_by_user_id: int | None = None
    completed_by_user_id: int | None = None
    completed_at: NaiveDatetime | None = None
    created_at: NaiveDatetime = Field(default_factory=domain.now)
    updated_at: NaiveDatetime = Field(default_factory=domain.now)

    contact: Contact = Relationship()
    company: Company | None = Relationship()
    assigned_to: Person | None = Relationship()

    @property
    def company_name(self) -> str | None:
        company = self.company or self.contact.company
        return company.name if company else None

    @property
    def assigned_to_name(self) -> str | None:
        return self.assigned_to.name if self.assigned_to else None


class ActionCentreItem(Table, table=True):
    __tablename__ = "relationships_action_centre_items"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    action_id: UUID = Field(foreign_key="relationships_actions.id")
    title: str
    due_date: date | None = None
    due: date
    assigned_to_user_id: int | None = None
    status: str = "open"
    created_at: NaiveDatetime = Field(default_factory=domain.now)
    updated_at: NaiveDatetime = Field(default_factory=domain.now)


class Answer(SQLModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, from_attributes=True)


class MediaAnswer(Answer):
    content_type: str | None
    url: str


class LocationAnswer(Answer):
    latitude: float | None
    longitude: float | None
    label: str | None
    address: str | None


class CandidateAnswer(Answer):
    provider_sid: str | None
    body: str | None
    status: str
    created_at: str | None


EmptyForNone = BeforeValidator(lambda stored: stored or [])


class MessageAnswer(Answer):
    id: UUID
    revision: int
    contact_id: str | None
    direction: str
    channel: str
    body: str
    media_url: str | None
    media: Annotated[list[MediaAnswer], EmptyForNone]
    location: LocationAnswer | None
    payload: str | None
    delivered_via: str | None
    from_number: str | None
    to_number: str | None
    status: str
    candidates: Annotated[list[CandidateAnswer], EmptyForNone]
    error_code: str | None
    error_message: str | None
    provider_sid: str | None
    num_segments: int | None
    auto_action_id: UUID | None
    sent_by_user_id: str | None
    sent_by_name: str | None
    content_sid: str | None
    outside_whatsapp_window: bool | None
    not_before: NaiveDatetime | None
    created_at: NaiveDatetime
    sent_at: NaiveDatetime | None
    delivered_at: NaiveDatetime | None
    read_at: NaiveDatetime | None


class Message(Table, table=True):
    __tablename__ = "relationships_messages"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision: int = 1
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    direction: str
    channel: str
    body: str
    media_url: str | None = None
    media: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    location: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    payload: str | None = None
    delivered_via: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    status: str
    candidates: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    error_code: str | None = None
    error_message: str | None = None
    provider_sid: str | None = None
    num_segments: int | None = None
    auto_action_id: UUID | None = None
    sent_by_user_id: int | None = Field(default=None, foreign_key="person.id")
    content_sid: str | None = None
    outside_whatsapp_window: bool | None = None
    not_before: NaiveDatetime | None = None
    created_at: NaiveDatetime
    sent_at: NaiveDatetime | None = None
    delivered_at: NaiveDatetime | None = None
    read_at: NaiveDatetime | None = None

    sent_by: Person | None = Relationship()

    @property
    def sent_by_name(self) -> str | None:
        return self.sent_by.name if self.sent_by else None


class Partner(Table, table=True):
    __tablename__ = "relationships_partners"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision: int = 1
    company_id: int = Field(foreign_key="company.id")
    partner_company_name: str
    partner_contact_name: str | None = None
    partner_contact_email: str | None = None
    relationship_type: str | None = None
    estimated_deal_size: float | None = None
    notes: str | None = None
    contact_id: int | None = None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class LastContactAnswer(Answer):
    at: NaiveDatetime
    by: str | None
    channel: str


class BlockedAnswer(Answer):
    channel: str
    reason: str
    since: NaiveDatetime | None


class NumberProblemAnswer(Answer):
    code: str
    detail: str


class ProfileAnswer(Answer):
    id: UUID
    revision: int
    contact_id: str
    communication_preference: str | None
    communication_notes: str | None
    personal_notes: str | None
    birthday: str | None
    birthday_year: int | None
    birthday_source: str | None = Field(validation_alias="shown_birthday_source")
    home_address: str | None
    interests: list[str]
    dietary_requirements: str | None
    preferred_name: str | None
    assistant_name: str | None
    assistant_email: str | None
    phone_number: str | None
    phone_number_source: str | None = Field(validation_alias="shown_phone_number_source")
    whatsapp_number: str | None
    phone_e164: str | None
    whatsapp_e164: str | None
    phone_number_problem: NumberProblemAnswer | None
    whatsapp_number_problem: NumberProblemAnswer | None
    twilio_opt_in: bool
    messaging_blocked: BlockedAnswer | None = None
    cadence_days: int | None
    in_touch_due: date | None
    last_contact: LastContactAnswer | None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class ActionAnswer(Answer):
    id: UUID
    revision: int
    contact_id: str
    company_id: str | None
    title: str
    action_type: str
    description: str | None
    message_body: str | None
    due_date: date | None
    status: str
    source: str
    life_event_id: UUID | None
    occurrence_date: date | None
    assigned_to_user_id: str | None
    created_by_user_id: str | None
    completed_by_user_id: str | None
    completed_at: NaiveDatetime | None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime
    first_name: str = Field(validation_alias=AliasPath("contact", "first_name"))
    last_name: str = Field(validation_alias=AliasPath("contact", "last_name"))
    contact_email: str | None = Field(validation_alias=AliasPath("contact", "email"))
    company_name: str | None
    assigned_to_name: str | None


class EventAnswer(Answer):
    id: UUID
    revision: int
    contact_id: str
    company_id: str | None
    event_type: str
    title: str
    event_date: date | None
    recurs_annually: bool
    description: str | None
    about: str | None
    auto_action_enabled: bool
    auto_action_days_before: int
    stored_reminders: list[int] | None = Field(validation_alias="further_reminders", exclude=True)
    created_by_user_id: str | None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime
    next_occurrence: date | None
    days_until: int | None
    open_action_id: UUID | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def further_reminders(self) -> list[int]:
        return self.stored_reminders or []


class SummaryEventAnswer(EventAnswer):
    first_name: str = Field(validation_alias=AliasPath("contact", "first_name"))
    last_name: str = Field(validation_alias=AliasPath("contact", "last_name"))


class NextEventAnswer(Answer):
    id: UUID
    event_type: str
    title: str
    next_occurrence: date
    days_until: int


class SummaryContactAnswer(Answer):
    id: str
    first_name: str
    last_name: str
    email: str | None
    communication_preference: str | None = None
    communication_notes: str | None = None
    preferred_name: str | None = None
    twilio_opt_in: bool | None = None
    next_event: NextEventAnswer | None = None
    last_contact: LastContactAnswer | None = None


class PartnerAnswer(Answer):
    id: UUID
    revision: int
    company_id: str
    partner_company_name: str
    partner_contact_name: str | None
    partner_contact_email: str | None
    relationship_type: str | None
    estimated_deal_size: float | None
    notes: str | None
    contact_id: str | None
    created_at: NaiveDatetime
    updated_at: NaiveDatetime


class ProfileEnvelope(Answer):
    profile: ProfileAnswer
    twilio_connected: bool


class MessagesEnvelope(Answer):
    messages: list[MessageAnswer]
    next_cursor: str | None


class ActionsEnvelope(Answer):
    actions: list[ActionAnswer]
    next_cursor: str | None


class EventEnvelope(Answer):
    event: EventAnswer


class SummaryEnvelope(Answer):
    contacts: list[SummaryContactAnswer]
    events: list[SummaryEventAnswer]
    actions: list[ActionAnswer]
    partners: list[PartnerAnswer]
    messages: list[MessageAnswer]


class NewEvent(SQLModel):
    event_type: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=200)
    event_date: date
    recurs_annually: bool = False
    description: str | None = Field(default=None, max_length=10_000)
    about: str | None = Field(default=None, max_length=200)
    auto_action_enabled: bool = True
    auto_action_days_before: int = Field(default=domain.LEAD, ge=0, le=366)


def get_session(request: Request) -> Iterator[Session]:
    with Session(request.app.state.engine) as session:
        yield session


OpenSession = Annotated[Session, Depends(get_session)]


def get_user(request: Request, session: OpenSession) -> Person:
    user = session.get(Person, request.session.get("user", 0))
    if user is None:
        raise HTTPException(401)
    return user


User = Annotated[Person, Depends(get_user)]

Limit = Annotated[int | None, Query(ge=1, le=500)]

SHOWN = (
    joinedload(Action.contact).joinedload(Contact.company),
    joinedload(Action.company),
    joinedload(Action.assigned_to),
)


def found(row: Any) -> Any:
    if row is None:
        raise HTTPException(404)
    return row


def make_app(url: str) -> FastAPI:
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="for measuring")
    app.state.engine = create_engine(url)

    @app.post("/login/{user_id}", status_code=204)
    def log_in(user_id: int, request: Request, session: OpenSession) -> None:
        request.session["user"] = found(session.get(Person, user_id)).id

    @app.get("/contacts/{contact_id}/relationship", response_model=ProfileEnvelope)
    def profile(contact_id: int, session: OpenSession, user: User) -> Any:
        statement = select(Profile).options(joinedload(Profile.contact)).where(Profile.contact_id == contact_id)
        profile = found(session.exec(statement).first())
        numbers = {profile.phone_e164, profile.whatsapp_e164} - {None}
        live = select(Suppression.number, Suppression.created_at).where(
            Suppression.number.in_(numbers), Suppression.lifted_at.is_(None)
        )
        blocked = domain.messaging_blocked(profile, dict(session.exec(live).all()))
        answer = ProfileAnswer.model_validate(profile, update={"messaging_blocked": blocked})
        return {"profile": answer, "twilio_connected": False}

    @app.get("/contacts/{contact_id}/messages", response_model=MessagesEnvelope)
    def messages(contact_id: int, session: OpenSession, user: User, limit: Limit = None) -> Any:
        found(session.get(Contact, contact_id))
        mine = select(Message).options(joinedload(Message.sent_by)).where(Message.contact_id == contact_id)
        rows, cursor = page(session, mine.order_by(Message.created_at.desc(), Message.id.desc()), limit)
        return {"messages": rows, "next_cursor": cursor}

    @app.get("/relationship-actions", response_model=ActionsEnvelope)
    def actions(
        session: OpenSession, user: User, limit: Limit = None, status: str | None = None, sort: str = "due_date"
    ) -> Any:
        statement = select(Action).options(*SHOWN)
        if user.level == "manager":
            squad = session.exec(select(Person.id).where(Person.manager_id == user.id)).all()
            statement = statement.where(Action.assigned_to_user_id.in_([user.id, *squad]))
        elif user.level != "executive":
            statement = statement.where(Action.assigned_to_user_id == user.id)
        if status is not None:
            statement = statement.where(Action.status == status)
        newest = sort == "-created_at"
        order = (Action.created_at.desc(), Action.id.desc()) if newest else (Action.due, Action.id)
        rows, cursor = page(session, statement.order_by(*order), limit or domain.MOST)
        return {"actions": rows, "next_cursor": cursor}

    @app.get("/clients/{company_id}/relationship-summary", response_model=SummaryEnvelope)
    def summary(company_id: int, session: OpenSession, user: User) -> Any:
        found(session.get(Company, company_id))
        return summary_of(session, company_id)

    @app.post("/contacts/{contact_id}/life-events", status_code=201, response_model=EventEnvelope)
    def add_event(contact_id: int, new: NewEvent, session: OpenSession, user: User) -> Any:
        contact = found(session.get(Contact, contact_id))
        dated = (new.event_type, new.event_date, new.recurs_annually)
        columns = domain.event_columns(*dated, new.auto_action_days_before)
        event = LifeEvent(**new.model_dump(), **columns, contact_id=contact.id, created_by_user_id=user.id)
        session.add(event)
        session.flush()
        if event.auto_action_enabled:
            who = {"assigned_to_user_id": user.id, "created_by_user_id": user.id}
            columns = domain.action_columns(event, contact.first_name)
            action = Action(**columns, contact_id=contact.id, life_event_id=event.id, **who)
            session.add(action)
            session.flush()
            same = {"title": action.title, "due_date": action.due_date, "due": action.due}
            session.add(ActionCentreItem(action_id=action.id, assigned_to_user_id=user.id, **same))
        session.commit()
        session.refresh(event)
        return {"event": event}

    return app


def page(session: Session, statement: Any, limit: int | None) -> tuple[list[Any], str | None]:
    rows = list(session.exec(statement if limit is None else statement.limit(limit + 1)).all())
    if limit is None or len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], f"{last.created_at.isoformat()}|{last.id}"


def summary_of(session: Session, company_id: int) -> dict[str, Any]:
    theirs = select(Contact).options(joinedload(Contact.profile)).where(Contact.company_id == company_id)
    contacts = session.exec(theirs.order_by(Contact.last_name, Contact.first_name, Contact.id)).all()
    keys, today = [contact.id for contact in contacts], domain.today()

    soon = LifeEvent.event_date.between(today, today + domain.UPCOMING)
    concerned = sa.or_(LifeEvent.company_id == company_id, LifeEvent.contact_id.in_(keys))
    coming = (
        select(LifeEvent)
        .join(LifeEvent.contact)
        .options(contains_eager(LifeEvent.contact), selectinload(LifeEvent.pending))
        .where(concerned, sa.or_(LifeEvent.recurs_annually, soon))
    )
    events = sorted(session.exec(coming).all(), key=domain.by_occurrence)
    first: dict[int, LifeEvent] = {}
    for event in events:
        if event.next_occurrence is not None:
            first.setdefault(event.contact_id, event)

    concerned = sa.or_(Action.company_id == company_id, Action.contact_id.in_(keys))
    pending = select(Action).options(*SHOWN).where(Action.status == "pending", concerned)
    partners = select(Partner).where(Partner.company_id == company_id)
    recent = select(Message).options(joinedload(Message.sent_by)).where(Message.contact_id.in_(keys))
    return {
        "contacts": [_contact(contact, first.get(contact.id)) for contact in contacts],
        "events": events,
        "actions": session.exec(pending.order_by(Action.due, Action.id)).all(),
        "partners": session.exec(partners.order_by(Partner.partner_company_name, Partner.id)).all(),
        "messages": session.exec(
            recent.order_by(Message.created_at.desc(), Message.id.desc()).limit(domain.RECENT)
        ).all(),
    }


def _contact(contact: Contact, event: LifeEvent | None) -> SummaryContactAnswer:
    own = {name: getattr(contact, name) for name in ("id", "first_name", "last_name", "email")}
    shown = ("communication_preference", "communication_notes", "preferred_name", "twilio_opt_in", "last_contact")
    told = {name: getattr(contact.profile, name) for name in shown} if contact.profile else {}
    return SummaryContactAnswer.model_validate({**own, **told, "next_event": event})
