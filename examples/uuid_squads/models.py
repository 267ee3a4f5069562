"""Squads, users, companies and contacts, every key of theirs a UUID."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class Role(StrEnum):
    EXECUTIVE = "executive"
    HEAD = "head"
    MANAGER = "manager"
    CONSULTANT = "consultant"

    @property
    def knows_every_squad(self) -> bool:
        return self in (Role.EXECUTIVE, Role.HEAD)


class Model(db.Model):  # type: ignore[name-defined, misc]  # Flask-SQLAlchemy makes this class at run time
    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


class Squad(Model):
    __tablename__ = "squads"

    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    members: Mapped[list[User]] = relationship(back_populates="squad")


class User(UserMixin, Model):  # type: ignore[misc]  # Flask-Login has no types
    __tablename__ = "users"

    full_name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    role: Mapped[Role] = mapped_column(sa.Enum(Role, native_enum=False, length=20))
    squad_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Squad.id))
    squad: Mapped[Squad | None] = relationship(back_populates="members")

    def squad_members(self) -> list[User]:
        return self.squad.members if self.squad else []


class Company(Model):
    __tablename__ = "companies"

    name: Mapped[str] = mapped_column(sa.String(120))


class Contact(Model):
    __tablename__ = "contacts"

    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    mobile: Mapped[str | None] = mapped_column(sa.String(40))
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Company.id), index=True)
    squad_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Squad.id))
    consultant_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(User.id))


def known_to(contacts: sa.Select[Any], user: User) -> sa.Select[Any]:
    """Narrow a select of contacts to those that a user may know of."""
    return contacts if user.role.knows_every_squad else contacts.where(Contact.squad_id == user.squad_id)
