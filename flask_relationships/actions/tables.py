from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ..fields import Name
from ..tables.base import Dated, Table, company_key, contact_key, index, key_index, own_key, unique, user_key

if TYPE_CHECKING:
    from ..life_events.tables import LifeEventTable
    from ..profiles.tables import ProfileTable


class ActionTable(Table, Dated):
    """Something to do for a contact, added by hand or by a life event.

    ``due`` is the sort date: the due date, or 9999-12-31 where there is none. ``occurrence_key`` is the date of the
    occurrence an auto-action belongs to, ``undated`` for an event without a date, and ``manual`` for what was
    added by hand. ``profile_id`` marks the actions that remind of keeping in touch; their occurrence is the day it was
    due. ``claimed_by_message_id`` is the message being sent to fulfil this action.
    """

    __name_of_table__ = "actions"

    title: Mapped[str] = mapped_column(sa.String(Name))
    action_type: Mapped[str] = mapped_column(sa.String(Name))
    description: Mapped[str | None] = mapped_column(sa.Text)
    message_body: Mapped[str | None] = mapped_column(sa.Text)
    due_date: Mapped[date | None] = mapped_column(sa.Date)
    due: Mapped[date] = mapped_column(sa.Date)
    status: Mapped[str] = mapped_column(sa.String(20), default="pending")
    source: Mapped[str] = mapped_column(sa.String(20), default="manual")
    occurrence_date: Mapped[date | None] = mapped_column(sa.Date)
    occurrence_key: Mapped[str] = mapped_column(sa.String(36))
    reminder_slot: Mapped[int] = mapped_column(sa.Integer, default=0)
    days_before: Mapped[int | None] = mapped_column(sa.Integer)
    closed_by: Mapped[str | None] = mapped_column(sa.String(20))
    completed_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    claimed_by_message_id: Mapped[UUID | None] = mapped_column(sa.Uuid)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return contact_key(cls)

    @declared_attr
    @classmethod
    def company_id(cls) -> Mapped[Any]:
        return company_key(cls)

    @declared_attr
    @classmethod
    def assigned_to_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "assigned_to_user_id")

    @declared_attr
    @classmethod
    def created_by_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "created_by_user_id")

    @declared_attr
    @classmethod
    def completed_by_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "completed_by_user_id")

    @declared_attr
    @classmethod
    def life_event_id(cls) -> Mapped[UUID | None]:
        return own_key(cls, "life_events", "life_event_id", ondelete="SET NULL")

    @declared_attr
    @classmethod
    def life_event(cls) -> Mapped[LifeEventTable | None]:
        return relationship("LifeEvent", lazy="raise", passive_deletes="all")

    @declared_attr
    @classmethod
    def profile_id(cls) -> Mapped[UUID | None]:
        return own_key(cls, "profiles", "profile_id", ondelete="SET NULL")

    @declared_attr
    @classmethod
    def profile(cls) -> Mapped[ProfileTable | None]:
        return relationship("Profile", lazy="raise", passive_deletes="all")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (
            unique(cls, "occurrence", "life_event_id", "occurrence_key", "reminder_slot"),
            unique(cls, "in_touch", "profile_id", "occurrence_key"),
            key_index(cls, "in_touch_status", "profile_id", "status", "id"),
            index(cls, "due", "due", "id"),
            index(cls, "created", "created_at", "id"),
            key_index(cls, "assigned_due", "assigned_to_user_id", "due", "id"),
            index(cls, "assigned_created", "assigned_to_user_id", "created_at", "id"),
            index(cls, "assigned_status", "assigned_to_user_id", "status", "due", "id"),
            key_index(cls, "company_status", "company_id", "status", "due", "id"),
            key_index(cls, "contact_due", "contact_id", "due", "id"),
            index(cls, "status_due", "status", "due", "id"),
        )
