"""Hosts that are not of Flask-SQLAlchemy, each as docs/other-styles shows it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport
from tests.binding.drive import COMPANY, USER, Style
from tests.documentation.styles import legacy
from tests.hosts.made import yes

PHONE = "+44 20 7946 0018"
ADA = {"first_name": "Ada", "last_name": "Lovelace", "phone": PHONE}


def callbacks() -> dict[str, Any]:
    return {"permission": yes, "current_user": lambda: 1, "transport": MemoryTransport()}


@pytest.mark.parametrize("name", ["flask_sqlalchemy_lite", "session_per_request", "dataclass_models", "imperative"])
def test_a_documented_style(name: str, engine: sa.Engine) -> None:
    module: Any = import_module(f"tests.documentation.styles.{name}")
    app = module.create_app(engine.url.render_as_string(hide_password=False), **callbacks())
    style = Style(app, module.relationships, module.session).create_tables()
    user, company = style.add(module.User(name=USER), module.Company(name=COMPANY))
    (contact,) = style.add(module.Contact(**ADA, company_id=int(company)))
    style.drive(contact, company, user)
    style.delete(module.Contact, contact)
    with app.app_context():
        module.session().get_bind(mapper=sa.inspect(module.User)).dispose()


@pytest.mark.parametrize("bind", [legacy.reflected, legacy.automapped, legacy.deferred])
def test_tables_that_are_older_than_the_code(bind: Callable[[sa.Engine], Relationships], engine: sa.Engine) -> None:
    """Their DELETE takes our rows along, and their foreign keys are known from the database alone."""
    with engine.begin() as connection:
        for statement in legacy.TABLES:
            connection.execute(sa.text(statement))
        connection.execute(sa.text("INSERT INTO users VALUES (1, :name)"), {"name": USER})
        connection.execute(sa.text("INSERT INTO companies VALUES (1, :name)"), {"name": COMPANY})
        values = {"phone": PHONE}
        connection.execute(sa.text("INSERT INTO contacts VALUES (1, 'Ada', 'Lovelace', :phone, 1)"), values)
    legacy.Sessions.configure(bind=engine)
    relationships = bind(engine)
    app = Flask(bind.__name__)
    relationships.init_app(app, **callbacks())
    app.teardown_appcontext(lambda _error: legacy.Sessions.remove())
    style = Style(app, relationships, legacy.Sessions).create_tables()
    style.drive("1", "1")
    contact = relationships.models.hosts.contact.model
    style.delete(contact, "1")


def test_dataclasses_on_flask_sqlalchemy(engine: sa.Engine) -> None:
    if sa.__version__ >= "2.1":
        pytest.skip("Flask-SQLAlchemy 3.1 has no dataclass base that works on SQLAlchemy 2.1, with or without us")

    class Base(MappedAsDataclass, DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)
    model: Any = db.Model

    class User(model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(init=False, primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Company(model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(init=False, primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    class Contact(model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(init=False, primary_key=True)
        first_name: Mapped[str] = mapped_column(sa.String(100))
        last_name: Mapped[str] = mapped_column(sa.String(100))
        phone: Mapped[str] = mapped_column(sa.String(40))
        company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = engine.url.render_as_string(hide_password=False)
    db.init_app(app)
    relationships = Relationships(
        app,
        db,
        contact=ContactMapping(Contact),
        company=CompanyMapping(Company),
        user=UserMapping(User),
        **callbacks(),
    )
    style = Style(app, relationships, db.session).create_tables()
    style.add(User(name=USER), Company(name=COMPANY))
    (contact,) = style.add(Contact(**ADA, company_id=1))
    style.drive(contact, "1")
    style.delete(Contact, contact)
    with app.app_context():
        db.engine.dispose()


def test_a_view_is_read_without_a_foreign_key(engine: sa.Engine) -> None:
    """A legacy view of people, mapped by hand: nothing can refer to a view, and it is read by itself."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(100))

    columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(100))

    class Contact(Base):
        __table__ = sa.Table("contacts", Base.metadata, *columns, sa.Column("phone", sa.String(40)))

    User.__table__.create(engine)
    with engine.begin() as connection:
        everyone = "id INTEGER PRIMARY KEY, name VARCHAR(100), phone VARCHAR(40)"
        connection.execute(sa.text(f"CREATE TABLE everyone ({everyone})"))
        connection.execute(sa.text("CREATE VIEW contacts AS SELECT id, name, phone FROM everyone"))
        connection.execute(sa.text(f"INSERT INTO everyone VALUES (1, 'Ada Lovelace', '{PHONE}')"))
        connection.execute(sa.text(f"INSERT INTO users (id, name) VALUES (1, '{USER}')"))
    app = Flask(__name__)
    session = Session(engine)
    contact = ContactMapping(Contact, foreign_key=False)
    relationships = Relationships(app, session=lambda: session, contact=contact, user=UserMapping(User), **callbacks())
    Base.metadata.create_all(engine, tables=relationships.models.tables)
    Style(app, relationships, lambda: session).drive("1")
    session.close()
    with engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW contacts"))
