"""Applications that `test_restricted_hosts` runs the contract suite on."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_login import LoginManager, UserMixin, current_user
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.contract import RelationshipsContract
from flask_relationships.testing.host import Level, Permission

LEVELS = ("none", "view", "update", "manage")


class Session:
    """The current user of an application whose callbacks know no rows."""

    is_authenticated = True

    def __init__(self, user: Any) -> None:
        self.id, self.rights, self.level, self.squad = user.id, user.access, user.level, user.squad


def build(
    database_url: str, *, unique: bool = False, company: str = "optional", sessions: bool = False, **config: Any
) -> tuple[Flask, Any]:
    """A small application, and its database with the models as attributes."""
    db = SQLAlchemy()

    class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(100))
        access = sa.Column(sa.String(10))
        level = sa.Column(sa.String(10))
        squad = sa.Column(sa.String(20))

    class Company(db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(100), unique=unique)

    class Contact(db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        first_name = sa.Column(sa.String(100))
        last_name = sa.Column(sa.String(100))
        email = sa.Column(sa.String(100), unique=unique)
        phone = sa.Column(sa.String(100), unique=unique)
        if company != "absent":
            company_id = sa.Column(sa.ForeignKey("company.id"), nullable=company == "optional")
        __table_args__ = (sa.UniqueConstraint("first_name", "last_name"),) if unique else ()

    app = Flask(__name__)
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=database_url, **config)
    db.init_app(app)
    LoginManager(app).user_loader(lambda key: db.session.get(User, int(key)))

    def scope(user: Any) -> ActionScope:
        squad = sa.select(User.id).where(User.squad == user.squad)
        return ActionScope.from_levels(user, level=user.level, squad=lambda: db.session.scalars(squad).all())

    Relationships(
        app,
        db,
        contact=ContactMapping(Contact),
        company=CompanyMapping(Company),
        user=UserMapping(User),
        permission=lambda user, permission, _target: (
            LEVELS.index(permission.partition(":")[2]) <= LEVELS.index(user.rights if sessions else user.access)
        ),
        action_scope=scope,
        current_user=(lambda: Session(current_user) if current_user.is_authenticated else None) if sessions else None,
    )
    db.User, db.Company, db.Contact = User, Company, Contact
    return app, db


class SmallHost(ContractHost):
    name = "small"
    sessions = False

    def create_app(self, database_url: str) -> Flask:
        app, self.db = build(
            database_url,
            unique=self.unique_names,
            company=self.contact_company,
            sessions=self.sessions,
            **self.configuration(),
        )
        return app

    def configuration(self) -> dict[str, Any]:
        return {}

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        rights = {"access": permission, "level": level or "executive", "squad": squad}
        user = self.add(self.db.User(name=name, **rights))
        caller = self.logged_in(user, name)
        with caller.client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = user, True
        return caller

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        works_at = {} if company is None else {"company_id": int(company)}
        named = {"first_name": first_name, "last_name": last_name, "email": email, "phone": phone}
        return self.add(self.db.Contact(**named, **works_at))

    def delete_contact(self, contact: str) -> None:
        self.delete(self.db.Contact, contact)

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(self.db.Company(name=name))


class RestrictedHost(SmallHost):
    def configuration(self) -> dict[str, Any]:
        return {
            "RELATIONSHIPS_CONSENT_PER_NUMBER": True,
            "RELATIONSHIPS_MESSAGES_PER_CONTACT": "1 per day",
            "RELATIONSHIPS_MESSAGES_PER_USER": "1 per day",
            "RELATIONSHIPS_MESSAGES_PER_APPLICATION": "1 per day",
            "RELATIONSHIPS_QUIET_HOURS": "00:00-23:59",
            "RELATIONSHIPS_COUNTRIES": "US",
            "RELATIONSHIPS_WHATSAPP_WINDOW": "enforce",
            "RELATIONSHIPS_BIRTHDAY_EVENTS": True,
            "RELATIONSHIPS_AUTO_ACTION_DAYS_BEFORE": 3,
            "RELATIONSHIPS_UPCOMING_DAYS": 30,
            "RELATIONSHIPS_RECENT_MESSAGES": 3,
        }


class UniqueHost(SmallHost):
    unique_names = True


class CompanyHost(SmallHost):
    contact_company = "required"


class SessionHost(SmallHost):
    sessions = True


class LonelyHost(SmallHost):
    contact_company = "absent"


class TestEverySetting(RelationshipsContract):
    host_class = RestrictedHost

    @pytest.fixture(autouse=True)
    def _without_extras(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As if the calendar extra were not installed."""
        find = importlib.util.find_spec
        gone = {
            "flask_relationships.domain.feeds.views.find_spec",
            "flask_relationships.testing.contract.access.find_spec",
        }
        for place in gone:
            monkeypatch.setattr(place, lambda name: None if name == "icalendar" else find(name))


class TestUniqueNames(RelationshipsContract):
    host_class = UniqueHost


class TestEveryContactHasACompany(RelationshipsContract):
    host_class = CompanyHost


class TestNoCompany(RelationshipsContract):
    host_class = LonelyHost


class TestNoReaderCallback(RelationshipsContract):
    host_class = SessionHost
