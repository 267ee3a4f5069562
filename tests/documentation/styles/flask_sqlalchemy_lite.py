"""A host of Flask-SQLAlchemy-Lite: models on a declarative base of its own, the session on `db`."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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
db = SQLAlchemy()

relationships = Relationships(
    db=db,
    contact=ContactMapping(Contact),
    company=CompanyMapping(Company),
    user=UserMapping(User),
)


def create_app(database: str, **options: Any) -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_ENGINES"] = {"default": database}
    db.init_app(app)
    relationships.init_app(app, **options)
    return app


# end: binding
def session() -> sa.orm.Session:
    return db.session
