"""Attributes that are more than a column of their own name, and mappers that do more than map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Query,
    column_property,
    composite,
    declared_attr,
    deferred,
    mapped_column,
    relationship,
    synonym,
)

from flask_relationships import CompanyMapping, ContactMapping, UserMapping
from tests.binding.drive import COMPANY, USER, bind
from tests.hosts.host import PREFIX, Caller

PHONE = "+44 20 7946 0018"


def test_attributes_that_are_called_otherwise_than_their_columns(engine: sa.Engine) -> None:
    """The keys too."""

    class Base(DeclarativeBase):
        pass

    class Company(Base):
        __tablename__ = "TBL_COMPANY"
        number: Mapped[int] = mapped_column("COMPANY_ID", primary_key=True)
        name: Mapped[str] = mapped_column("COMPANY NAME", sa.String(100))

    class User(Base):
        __tablename__ = "TBL_USER"
        number: Mapped[int] = mapped_column("USER_ID", primary_key=True)
        name: Mapped[str] = mapped_column("USER NAME", sa.String(100))

    class Contact(Base):
        __tablename__ = "TBL_CONTACT"
        number: Mapped[int] = mapped_column("CONTACT_ID", primary_key=True)
        first_name: Mapped[str] = mapped_column("FNAME", sa.String(100))
        last_name: Mapped[str] = mapped_column("LNAME", sa.String(100))
        phone: Mapped[str] = mapped_column("TEL", sa.String(40))
        company_id: Mapped[int] = mapped_column("COMPANY", sa.ForeignKey(Company.number))

    style = bind(engine, Contact, Company, User)
    _, company = style.add(User(name=USER), Company(name=COMPANY))
    (contact,) = style.add(Contact(first_name="Ada", last_name="Lovelace", phone=PHONE, company_id=int(company)))
    style.drive(contact, company)
    style.delete(Contact, contact)


def test_a_column_prefix(engine: sa.Engine) -> None:
    """``__mapper_args__ = {"column_prefix": "_"}``: the columns are private, and properties stand before them."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(Base):
        __table__ = sa.Table(
            "contacts",
            Base.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("first_name", sa.String(100)),
            sa.Column("last_name", sa.String(100)),
            sa.Column("phone", sa.String(40)),
        )
        __mapper_args__ = {"column_prefix": "_"}

    contact_mapping = ContactMapping(Contact, first_name="_first_name", last_name="_last_name", phone="_phone")
    style = bind(engine, contact_mapping, None, User)
    style.add(User(name=USER))
    (contact,) = style.add(Contact(_first_name="Ada", _last_name="Lovelace", _phone=PHONE))
    style.drive(contact)
    style.delete(Contact, contact)


@dataclass
class Name:
    first: str
    last: str


def test_synonyms_properties_hybrids_and_composites(engine: sa.Engine) -> None:
    class Base(DeclarativeBase):
        pass

    class Company(Base):
        __tablename__ = "companies"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str] = mapped_column(sa.String(100))
        name: Mapped[str] = synonym("title")

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        given: Mapped[str] = mapped_column(sa.String(100))
        family: Mapped[str] = mapped_column(sa.String(100))
        name: Mapped[str] = column_property(given + " " + family)

    class Number(Base):
        __tablename__ = "numbers"
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str] = mapped_column(sa.String(40))

    class Contact(Base):
        __tablename__ = "contacts"
        id: Mapped[int] = mapped_column(primary_key=True)
        given: Mapped[str] = mapped_column(sa.String(100))
        family: Mapped[str] = deferred(mapped_column(sa.String(100)))
        called: Mapped[Name] = composite(Name, "given", "family")
        company_id: Mapped[int] = mapped_column(sa.ForeignKey(Company.id))
        firm_id: Mapped[int] = synonym("company_id")
        number_id: Mapped[int] = mapped_column(sa.ForeignKey(Number.id))
        number: Mapped[Number] = relationship()

        @hybrid_property
        def first_name(self) -> str:
            return self.given.strip()

        @first_name.inplace.expression
        @classmethod
        def _first_name(cls) -> Any:
            return sa.func.trim(cls.given)

    style = bind(
        engine,
        ContactMapping(Contact, last_name="family", company="firm_id", phone="number.text"),
        CompanyMapping(Company),
        UserMapping(User),
    )
    style.add(User(given="Grace", family="Hopper"), Company(title=COMPANY), Number(text=PHONE))
    contact = Contact(called=Name(" Ada ", "Lovelace"), company_id=1, number_id=1)
    (key,) = style.add(contact)
    style.drive(key, "1")
    style.delete(Contact, key)


