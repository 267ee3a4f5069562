"""The agency with one mistake at a time in what it says to the tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Flask, redirect

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.testing.contract import RelationshipsContract
from tests.documentation.agency_contract import AgencyHost
from tests.documentation.host_from_the_docs import (
    Colleague,
    Employer,
    Person,
    allowed,
    db,
    identity_of,
    scope,
    whose_token,
)


def present(model: Any) -> Callable[[Any], Any]:
    return lambda rows: rows.where(model.removed_at.is_(None))


def of_the_agency(model: Any) -> Callable[[Any, Any], Any]:
    return lambda rows, user: rows.where(model.agency == user["agency"])


CONTACT: Mapping[str, Any] = {
    "name": "called",
    "email": "mail",
    "phone": ["mobile", "landline"],
    "company": "employer",
    "owner": "looked_after_by",
    "present": present(Person),
    "visible": of_the_agency(Person),
}


class BrokenHost(AgencyHost):
    """``contact`` are other fields of the contact's mapping, ``options`` other options of the tool."""

    contact_options: ClassVar[Mapping[str, Any]] = {}
    options: ClassVar[Mapping[str, Any]] = {}

    def create_app(self, database_url: str) -> Flask:
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = database_url
        db.init_app(app)
        given = {
            "contact": ContactMapping(Person, **{**CONTACT, **self.contact_options}),
            "company": CompanyMapping(
                Employer, name="trading_name", present=present(Employer), visible=of_the_agency(Employer)
            ),
            "user": UserMapping(Colleague, name="called", visible=of_the_agency(Colleague)),
            "permission": allowed,
            "current_user": whose_token,
            "reader": identity_of,
            "action_scope": scope,
            **self.options,
        }
        Relationships(app, db, **given)
        self.spoil(app)
        return app

    def spoil(self, app: Flask) -> None:
        """What is wrong elsewhere in the application."""


class TestNothingWrong(RelationshipsContract):
    host_class = BrokenHost


class TestNamesSwapped(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        contact_options = {"name": None, "first_name": "mail", "last_name": "called"}


class TestNoSoftDelete(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        contact_options = {"present": None}


class TestNoTenants(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        contact_options = {"visible": None}


class TestEverybodyMay(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        options = {"permission": lambda *_: True}


class TestEverybodySeesAll(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        options = {"action_scope": lambda _: ActionScope.everyone()}


class TestNobodyIsRedirected(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        def spoil(self, app: Flask) -> None:
            app.before_request(lambda: None if whose_token() else redirect("/login"))


class TestQueriesForEachRow(RelationshipsContract):
    class host_class(BrokenHost):  # noqa: N801
        options = {"user": UserMapping(Colleague, name=lambda user: _looked_up(user))}


def _looked_up(user: Colleague) -> str | None:
    return db.session.scalar(sa.select(Colleague.called).where(Colleague.uid == user.uid))
