from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ...db.base import MAX_NAME_LENGTH, Dated, Table, contact_key, index, unique, user_key
from ...db.revisions import Revised


class ProfileTable(Table, Revised, Dated):
    """A contact's relationship profile.

    A birthday is stored as month and day (``MMDD`` as an integer) and perhaps a year; ``birthday_in_full`` is true if
    it was sent as a full date, and is returned as one.
    ``birthday_year_source`` is the member that set the year: ``birthday`` with a full date, or ``birthday_year``. Rows
    of version 0.1 have NULL, and ``birthday_in_full`` decides. ``birthday_source`` is ``crm`` while the birthday
    follows the host's, and ``edited`` once somebody changed it here; NULL until a row of 0.1 has been compared.
    ``birthday_owed``: its life event may differ from it, see `birthdays`.
    ``phone_key`` and ``whatsapp_key`` compare numbers: empty where the text is no number, NULL in rows
    of version 0.1 until a scheduled job fills them in. ``phone_number_source``: ``crm`` while the phone follows the
    host's value, ``edited`` once somebody has changed it here, NULL in rows of version 0.1.
    ``phone_unreachable_since`` and ``whatsapp_unreachable_since``: the provider reports that messages to the number of
    that channel cannot be delivered.
    ``cadence_days`` is the cadence, ``in_touch_due_day`` the day on which contact is due, and ``in_touch_remind_day``
    the day of the next reminder: days as ordinals, see `keeping_in_touch.cadence`.
    ``in_touch_user_id`` is a copy of the assignee, where contacts have owners. It is unknown while
    ``in_touch_user_known`` is NULL, as in rows of version 0.1, see `keeping_in_touch.assignees`.
    """

    __name_of_table__ = "profiles"
    __client_columns__ = frozenset(
        {
            "communication_preference",
            "communication_notes",
            "personal_notes",
            "birthday_month_day",
            "birthday_year",
            "birthday_in_full",
            "home_address",
            "interests",
            "dietary_requirements",
            "preferred_name",
            "assistant_name",
            "assistant_email",
            "phone_number",
            "whatsapp_number",
            "twilio_opt_in",
            "cadence_days",
        }
    )

    communication_preference: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    communication_notes: Mapped[str | None] = mapped_column(sa.Text)
    personal_notes: Mapped[str | None] = mapped_column(sa.Text)
    birthday_month_day: Mapped[int | None] = mapped_column(sa.Integer)
    birthday_year: Mapped[int | None] = mapped_column(sa.Integer)
    birthday_in_full: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    birthday_year_source: Mapped[str | None] = mapped_column(sa.String(20))
    birthday_source: Mapped[str | None] = mapped_column(sa.String(20))
    birthday_owed: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    home_address: Mapped[str | None] = mapped_column(sa.Text)
    interests: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    dietary_requirements: Mapped[str | None] = mapped_column(sa.Text)
    preferred_name: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    assistant_name: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    assistant_email: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    phone_number: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    whatsapp_number: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    phone_e164: Mapped[str | None] = mapped_column(sa.String(20))
    whatsapp_e164: Mapped[str | None] = mapped_column(sa.String(20))
    phone_key: Mapped[str | None] = mapped_column(sa.String(64))
    whatsapp_key: Mapped[str | None] = mapped_column(sa.String(64))
    phone_number_source: Mapped[str | None] = mapped_column(sa.String(20))
    phone_unreachable_since: Mapped[datetime | None] = mapped_column(sa.DateTime)
    whatsapp_unreachable_since: Mapped[datetime | None] = mapped_column(sa.DateTime)
    twilio_opt_in: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    consent_changed_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    last_message_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    last_contact_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    last_contact_day: Mapped[int | None] = mapped_column(sa.Integer)
    last_contact_channel: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    cadence_days: Mapped[int | None] = mapped_column(sa.Integer)
    cadence_since_day: Mapped[int | None] = mapped_column(sa.Integer)
    in_touch_due_day: Mapped[int | None] = mapped_column(sa.Integer)
    in_touch_remind_day: Mapped[int | None] = mapped_column(sa.Integer)
    in_touch_user_known: Mapped[bool | None] = mapped_column(sa.Boolean)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return contact_key(cls)

    @declared_attr
    @classmethod
    def last_contact_by_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "last_contact_by_user_id")

    @declared_attr
    @classmethod
    def cadence_set_by_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "cadence_set_by_user_id")

    @declared_attr
    @classmethod
    def in_touch_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "in_touch_user_id")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (
            unique(cls, "contact_id"),
            index(cls, "birthday_owed", "birthday_owed", "id"),
            index(cls, "phone_e164", "phone_e164"),
            index(cls, "whatsapp_e164", "whatsapp_e164"),
            index(cls, "phone_key", "phone_key"),
            index(cls, "whatsapp_key", "whatsapp_key"),
            index(cls, "in_touch_due", "in_touch_due_day", "id"),
            index(cls, "set_by_due", "cadence_set_by_user_id", "in_touch_due_day", "id"),
            index(cls, "set_by_remind", "cadence_set_by_user_id", "in_touch_remind_day", "in_touch_due_day", "id"),
            index(cls, "in_touch_user_due", "in_touch_user_id", "in_touch_due_day", "id"),
            index(cls, "in_touch_user_remind", "in_touch_user_id", "in_touch_remind_day", "in_touch_due_day", "id"),
            index(cls, "in_touch_unknown", "in_touch_user_known", "in_touch_due_day", "id"),
            index(cls, "in_touch_remind", "in_touch_remind_day", "id"),
        )
