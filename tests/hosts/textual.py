"""The textual host: contacts with text keys, users with big integers, and no table of companies.

The company of a contact is text. The application redirects every error of a visitor to its front page, as one
real host does; the answers of the API must not be caught by that.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, redirect, session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from flask_relationships import ActionScope, ContactMapping, Relationships, UserMapping
from tests.hosts.host import GRANTED, Built, Caller, Host, Level, Permission

db = SQLAlchemy()


class Account(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "accounts"

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    given_name: Mapped[str] = mapped_column(sa.String(100))
    rights: Mapped[str] = mapped_column(sa.String(10))
    sees_everything: Mapped[bool]


class Customer(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "customers"

    code: Mapped[str] = mapped_column(sa.String(26), primary_key=True)
    forename: Mapped[str] = mapped_column(sa.String(100))
    surname: Mapped[str] = mapped_column(sa.String(100))
    email_address: Mapped[str | None] = mapped_column(sa.String(200))
    telephone: Mapped[str | None] = mapped_column(sa.String(50))
    works_for: Mapped[str | None] = mapped_column(sa.String(200))


relationships = Relationships(
    db=db,
    contact=ContactMapping(
        Customer,
        first_name="forename",
        last_name="surname",
        email="email_address",
        phone="telephone",
        company_name="works_for",
    ),
    user=UserMapping(Account, name="given_name"),
)


@relationships.current_user_callback
def current_account() -> Account | None:
    return g.account if "account" in g else None


@relationships.permission_callback
def has_right(account: Account, permission: str, target: object) -> bool:
    return permission in GRANTED[account.rights]


@relationships.action_scope_callback
def all_or_own(account: Account) -> ActionScope:
    return ActionScope.everyone() if account.sees_everything else ActionScope.own()


def create_app(database_url: str, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for tests", SQLALCHEMY_DATABASE_URI=database_url, **config)
    db.init_app(app)
    relationships.init_app(app)

    @app.before_request
    def find_account() -> None:
        if "account" in session:
            g.account = db.session.get(Account, session["account"])

    @app.errorhandler(HTTPException)
    def back_to_the_front_page(error: HTTPException) -> Response:
        return redirect("/")

    for status in (401, 403, 404, 409, 413, 415, 422):
        app.register_error_handler(status, back_to_the_front_page)
    return app


class TextualHost(Host):
    name = "textual"
    malformed_ids = ("%E2%80%AE", "C" * 300)

    def build(self, database_url: str, config: Mapping[str, Any]) -> Built:
        return Built(create_app(database_url, **config), db, relationships)

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        if squad is not None:
            self.lacks("squads")
        number = 2**40 + secrets.randbelow(2**40)
        sees_everything = level in {"executive", "head"}
        self.add(Account(number=number, given_name=name, rights=permission, sees_everything=sees_everything))
        caller = self.logged_in(number, name)
        with caller.client.session_transaction() as cookie:
            cookie["account"] = number
        return caller

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        """``company``: here the company's name, for there is no table of companies."""
        return self.add(
            Customer(
                code=f"C-{secrets.token_hex(6).upper()}",
                forename=first_name,
                surname=last_name,
                email_address=email,
                telephone=phone,
                works_for=company,
            )
        )

    def delete_contact(self, contact: str) -> None:
        with self.app.app_context():
            db.session.delete(db.session.get_one(Customer, contact))
            db.session.commit()
