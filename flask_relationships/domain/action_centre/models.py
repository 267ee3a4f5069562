from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ...db.base import MAX_NAME_LENGTH, Dated, Table, index, key_index, own_key, unique, user_key
from ...db.revisions import Revised

if TYPE_CHECKING:
    from ..actions.models import ActionTable

STATUSES = ("open", "done", "dismissed")

ITEM_COLUMNS = ("id", "revision", "action_id", "title", "due_date", "assigned_to_user_id", "status")
"""The columns of an item that the API shows."""


class ActionCentreItemTable(Table, Revised, Dated):
    """The mirror of an action: the values that the action centre has taken last.

    ``task_key`` is the key of the host's task, as text, where the host's own tasks are the centre. ``behind`` is
    ``mirror`` or ``sync`` while that call of the centre is pending because it has failed.
    """

    __name_of_table__ = "action_centre_items"

    title: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
    due_date: Mapped[date | None] = mapped_column(sa.Date)
    due: Mapped[date] = mapped_column(sa.Date)
    status: Mapped[str] = mapped_column(sa.String(20), default="open")
    task_key: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    behind: Mapped[str | None] = mapped_column(sa.String(10))

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
    def assigned_to_user_id(cls) -> Mapped[Any]:
        return user_key(cls, "assigned_to_user_id")

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (
            unique(cls, "action_id"),
            key_index(cls, "assigned_status", "assigned_to_user_id", "status", "due", "id"),
            index(cls, "task", "task_key"),
            index(cls, "behind", "behind", "updated_at", "id"),
            index(cls, "status", "status", "id"),
            index(cls, "status_due", "status", "due", "id"),
        )
