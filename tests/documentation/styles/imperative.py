"""A host with tables and plain classes, mapped to each other by hand."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, registry, relationship, scoped_session, sessionmaker

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping

# start: binding
metadata = sa.MetaData()
mapping = registry(metadata=metadata)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100)),
)
companies = sa.Table(
    "companies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100)),
)
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("fname", sa.String(100)),
    sa.Column("lname", sa.String(100)),
    sa.Column("phone", sa.String(40)),
    sa.Column("company_id", sa.ForeignKey(companies.c.id)),
)


class _Record:
    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class User(_Record):
    pass


class Company(_Record):
    pass


class Contact(_Record):
    pass


mapping.map_imperatively(User, users)
mapping.map_imperatively(Company, companies)
mapping.map_imperatively(
    Contact,
    contacts,
    properties={
        "first_name": contacts.c.fname,
        "last_name": contacts.c.lname,
        "company": relationship(Company),
    },
)

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
