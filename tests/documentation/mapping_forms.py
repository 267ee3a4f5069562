"""A host whose attributes have to be told in every form there is."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_relationships import CompanyMapping, ContactMapping, UserMapping


class Base(DeclarativeBase):
    pass


class Agent(Base):
    __tablename__ = "agents"

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str]
    surname: Mapped[str]


# start: models
class Firm(Base):
    __tablename__ = "firms"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    switchboard: Mapped[str | None]


class Telephone(Base):
    __tablename__ = "telephones"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    number: Mapped[str]


employments = sa.Table(
    "employments",
    Base.metadata,
    sa.Column("person_id", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("firm_id", sa.ForeignKey("firms.id"), primary_key=True),
)


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    legal_name: Mapped[str]
    mobile: Mapped[str | None]
    born_on: Mapped[date | None]
    agent_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Agent.id))
    retired: Mapped[bool] = mapped_column(default=False)
    telephones: Mapped[list[Telephone]] = relationship()
    firms: Mapped[list[Firm]] = relationship(secondary=employments)


# end: models


# start: forms
contact = ContactMapping(
    Person,
    first_name=lambda person: person.legal_name.rpartition(", ")[2],
    last_name=lambda person: person.legal_name.rpartition(", ")[0],
    email=None,
    phone=["mobile", "telephones.number", "firms.switchboard"],
    company="firms",
    owner="agent_id",
    birthday="born_on",
    active=~Person.retired,
)
company = CompanyMapping(Firm, name=Firm.title)
user = UserMapping(Agent, name=Agent.given_name + " " + Agent.surname)
# end: forms
