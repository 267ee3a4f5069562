"""An action centre of a host's own: its table of tasks."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tests.documentation.plain_sqlalchemy import Base


# start: centre
class Task(Base):
    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    title: Mapped[str]
    due_on: Mapped[date | None]
    is_open: Mapped[bool]


class TaskCentre:
    listed: ClassVar[bool] = False  # GET /action-centre answers 404 action_centre_elsewhere

    def mirror(self, session: Session, action: Any) -> None:
        session.add(Task(action_id=action.id, title=action.title, due_on=action.due_date, is_open=True))
        session.flush()

    def sync(self, session: Session, action: Any) -> None:
        task = session.scalars(sa.select(Task).where(Task.action_id == action.id)).one()
        task.title, task.due_on = action.title, action.due_date
        task.is_open = action.status == "pending"
        session.flush()


# end: centre
