"""Larkfield as the contract suite needs to know it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from flask import Flask

from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission

from . import create_app
from .extensions import db
from .models import ClientProfile, Contact, Organisation, Squad, User
from .tour.browser import Page


class LarkfieldHost(ContractHost):
    name = "crm"

    def create_app(self, database_url: str) -> Flask:
        return create_app({"SQLALCHEMY_DATABASE_URI": database_url, "SECRET_KEY": "for tests", "DEMO_ACCOUNTS": False})

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        """What somebody may do follows from their level here."""
        if permission == "view":
            self.lacks("level that may only look")
        known = {"none": "guest", "update": "consultant", "manage": level or "head"}[permission]
        if level == "manager":
            known = level
        email = f"{uuid4().hex}@larkfield.example"
        user = User(full_name=name, email=email, password_hash="", level="consultant" if known == "member" else known)
        if squad is not None:
            user.squad_id = self._squad(squad)
        caller = self.logged_in(self.add(user), name)
        with caller.client.session_transaction() as cookie:
            cookie["_user_id"] = caller.id
        return self._with_token(caller)

    def anonymous(self) -> Caller:
        return self._with_token(super().anonymous())

    def _with_token(self, caller: Caller) -> Caller:
        page = Page(caller.client.get("/", follow_redirects=True).text)
        caller.client.environ_base["HTTP_X_CSRFTOKEN"] = page.meta["csrf-token"]
        return caller

    def _squad(self, name: str) -> int:
        with self.app.app_context():
            found = db.session.scalar(db.select(Squad.id).where(Squad.name == name))
        return found if found is not None else int(self.add(Squad(name=name)))

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        works_at = None if company is None else int(company)
        named = {"given_name": first_name, "family_name": last_name}
        return self.add(Contact(**named, email=email, mobile=phone, organisation_id=works_at))

    def company(self, name: str = "Analytical Engines") -> str:
        title = f"{name} {uuid4().hex}" if name == "Analytical Engines" else name
        return self.add(Organisation(title=title, industry="Engines", city="London", website=""))

    def make_client(self, company: str) -> None:
        self.add(ClientProfile(organisation_id=int(company), client_since=date(2020, 1, 1), tier="gold"))

    def delete_contact(self, contact: str) -> None:
        self.change(Contact, contact, archived_at=datetime.now(UTC).replace(tzinfo=None))

    def delete_company(self, company: str) -> None:
        self.delete(Organisation, company)

    def delete_user(self, user: str) -> None:
        self.delete(User, user)

    def give_contact_to(self, contact: str, user: str) -> None:
        self.change(Contact, contact, owner_id=int(user))