def test_a_part_of_a_composite_by_a_callable() -> None:
    """A composite is a value of Python: SQL knows only its columns."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(Base):
        __tablename__ = "contacts"
        id: Mapped[int] = mapped_column(primary_key=True)
        phone: Mapped[str] = mapped_column(sa.String(40))
        called: Mapped[Name] = composite(
            Name, mapped_column("given", sa.String(40)), mapped_column("family", sa.String(40))
        )

    mapping = ContactMapping(
        Contact, first_name=lambda contact: contact.called.first, last_name=lambda contact: contact.called.last
    )
    style = bind(sa.create_engine("sqlite://"), mapping, None, User)
    style.add(User(name=USER), Contact(phone=PHONE, called=Name("Ada", "Lovelace")))
    style.drive("1")
    style.delete(Contact, "1")
    sa.inspect(style.session().get_bind()).engine.dispose()


def test_mixins_abstract_bases_and_mapper_options(engine: sa.Engine) -> None:
    """A base class that names tables, dates rows and counts versions; a query class; columns kept back."""

    class CountingQuery(Query[Any]):
        pass

    class Base(DeclarativeBase):
        query_class = CountingQuery

    class Versioned:
        version: Mapped[int] = mapped_column(default=1)

        @declared_attr.directive
        @classmethod
        def __mapper_args__(cls) -> dict[str, Any]:
            return {"version_id_col": cls.version, "eager_defaults": True}

    class Record(Versioned, Base):
        __abstract__ = True

        id: Mapped[int] = mapped_column(primary_key=True)
        created_at: Mapped[Any] = mapped_column(sa.DateTime, server_default=sa.func.now())

        @declared_attr.directive
        @classmethod
        def __tablename__(cls) -> str:
            return cls.__name__.lower()

    class User(Record):
        name: Mapped[str] = mapped_column(sa.String(100))

    class Company(Record):
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(Record):
        first_name: Mapped[str] = mapped_column(sa.String(100), deferred=True)
        last_name: Mapped[str] = mapped_column(sa.String(100), deferred=True, deferred_raiseload=True)
        phone: Mapped[str] = mapped_column(sa.String(40))
        company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))
        company: Mapped[Company] = relationship(lazy="raise")

    style = bind(engine, Contact, Company, User)
    style.add(User(name=USER), Company(name=COMPANY))
    (contact,) = style.add(Contact(first_name="Ada", last_name="Lovelace", phone=PHONE, company_id=1))
    style.drive(contact, "1")
    with style.app.app_context():
        assert style.session().get_one(Contact, int(contact)).version == 1, "the host's row was not touched"
    style.delete(Contact, contact)


def test_a_table_that_is_extended(engine: sa.Engine) -> None:
    """``extend_existing``: a second class on the table of the first, with a column more."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    sa.Table(
        "contacts", Base.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(100))
    )

    class Contact(Base):
        __tablename__ = "contacts"
        __table_args__ = {"extend_existing": True}
        id: Mapped[int] = mapped_column(primary_key=True)
        phone: Mapped[str | None] = mapped_column(sa.String(40))
        name: Mapped[str] = mapped_column(sa.String(100))

    style = bind(engine, Contact, None, User)
    style.add(User(name=USER))
    (contact,) = style.add(Contact(name="Ada Lovelace", phone=PHONE))
    style.drive(contact)
    style.delete(Contact, contact)


@pytest.mark.parametrize("lazy", ["select", "joined", "selectin", "subquery", "raise", "immediate"])
def test_however_the_host_loads_its_relationships(lazy: Any) -> None:
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
        contacts: Mapped[list[Contact]] = relationship(lazy=lazy, back_populates="company")

    class Contact(Base):
        __tablename__ = "contacts"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))
        phone: Mapped[str | None] = mapped_column(sa.String(40))
        company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"))
        company: Mapped[Company | None] = relationship(lazy=lazy, back_populates="contacts")

    engine = sa.create_engine("sqlite://")
    Company.__annotations__["contacts"] = Mapped[list[Contact]]
    style = bind(engine, ContactMapping(Contact, name=lambda contact: contact.name), Company, User)
    style.add(User(name=USER), Company(name=COMPANY), Contact(name="Ada Lovelace", phone=PHONE, company_id=1))
    style.drive("1", "1")
    assert (
        Caller(style.app.test_client(), prefix=PREFIX).get("/relationship-actions")["actions"][0]["last_name"]
        == "Lovelace"
    )
    engine.dispose()
