"""Users, companies, the contacts between them, and their phones."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


employments = sa.Table(
    "employments",
    Base.metadata,
    sa.Column("contact_id", sa.ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("company_id", sa.ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Model(db.Model):  # type: ignore[name-defined, misc]  # Flask-SQLAlchemy makes this class at run time
    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)


class User(Model):
    __tablename__ = "users"

    given_name: Mapped[str] = mapped_column(sa.String(80))
    family_name: Mapped[str] = mapped_column(sa.String(80))
    password_hash: Mapped[str] = mapped_column(sa.String(255))


class Company(Model):
    __tablename__ = "companies"

    name: Mapped[str] = mapped_column(sa.String(120))
    closed_on: Mapped[date | None]
    contacts: Mapped[list[Contact]] = relationship(secondary=employments, back_populates="companies")


class Client(Model):
    """The mark of a company that buys from us."""

    __tablename__ = "clients"

    company_id: Mapped[int] = mapped_column(sa.ForeignKey(Company.id, ondelete="CASCADE"), unique=True)
    since: Mapped[date]


class Contact(Model):
    __tablename__ = "contacts"

    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    work_email: Mapped[str | None] = mapped_column(sa.String(254))
    home_email: Mapped[str | None] = mapped_column(sa.String(254))
    is_private: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    owner: Mapped[User] = relationship()
    companies: Mapped[list[Company]] = relationship(secondary=employments, back_populates="contacts")
    phones: Mapped[list[Phone]] = relationship(cascade="all, delete-orphan", order_by="Phone.id")


class Phone(Model):
    __tablename__ = "phones"

    contact_id: Mapped[int] = mapped_column(sa.ForeignKey(Contact.id, ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(sa.String(40))


def looks_after(user_id: int, row: object) -> bool:
    """Only a contact's owner may do everything to it; a row that is no contact has no owner."""
    return not isinstance(row, Contact) or row.owner_id == user_id


def known_to(contacts: sa.Select[Any], user_id: int) -> sa.Select[Any]:
    """Narrow a select of contacts to those that are not somebody else's secret."""
    return contacts.where(sa.or_(Contact.is_private.is_(False), Contact.owner_id == user_id))


def open_only(companies: sa.Select[Any]) -> sa.Select[Any]:
    return companies.where(Company.closed_on.is_(None))
