"""A host of plain SQLAlchemy that opens one session for each request and keeps it in ``g``."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100))


class Company(Base):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100))


class Contact(Base):
    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(sa.String(100))
    last_name: Mapped[str] = mapped_column(sa.String(100))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Company.id))


# start: binding
Sessions = sessionmaker()


def session() -> Session:
    if "session" not in g:
        g.session = Sessions()
    return cast(Session, g.session)


def close_session(_error: BaseException | None) -> None:
    if "session" in g:
        g.pop("session").close()


relationships = Relationships(
    session=session,
    contact=ContactMapping(Contact),
    company=CompanyMapping(Company),
    user=UserMapping(User),
)


def create_app(database: str, **options: Any) -> Flask:
    app = Flask(__name__)
    Sessions.configure(bind=sa.create_engine(database))
    app.teardown_appcontext(close_session)
    relationships.init_app(app, **options)
    return app


# end: binding
