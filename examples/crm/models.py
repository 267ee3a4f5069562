"""The CRM's own tables: squads, users, organisations, client profiles, contacts and tasks.

Nothing here knows of flask-relationships; `examples.crm.relationships` tells it which attribute is which.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash

from .extensions import db, login_manager

MAY_BY_LEVEL: dict[str, frozenset[str]] = {
    "executive": frozenset({"view", "update", "manage"}),
    "head": frozenset({"view", "update", "manage"}),
    "manager": frozenset({"view", "update", "manage"}),
    "consultant": frozenset({"view", "update"}),
}
"""What each level may do, in the CRM's pages and in its relationships tool alike."""


class Model(db.Model):  # type: ignore[name-defined, misc]  # Flask-SQLAlchemy makes this class at run time
    """The base of the CRM's tables."""

    __abstract__ = True


class Squad(Model):
    """A team of consultants and their manager."""

    __tablename__ = "squads"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    members: Mapped[list[User]] = relationship(back_populates="squad", order_by="User.full_name")


class User(UserMixin, Model):  # type: ignore[misc]  # flask-login has no types
    """Somebody who works here. Executives and heads belong to no squad."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    level: Mapped[str] = mapped_column(sa.String(20))
    squad_id: Mapped[int | None] = mapped_column(ForeignKey("squads.id"))
    squad: Mapped[Squad | None] = relationship(back_populates="members")

    def may(self, permission: str) -> bool:
        """Whether this user's level allows ``view``, ``update`` or ``manage``."""
        return permission in MAY_BY_LEVEL.get(self.level, frozenset())

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)

    @property
    def squad_member_ids(self) -> list[int]:
        return [member.id for member in self.squad.members] if self.squad else []

    @property
    def led_user_ids(self) -> list[int] | None:
        """Whose work this user sees: None for everyone's, else the ids of the squad or only their own."""
        if self.level in ("executive", "head"):
            return None
        return self.squad_member_ids if self.level == "manager" else [self.id]


class Organisation(Model):
    """A company we know: a client where it has a client profile, a prospect until then."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(160), unique=True)
    industry: Mapped[str] = mapped_column(sa.String(80))
    city: Mapped[str] = mapped_column(sa.String(80))
    website: Mapped[str] = mapped_column(sa.String(255))
    contacts: Mapped[list[Contact]] = relationship(back_populates="organisation")
    client_profile: Mapped[ClientProfile | None] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def is_client(self) -> bool:
        return self.client_profile is not None


class ClientProfile(Model):
    """What makes an organisation a client: since when, in which tier, and who leads the account."""

    __tablename__ = "client_profiles"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), unique=True)
    client_since: Mapped[date]
    tier: Mapped[str] = mapped_column(sa.String(20))
    account_lead_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    organisation: Mapped[Organisation] = relationship(back_populates="client_profile")
    account_lead: Mapped[User | None] = relationship()


class Contact(Model):
    """A person at an organisation. An archived contact is kept for the books and shown nowhere."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str] = mapped_column(sa.String(80))
    family_name: Mapped[str] = mapped_column(sa.String(80))
    job_title: Mapped[str] = mapped_column(sa.String(120), default="")
    email: Mapped[str] = mapped_column(sa.String(254))
    mobile: Mapped[str | None] = mapped_column(sa.String(40))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    archived_at: Mapped[datetime | None]
    organisation: Mapped[Organisation | None] = relationship(back_populates="contacts")
    owner: Mapped[User | None] = relationship()

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        return f"{self.given_name[:1]}{self.family_name[:1]}"

    @classmethod
    def current(cls) -> sa.Select[Any]:
        """A select of the contacts that are not archived."""
        return kept(sa.select(cls))


def kept(contacts: sa.Select[Any]) -> sa.Select[Any]:
    """Narrow a select of contacts to those that are not archived."""
    return contacts.where(Contact.archived_at.is_(None))


class Task(Model):
    """A piece of work in the CRM's own to-do list; open until ``done_at`` (UTC) is set."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    due_on: Mapped[date | None]
    done_at: Mapped[datetime | None]
    assignee_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    assignee: Mapped[User] = relationship()
    contact: Mapped[Contact | None] = relationship()


@login_manager.user_loader  # type: ignore[untyped-decorator]  # flask-login has no types
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id)) if user_id.isdecimal() else None
