"""Hosts whose tables are older than their code: the columns are read from the database."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase, scoped_session, sessionmaker

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping

TABLES = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL)",
    "CREATE TABLE companies (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL)",
    "CREATE TABLE contacts (id INTEGER PRIMARY KEY, fname VARCHAR(100), lname VARCHAR(100), phone VARCHAR(40),"
    " company_id INTEGER, FOREIGN KEY (company_id) REFERENCES companies (id))",
)

Sessions = scoped_session(sessionmaker())


# start: reflected
def reflected(engine: sa.Engine) -> Relationships:
    class Base(DeclarativeBase):
        pass

    class User(Base):
        __table__ = sa.Table("users", Base.metadata, autoload_with=engine)

    class Company(Base):
        __table__ = sa.Table("companies", Base.metadata, autoload_with=engine)

    class Contact(Base):
        __table__ = sa.Table("contacts", Base.metadata, autoload_with=engine)

    return Relationships(
        session=Sessions,
        contact=ContactMapping(Contact, first_name="fname", last_name="lname"),
        company=CompanyMapping(Company),
        user=UserMapping(User),
    )


# end: reflected


# start: automap
def automapped(engine: sa.Engine) -> Relationships:
    Base: Any = automap_base()  # noqa: N806
    Base.prepare(autoload_with=engine)
    classes = Base.classes
    return Relationships(
        session=Sessions,
        contact=ContactMapping(classes.contacts, first_name="fname", last_name="lname", company="companies"),
        company=CompanyMapping(classes.companies),
        user=UserMapping(classes.users),
    )


# end: automap


# start: deferred
class Reflected(DeferredReflection, DeclarativeBase):
    __abstract__ = True


class User(Reflected):
    __tablename__ = "users"


class Company(Reflected):
    __tablename__ = "companies"


class Contact(Reflected):
    __tablename__ = "contacts"


relationships = Relationships(
    session=Sessions,
    contact=ContactMapping(f"{__name__}:Contact", first_name="fname", last_name="lname"),
    company=CompanyMapping(f"{__name__}:Company"),
    user=UserMapping(f"{__name__}:User"),
)


def deferred(engine: sa.Engine) -> Relationships:
    """To be called before ``relationships.init_app(app)``."""
    Reflected.prepare(engine)
    return relationships


# end: deferred
