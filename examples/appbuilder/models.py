"""Companies, contacts and tasks, on the declarative base of Flask-AppBuilder."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from flask_appbuilder.models.mixins import AuditMixin
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Mapped, mapped_column, relationship

db = SQLA()


class Company(Model):  # type: ignore[misc]  # Flask-AppBuilder has no types
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)

    def __str__(self) -> str:
        return self.name


class Contact(AuditMixin, Model):  # type: ignore[misc]
    """The mixin adds who created and who changed it, and when."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    telephone: Mapped[str | None] = mapped_column(sa.String(40))
    is_retired: Mapped[bool] = mapped_column(default=False)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Company.id), index=True)
    company: Mapped[Company | None] = relationship()

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Task(Model):  # type: ignore[misc]
    """Something that somebody has to do, whether for a contact or not."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    due: Mapped[date | None]
    state: Mapped[str] = mapped_column(sa.String(20), default="open")
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id, ondelete="SET NULL"))
    assignee: Mapped[User | None] = relationship()
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Contact.id, ondelete="CASCADE"))
    contact: Mapped[Contact | None] = relationship(passive_deletes=True)


def not_retired(contacts: sa.Select[Any]) -> sa.Select[Any]:
    return contacts.where(Contact.is_retired.is_(False))
