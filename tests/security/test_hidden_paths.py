"""Links that lead through rows of the host's: a hidden row on the way, or at the end, leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport
from tests.hosts.host import PREFIX, Caller

ACTION = {"title": "Call", "action_type": "call"}
EVENT = {"event_type": "visit", "title": "Visit"}


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class User(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    hidden: Mapped[bool] = mapped_column(default=False)


class Company(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    hidden: Mapped[bool] = mapped_column(default=False)


class Contact(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Company.id))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    introduced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))
    hidden: Mapped[bool] = mapped_column(default=False)
    company: Mapped[Company | None] = relationship()
    introduced_by: Mapped[Contact | None] = relationship(remote_side=[id])


def not_hidden(model: Any) -> Any:
    return lambda select, _user: select.where(model.hidden.is_(False))


def manages_somebody(select: Any, _user: Any) -> Any:
    """The managers of companies that somebody is of: a hook whose select is of several tables."""
    return select.where(User.id == Company.manager_id, Company.id == Contact.company_id, Contact.hidden.is_(False))


@pytest.fixture
def made() -> Iterator[Any]:
    """Ada (1), introduced by Bob (2), both of company 1, which user 2 manages. User 1 asks."""
    apps: list[Flask] = []

    def make(*, user_visible: Any = None, **contact: Any) -> Caller:
        given = {"name": "name", "email": None, "phone": None, "visible": not_hidden(Contact), **contact}
        relationships = Relationships(
            db=db,
            contact=ContactMapping(Contact, **given),
            company=CompanyMapping(Company, visible=not_hidden(Company)),
            user=UserMapping(User, visible=user_visible or not_hidden(User)),
            transport=MemoryTransport(),
            permission=lambda *_: True,
            current_user=lambda: 1,
            action_scope=lambda _: ActionScope.everyone(),
        )
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        db.init_app(app)
        relationships.init_app(app)
        apps.append(app)
        with app.app_context():
            db.create_all()
            db.session.add_all([User(id=1, name="Asker"), User(id=2, name="Manager")])
            db.session.add(Company(id=1, name="Orchard", manager_id=2))
            db.session.flush()
            db.session.add(Contact(id=2, name="Bob Bell", company_id=1))
            db.session.flush()
            db.session.add(Contact(id=1, name="Ada Quill", company_id=1, introduced_by_id=2))
            db.session.commit()
        return Caller(app.test_client(), prefix=PREFIX)

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def hide(caller: Caller, model: Any, id: int) -> None:
    with caller.client.application.app_context():
        db.session.execute(sa.update(model).where(model.id == id).values(hidden=True))
        db.session.commit()


@pytest.mark.parametrize(("hidden", "owner"), [(None, "2"), (User, "1")])
def test_an_owner_at_the_end_of_a_path(made: Any, hidden: Any, owner: str) -> None:
    caller = made(owner="company.manager_id")
    if hidden is not None:
        hide(caller, hidden, 2)
    caller.post("/contacts/1/life-events", EVENT)
    (action,) = caller.get("/relationship-actions")["actions"]
    assert action["assigned_to_user_id"] == owner


@pytest.mark.parametrize("company", ["introduced_by.company", "introduced_by.company_id"])
def test_a_company_by_way_of_another_contact(made: Any, company: str) -> None:
    caller = made(company=company)
    caller.post("/contacts/1/relationship-actions", ACTION)

    def told() -> tuple[list[str], list[str]]:
        summary = caller.get("/clients/1/relationship-summary")
        named = caller.get("/relationship-actions")["actions"]
        return [contact["id"] for contact in summary["contacts"]], [action["company_name"] for action in named]

    assert told() == (["1"], ["Orchard"])
    hide(caller, Contact, 2)
    assert told() == ([], [None])


def test_a_hook_of_several_tables_asks_the_same_wherever_it_stands(made: Any) -> None:
    """Its tables are its own, though one of them is what the statement around it is about."""
    caller = made(owner="owner_id", user_visible=manages_somebody)
    with caller.client.application.app_context():
        db.session.execute(sa.update(Contact).where(Contact.id == 1).values(owner_id=2, company_id=None))
        db.session.commit()
    caller.post("/contacts/1/life-events", EVENT)
    (action,) = caller.get("/relationship-actions")["actions"]
    assert (action["assigned_to_user_id"], action["assigned_to_name"]) == ("2", "Manager")
