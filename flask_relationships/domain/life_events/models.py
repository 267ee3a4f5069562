from __future__ import annotations

from collections.abc import Sequence
from datetime import date
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
from .reminders import UNSCHEDULED

if TYPE_CHECKING:
    from ..profiles.models import ProfileTable

LIFE_EVENT_COLUMNS = (
    "id",
    "revision",
    "contact_id",
    "company_id",
    "event_type",
    "title",
    "event_date",
    "recurs_annually",
    "description",
    "about",
    "auto_action_enabled",
    "auto_action_days_before",
    "further_reminders",
    "created_by_user_id",
    "created_at",
    "updated_at",
)
"""The columns of a life event that the API shows."""


class LifeEventTable(Table, Revised, Dated):
    """A rule from which occurrences follow.

    ``month_day`` (``MMDD``) is set for annual events alone: any period of days is at most two ranges of it. A
    birthday without a year has a ``month_day`` and no ``event_date``.
    ``about`` names the person whom the event is about, where that is not the contact.
    ``profile_id`` marks the one event that is a profile's birthday. ``further_reminders`` and ``next_reminder``:
    see `reminders`.
    """

    __name_of_table__ = "life_events"
    __client_columns__ = frozenset(
        {
            "about",
            "event_type",
            "title",
            "event_date",
            "month_day",
            "recurs_annually",
            "description",
            "auto_action_enabled",
            "auto_action_days_before",
            "further_reminders",
            "company_id",
        }
    )

    event_type: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
    title: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
    event_date: Mapped[date | None] = mapped_column(sa.Date)
    month_day: Mapped[int | None] = mapped_column(sa.Integer)
    recurs_annually: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    description: Mapped[str | None] = mapped_column(sa.Text)
    about: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    auto_action_enabled: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    auto_action_days_before: Mapped[int] = mapped_column(sa.Integer)
    further_reminders: Mapped[list[int | None] | None] = mapped_column(sa.JSON(none_as_null=True))
    next_reminder: Mapped[date] = mapped_column(sa.Date, default=UNSCHEDULED)

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
    def created_by_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "created_by_user_id")

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
            unique(cls, "profile_id"),
            key_index(cls, "contact", "contact_id", "event_date", "id"),
            key_index(cls, "company_annual", "company_id", "recurs_annually", "month_day", "id"),
            index(cls, "company_dated", "company_id", "recurs_annually", "event_date", "id"),
            index(cls, "annual", "recurs_annually", "month_day", "id"),
            index(cls, "next_reminder", "next_reminder", "id"),
        )
