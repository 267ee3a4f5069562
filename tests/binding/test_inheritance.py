"""Contacts, companies and users that inherit from each other's tables."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_relationships import CompanyMapping, ContactMapping, UserMapping
from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.binding.drive import COMPANY, USER, bind
from tests.hosts.host import PREFIX, Caller

ADA = {"first_name": "Ada", "last_name": "Lovelace", "phone": "+44 20 7946 0018"}


def test_tables_joined_to_one_of_parties(engine: sa.Engine) -> None:
    """The key of a contact is itself a foreign key, to a table that companies and users share."""

    class Base(DeclarativeBase):
        pass

    class Party(Base):
        __tablename__ = "parties"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str] = mapped_column(sa.String(20))
        phone: Mapped[str | None] = mapped_column(sa.String(40))
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "party"}

    class Organisation(Party):
        __tablename__ = "organisations"
        id: Mapped[int] = mapped_column(sa.ForeignKey(Party.id), primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))
        __mapper_args__ = {"polymorphic_identity": "organisation"}

    class User(Party):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(sa.ForeignKey(Party.id), primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))
        __mapper_args__ = {"polymorphic_identity": "user"}

    class Person(Party):
        __tablename__ = "persons"
        id: Mapped[int] = mapped_column(sa.ForeignKey(Party.id), primary_key=True)
        first_name: Mapped[str] = mapped_column(sa.String(100))
        last_name: Mapped[str] = mapped_column(sa.String(100))
        owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Party.id))
        organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Organisation.id))
        organisation: Mapped[Organisation | None] = relationship(foreign_keys=organisation_id)
        __mapper_args__ = {"polymorphic_identity": "person", "inherit_condition": id == Party.id}

    style = bind(
        engine,
        ContactMapping(Person, company="organisation", owner="owner_id", phone=["phone", "organisation.phone"]),
        CompanyMapping(Organisation),
        UserMapping(User),
    )
    user, company = style.add(User(name=USER), Organisation(name=COMPANY, phone="+44 20 7946 0018"))
    (contact,) = style.add(
        Person(first_name="Ada", last_name="Lovelace", organisation_id=int(company), owner_id=int(user))
    )
    style.drive(contact, company, user)
    keys = {key.column.table.name for key in style.relationships.models.Profile.__table__.foreign_keys}
    assert keys == {"persons", "users"}, "a contact has a profile, in which users are named"
    astray = style.add(Person(first_name="Mary", last_name="Somerville", owner_id=int(company)))[0]
    caller = Caller(style.app.test_client(), prefix=PREFIX)
    event = caller.post(f"/contacts/{astray}/life-events", EVENT)["event"]
    (action,) = caller.get(f"/contacts/{astray}/relationship-actions")["actions"]
    assert (action["life_event_id"], action["assigned_to_user_id"]) == (event["id"], user), "an owner who is no user"
    style.delete(Person, contact, left=2)
    with style.app.app_context():
        style.session().execute(sa.delete(Person).where(Person.last_name == "Somerville"))
        style.session().commit()
    assert style.count() == 0


def test_one_table_for_all(engine: sa.Engine) -> None:
    class Base(DeclarativeBase):
        pass

    class Party(Base):
        __tablename__ = "parties"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str] = mapped_column(sa.String(20))
        name: Mapped[str] = mapped_column(sa.String(100))
        phone: Mapped[str | None] = mapped_column(sa.String(40))
        firm_id: Mapped[int | None] = mapped_column(sa.ForeignKey("parties.id"))
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "party"}

    class Firm(Party):
        __mapper_args__ = {"polymorphic_identity": "firm"}

    class User(Party):
        __mapper_args__ = {"polymorphic_identity": "user"}

    class Person(Party):
        __mapper_args__ = {"polymorphic_identity": "person"}

    style = bind(engine, ContactMapping(Person, company="firm_id"), Firm, User)
    user, company = style.add(User(name=USER), Firm(name=COMPANY))
    contact, other = style.add(
        Person(name="Ada Lovelace", phone=ADA["phone"], firm_id=int(company)), User(name="No contact")
    )
    style.drive(contact, company, user)
    client = style.app.test_client()
    assert client.get(f"/api/relationships/contacts/{other}/relationship").status_code == 404
    action = {**ACTION, "assigned_to_user_id": contact}
    assert client.post(f"/api/relationships/contacts/{contact}/relationship-actions", json=action).status_code == 422
    style.delete(Person, contact)


def test_contacts_of_several_kinds(engine: sa.Engine) -> None:
    """The mapped class has subclasses: leads in the same table, customers in one joined to it."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(Base):
        __tablename__ = "contacts"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str] = mapped_column(sa.String(20))
        first_name: Mapped[str] = mapped_column(sa.String(100))
        last_name: Mapped[str] = mapped_column(sa.String(100))
        phone: Mapped[str | None] = mapped_column(sa.String(40))
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "contact", "with_polymorphic": "*"}

    class Lead(Contact):
        source: Mapped[str | None] = mapped_column(sa.String(40))
        __mapper_args__ = {"polymorphic_identity": "lead"}

    class Customer(Contact):
        __tablename__ = "customers"
        id: Mapped[int] = mapped_column(sa.ForeignKey(Contact.id), primary_key=True)
        since: Mapped[int | None]
        __mapper_args__ = {"polymorphic_identity": "customer"}

    style = bind(engine, Contact, None, User)
    style.add(User(name=USER))
    for kind in (Contact, Lead, Customer):
        (contact,) = style.add(kind(**ADA))
        style.drive(contact)
        style.delete(kind, contact)
    bulk = style.add(Lead(**ADA))[0]
    style.drive(bulk)
    with style.app.app_context():
        style.session().execute(sa.delete(Lead).where(Lead.first_name == "Ada"))
        style.session().commit()
    assert style.count() == 0


def test_a_table_of_its_own_for_each_class(engine: sa.Engine) -> None:
    """Concrete inheritance: two tables, and contacts are in one of them."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Person(Base):
        __tablename__ = "persons"
        id: Mapped[int] = mapped_column(primary_key=True)
        first_name: Mapped[str] = mapped_column(sa.String(100))
        last_name: Mapped[str] = mapped_column(sa.String(100))
        phone: Mapped[str | None] = mapped_column(sa.String(40))

    class Contact(Person):
        __tablename__ = "contacts"
        id: Mapped[int] = mapped_column(primary_key=True)
        first_name: Mapped[str] = mapped_column(sa.String(100))
        last_name: Mapped[str] = mapped_column(sa.String(100))
        phone: Mapped[str | None] = mapped_column(sa.String(40))
        __mapper_args__ = {"concrete": True}

    style = bind(engine, Contact, None, User)
    style.add(User(name=USER))
    (contact,) = style.add(Contact(**ADA))
    style.drive(contact)
    style.delete(Contact, contact)
