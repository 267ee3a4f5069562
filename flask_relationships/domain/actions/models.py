from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ...db.base import (
    MAX_NAME_LENGTH,
    Dated,
    Table,
    company_key,
    contact_key,
    index,
    key_index,
    own_key,
    unique,
    user_key,
)
from ...db.revisions import Revised

if TYPE_CHECKING:
    from ..life_events.models import LifeEventTable
    from ..profiles.models import ProfileTable

ACTION_COLUMNS = (
    "id",
    "revision",
    "contact_id",
    "company_id",
    "title",
    "action_type",
    "description",
    "message_body",
    "due_date",
    "status",
    "source",
    "life_event_id",
    "occurrence_date",
    "assigned_to_user_id",
    "created_by_user_id",
    "completed_by_user_id",
    "completed_at",
    "created_at",
    "updated_at",
)
"""The columns of an action that the API shows."""


class ActionTable(Table, Revised, Dated):
    """An action for a contact: created by a user, a life event or a cadence.

    ``due`` is the sort date: the due date, or 9999-12-31 where there is none. ``occurrence_key`` is the date of the
    occurrence an auto-action belongs to, ``undated`` for an event without a date, and ``manual`` for what was
    added by hand. ``profile_id`` marks reminders to keep in touch; their occurrence is the day on which contact was
    due. ``claimed_by_message_id`` is the message being sent to fulfil this action. ``set_by_hand`` names the columns of
    an auto-action that a user has set, which do not follow its event any more. Each change sets a new ``change_id``: a
    request that has read another one is outdated.
    """

    __name_of_table__ = "actions"
    __client_columns__ = frozenset(
        {
            "title",
            "action_type",
            "description",
            "message_body",
            "due_date",
            "status",
            "occurrence_date",
            "assigned_to_user_id",
            "company_id",
        }
    )

    title: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
    action_type: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
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
    set_by_hand: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    change_id: Mapped[UUID | None] = mapped_column(sa.Uuid)

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


class ActionChangeTable(Table):
    """A line of an action's history. It is never changed, and is deleted with its action.

    ``kind`` is the kind of change; ``by`` is a user, a message, the plugin or a task of the host. ``changes`` is JSON
    of ``{column: [before, after]}``. Users and companies have columns, so that deleting one clears it here too.
    """

    __name_of_table__ = "action_changes"

    kind: Mapped[str] = mapped_column(sa.String(20))
    by: Mapped[str] = mapped_column(sa.String(20))
    changes: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)

    @declared_attr
    @classmethod
    def action_id(cls) -> Mapped[UUID]:
        return own_key(cls, "actions", "action_id", ondelete="CASCADE", nullable=False)

    @declared_attr
    @classmethod
    def action(cls) -> Mapped[ActionTable]:
        return relationship("Action", lazy="raise", passive_deletes="all")

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[Any]:
        return user_key(cls, "user_id")

    @declared_attr
    @classmethod
    def assigned_before_id(cls) -> Mapped[Any]:
        return user_key(cls, "assigned_before_id")

    @declared_attr
    @classmethod
    def assigned_after_id(cls) -> Mapped[Any]:
        return user_key(cls, "assigned_after_id")

    @declared_attr
    @classmethod
    def company_before_id(cls) -> Mapped[Any]:
        return company_key(cls, "company_before_id")

    @declared_attr
    @classmethod
    def company_after_id(cls) -> Mapped[Any]:
        return company_key(cls, "company_after_id")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        keys = ("user_id", "assigned_before_id", "assigned_after_id", "company_before_id", "company_after_id")
        return (
            key_index(cls, "action", "action_id", "created_at", "id"),
            *(key_index(cls, name, name, "id") for name in keys),
        )
