"""A host whose models are dataclasses. Our tables are not: they stand on a base of their own."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    Session,
    mapped_column,
    relationship,
    scoped_session,
    sessionmaker,
)

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping


# start: binding
class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    id: Mapped[int] = mapped_column(init=False, primary_key=True)


class User(Base):
    __tablename__ = "users"

    name: Mapped[str] = mapped_column(sa.String(100))


class Company(Base):
    __tablename__ = "companies"

    name: Mapped[str] = mapped_column(sa.String(100))


class Contact(Base):
    __tablename__ = "contacts"

    first_name: Mapped[str] = mapped_column(sa.String(100))
    last_name: Mapped[str] = mapped_column(sa.String(100))
    phone: Mapped[str | None] = mapped_column(sa.String(40), default=None)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"), default=None)
    company: Mapped[Company | None] = relationship(init=False)


Sessions = scoped_session(sessionmaker())

relationships = Relationships(
    session=Sessions,
    contact=ContactMapping(Contact),
    company=CompanyMapping(Company),
    user=UserMapping(User),
)
# end: binding


def create_app(database: str, **options: Any) -> Flask:
    app = Flask(__name__)
    Sessions.configure(bind=sa.create_engine(database))
    app.teardown_appcontext(lambda _error: Sessions.remove())
    relationships.init_app(app, **options)
    return app


def session() -> Session:
    return Sessions()
