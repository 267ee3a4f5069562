"""The ordinary host: integer keys, Flask-Login sessions, names in two columns, and nothing unusual.

It has a `Message` class of its own, which a careless plugin trips over. SQLite enforces foreign keys here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, request
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.hosts.host import GRANTED, Built, Caller, Host, Level, Permission

db = SQLAlchemy()
login_manager = LoginManager()


class Company(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))


class Contact(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(sa.String(100))
    last_name: Mapped[str] = mapped_column(sa.String(100))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    phone: Mapped[str | None] = mapped_column(sa.String(50))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))

    company: Mapped[Company | None] = relationship()


class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    access: Mapped[str] = mapped_column(sa.String(10), default="none")
    level: Mapped[str] = mapped_column(sa.String(20), default="member")
    squad: Mapped[str | None] = mapped_column(sa.String(50))

    def squad_ids(self) -> list[int]:
        if self.squad is None:
            return []
        return list(db.session.scalars(sa.select(User.id).where(User.squad == self.squad)))


class Message(db.Model):  # type: ignore[name-defined,misc]
    """A note that colleagues leave for each other; no relation to the plugin's messages."""

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)


relationships = Relationships(
    db=db, contact=ContactMapping(Contact), company=CompanyMapping(Company), user=UserMapping(User)
)


@relationships.permission_callback
def may_use_relationships(user: User, permission: str, target: object) -> bool:
    return permission in GRANTED[user.access]


@relationships.action_scope_callback
def whose_actions(user: User) -> ActionScope:
    return ActionScope.from_levels(user, level=user.level, squad=user.squad_ids())


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


def create_app(database_url: str, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for tests", SQLALCHEMY_DATABASE_URI=database_url, **config)
    db.init_app(app)
    login_manager.init_app(app)
    relationships.init_app(app)

    @app.post("/login")
    def log_in() -> Response:
        user = db.session.get(User, int(request.form["user"]))
        login_user(user)
        return Response(status=204)

    with app.app_context():
        sa.event.listen(db.engine, "connect", _enforce_foreign_keys)
    return app


def _enforce_foreign_keys(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys=ON")


class OrdinaryHost(Host):
    name = "ordinary"
    malformed_ids = ("abc", "01", "1.0", "+1", " 1", "1_0", "-0", "9" * 30, "\u0661", "0x1", "null")

    def build(self, database_url: str, config: Mapping[str, Any]) -> Built:
        return Built(create_app(database_url, **config), db, relationships)

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        id = self.add(User(name=name, access=permission, level=level, squad=squad))
        caller = self.logged_in(id, name)
        caller.client.post("/login", data={"user": id})
        return caller

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        company_id = None if company is None else int(company)
        return self.add(
            Contact(first_name=first_name, last_name=last_name, email=email, phone=phone, company_id=company_id)
        )

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Company(name=name))

    def delete_contact(self, contact: str) -> None:
        with self.app.app_context():
            db.session.delete(db.session.get_one(Contact, int(contact)))
            db.session.commit()
