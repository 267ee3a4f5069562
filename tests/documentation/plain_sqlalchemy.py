"""A host without Flask-SQLAlchemy and without Flask-Login: plain SQLAlchemy, and the user's id in the session."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa
from flask import Flask, session
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_admin: Mapped[bool] = mapped_column(default=False)


class Company(Base):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Contact(Base):
    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Company.id))


# start: session
Sessions = scoped_session(sessionmaker())

relationships = Relationships(
    session=Sessions,
    contact=ContactMapping(Contact),
    company=CompanyMapping(Company),
    user=UserMapping(User),
)
# end: session


@relationships.current_user_callback
def logged_in() -> User | None:
    return Sessions.get(User, session["user_id"]) if "user_id" in session else None


@relationships.permission_callback
def allowed(user: User, permission: str, target: object) -> bool:
    return user.is_admin or permission == "relationships:view"


# start: foreign keys
def enforce_foreign_keys(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


# end: foreign keys


# start: factory
def create_app(database: str, **options: Any) -> Flask:
    app = Flask(__name__)
    app.secret_key = "change me"
    engine = sa.create_engine(database)
    event.listen(engine, "connect", enforce_foreign_keys)
    Sessions.configure(bind=engine)
    relationships.init_app(app, **options)
    app.teardown_appcontext(lambda _error: Sessions.remove())
    return app


# end: factory
