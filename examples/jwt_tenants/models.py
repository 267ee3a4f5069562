"""Accounts, and the people they know. Both belong to a tenant."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .extensions import db

RIGHTS = {
    "reader": ["relationships:view"],
    "writer": ["relationships:view", "relationships:update"],
    "owner": ["relationships:view", "relationships:update", "relationships:manage"],
}
"""What the tokens of each role say that their holder may do."""


class Model(db.Model):  # type: ignore[name-defined, misc]  # Flask-SQLAlchemy makes this class at run time
    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(sa.String(40), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(254))


class Account(Model):
    __tablename__ = "accounts"
    __table_args__ = (sa.UniqueConstraint("email"),)

    display_name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    role: Mapped[str] = mapped_column(sa.String(20))


class Person(Model):
    __tablename__ = "people"

    name: Mapped[str] = mapped_column(sa.String(200))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    works_at: Mapped[str | None] = mapped_column(sa.String(120))
    deleted_at: Mapped[datetime | None]
