"""The host of the measurements: integer keys, Flask-Login sessions, no hooks, and the indexes that `check` asks for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, request
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.hosts.made import yes


class Agency:
    """One application on one database. ``scope`` is what its users' lists of actions show, and may be changed."""

    def __init__(self, url: str, **config: Any) -> None:
        self.db = db = SQLAlchemy()

        class Company(db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(sa.String(200))

        class Person(UserMixin, db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(sa.String(200))

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            first_name: Mapped[str] = mapped_column(sa.String(100))
            last_name: Mapped[str] = mapped_column(sa.String(100))
            email: Mapped[str | None] = mapped_column(sa.String(200))
            phone: Mapped[str | None] = mapped_column(sa.String(50))
            company_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Company.id), index=True)

        self.Company, self.Person, self.Contact = Company, Person, Contact
        self.scope: Callable[[], ActionScope] = ActionScope.everyone
        self.relationships = Relationships(
            db=db,
            contact=ContactMapping(Contact),
            company=CompanyMapping(Company),
            user=UserMapping(Person),
            permission=yes,
            action_scope=lambda _user: self.scope(),
        )
        self.app = Flask("agency")
        self.app.config.update(SECRET_KEY="for measuring", SQLALCHEMY_DATABASE_URI=url, **config)
        db.init_app(self.app)
        people = LoginManager(self.app)
        people.user_loader(lambda key: db.session.get(Person, int(key)))
        self.relationships.init_app(self.app)

        @self.app.post("/login")
        def log_in() -> Response:
            login_user(db.session.get(Person, int(request.form["user"])))
            return Response(status=204)

        with self.app.app_context():
            sa.event.listen(db.engine, "connect", _be_a_server)

    @property
    def engine(self) -> sa.Engine:
        with self.app.app_context():
            return self.db.engine

    def client(self, user: int = 1) -> FlaskClient:
        """A browser in which this user is logged in."""
        client = self.app.test_client()
        client.post("/login", data={"user": user})
        return client

    def shows(self, users: Iterable[int] | None) -> None:
        """Let lists of actions show what is assigned to these users; None: everything."""
        self.scope = ActionScope.everyone if users is None else lambda: ActionScope.users(users)


def _be_a_server(connection: Any, _record: object) -> None:
    """SQLite as it is set up behind a site."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-262144")
