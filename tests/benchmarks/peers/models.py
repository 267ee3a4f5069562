"""The tables as a Flask team would declare them: Flask-SQLAlchemy, relationships, and properties for what is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from . import domain


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Company(Base):
    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))


class Person(UserMixin, Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    level: Mapped[str | None] = mapped_column(sa.String(20))
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)


class Contact(Base):
    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(sa.String(100))
    last_name: Mapped[str] = mapped_column(sa.String(100))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    phone: Mapped[str | None] = mapped_column(sa.String(50))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)

    company: Mapped[Company | None] = relationship()
    profile: Mapped[Profile | None] = relationship(back_populates="contact")


class Profile(Base):
    __tablename__ = "relationships_profiles"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    revision: Mapped[int] = mapped_column(default=1)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contact.id"), unique=True)
    communication_preference: Mapped[str | None]
    communication_notes: Mapped[str | None]
    personal_notes: Mapped[str | None]
    birthday_month_day: Mapped[int | None]
    birthday_year: Mapped[int | None]
    birthday_in_full: Mapped[bool]
    birthday_source: Mapped[str | None]
    home_address: Mapped[str | None]
    interests: Mapped[list[str]] = mapped_column(sa.JSON)
    dietary_requirements: Mapped[str | None]
    preferred_name: Mapped[str | None]
    assistant_name: Mapped[str | None]
    assistant_email: Mapped[str | None]
    phone_number: Mapped[str | None]
    phone_number_source: Mapped[str | None]
    whatsapp_number: Mapped[str | None]
    phone_e164: Mapped[str | None]
    whatsapp_e164: Mapped[str | None]
    twilio_opt_in: Mapped[bool]
    consent_changed_at: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    last_contact_channel: Mapped[str | None]
    last_contact_by_user_id: Mapped[int | None]
    cadence_days: Mapped[int | None]
    in_touch_due_day: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    contact: Mapped[Contact] = relationship(back_populates="profile")

    birthday = property(domain.birthday)
    in_touch_due = property(domain.in_touch_due)
    last_contact = property(domain.last_contact)
    shown_birthday_source = property(domain.birthday_source)
    shown_phone_number_source = property(domain.phone_number_source)
    phone_number_problem = property(domain.phone_number_problem)
    whatsapp_number_problem = property(domain.whatsapp_number_problem)
    messaging_blocked: ClassVar[dict[str, Any] | None] = None


class Suppression(Base):
    __tablename__ = "relationships_suppressions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str]
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class LifeEvent(Base):
    __tablename__ = "relationships_life_events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    revision: Mapped[int] = mapped_column(default=1)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contact.id"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))
    event_type: Mapped[str]
    title: Mapped[str]
    event_date: Mapped[date | None]
    month_day: Mapped[int | None]
    recurs_annually: Mapped[bool]
    description: Mapped[str | None]
    about: Mapped[str | None]
    auto_action_enabled: Mapped[bool]
    auto_action_days_before: Mapped[int]
    further_reminders: Mapped[list[int] | None] = mapped_column(sa.JSON(none_as_null=True))
    next_reminder: Mapped[date]
    created_by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=domain.now)
    updated_at: Mapped[datetime] = mapped_column(default=domain.now)

    contact: Mapped[Contact] = relationship()
    pending: Mapped[list[Action]] = relationship(
        primaryjoin="and_(Action.life_event_id == LifeEvent.id, Action.status == 'pending')",
        order_by="Action.due, Action.id",
        viewonly=True,
    )

    next_occurrence = property(domain.coming)
    days_until = property(domain.days_until)

    @property
    def open_action_id(self) -> UUID | None:
        return self.pending[0].id if self.pending else None


class Action(Base):
    __tablename__ = "relationships_actions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    revision: Mapped[int] = mapped_column(default=1)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contact.id"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))
    title: Mapped[str]
    action_type: Mapped[str]
    description: Mapped[str | None]
    message_body: Mapped[str | None]
    due_date: Mapped[date | None]
    due: Mapped[date]
    status: Mapped[str]
    source: Mapped[str]
    life_event_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("relationships_life_events.id"))
    occurrence_date: Mapped[date | None]
    occurrence_key: Mapped[str]
    reminder_slot: Mapped[int]
    days_before: Mapped[int | None]
    assigned_to_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    completed_by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    completed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=domain.now)
    updated_at: Mapped[datetime] = mapped_column(default=domain.now)

    contact: Mapped[Contact] = relationship()
    company: Mapped[Company | None] = relationship()
    assigned_to: Mapped[Person | None] = relationship(foreign_keys=assigned_to_user_id)

    @property
    def company_name(self) -> str | None:
        company = self.company or self.contact.company
        return company.name if company else None


class ActionCentreItem(Base):
    __tablename__ = "relationships_action_centre_items"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    action_id: Mapped[UUID] = mapped_column(sa.ForeignKey("relationships_actions.id"))
    title: Mapped[str]
    due_date: Mapped[date | None]
    due: Mapped[date]
    assigned_to_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime] = mapped_column(default=domain.now)
    updated_at: Mapped[datetime] = mapped_column(default=domain.now)


class Message(Base):
    __tablename__ = "relationships_messages"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    revision: Mapped[int] = mapped_column(default=1)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))
    direction: Mapped[str]
    channel: Mapped[str]
    body: Mapped[str]
    media_url: Mapped[str | None]
    media: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))
    location: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    payload: Mapped[str | None]
    delivered_via: Mapped[str | None]
    from_number: Mapped[str | None]
    to_number: Mapped[str | None]
    status: Mapped[str]
    candidates: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    provider_sid: Mapped[str | None]
    num_segments: Mapped[int | None]
    auto_action_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("relationships_actions.id"))
    sent_by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    content_sid: Mapped[str | None]
    outside_whatsapp_window: Mapped[bool | None]
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    sent_by: Mapped[Person | None] = relationship()


class Partner(Base):
    __tablename__ = "relationships_partners"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    revision: Mapped[int] = mapped_column(default=1)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))
    partner_company_name: Mapped[str]
    partner_contact_name: Mapped[str | None]
    partner_contact_email: Mapped[str | None]
    relationship_type: Mapped[str | None]
    estimated_deal_size: Mapped[float | None]
    notes: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
