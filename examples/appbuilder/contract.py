"""Rolodex as the contract suite needs to know it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import User

from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission

from . import create_app
from .models import Company, Contact, db

ROLES = {
    "none": ("Visitor", []),
    "view": ("Reader", ["can_view"]),
    "update": ("Writer", ["can_view", "can_update"]),
    "manage": ("Keeper", ["can_view", "can_update", "can_manage"]),
}


class RolodexHost(ContractHost):
    name = "appbuilder"

    def create_app(self, database_url: str) -> Flask:
        roles = {role: [["Relationships", right] for right in rights] for role, rights in ROLES.values()}
        roles["Admin"] = [[".*", ".*"]]
        return create_app(
            database_url, FAB_ROLES=roles, WTF_CSRF_ENABLED=False, FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1"
        )

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        """An administrator sees everything, others their own."""
        if level in ("head", "manager"):
            self.lacks("squads")
        role = "Admin" if level == "executive" else ROLES[permission][0]
        first_name, last_name = name.split(" ")
        username = uuid4().hex
        with self.app.app_context():
            security = self.app.extensions["appbuilder"].sm
            email = f"{username}@rolodex.example"
            user = security.add_user(username, first_name, last_name, email, security.find_role(role), "rolodex")
            caller = self.logged_in(user.id, name)
        with caller.client.session_transaction() as cookie:
            cookie["_user_id"] = caller.id
        return caller

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        with self.app.app_context():
            first_user = db.session.scalars(db.select(User.id).order_by(User.id)).first()
        by = {"created_by_fk": first_user, "changed_by_fk": first_user}
        works_at = None if company is None else int(company)
        named = {"first_name": first_name, "last_name": last_name, "email": email, "telephone": phone}
        return self.add(Contact(**named, **by, company_id=works_at))

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Company(name=name))

    def delete_contact(self, contact: str) -> None:
        self._set(contact, is_retired=True)

    def delete_company(self, company: str) -> None:
        self.delete(Company, company)

    def delete_user(self, user: str) -> None:
        self.delete(User, user)

    def give_contact_to(self, contact: str, user: str) -> None:
        self._set(contact, created_by_fk=int(user))

    def _set(self, contact: str, **values: Any) -> None:
        """The framework would note who is logged in as the one who changed it, and here nobody is."""
        values["changed_by_fk"] = Contact.changed_by_fk
        with self.app.app_context():
            db.session.execute(sa.update(Contact).where(Contact.id == int(contact)).values(values))
            db.session.commit()
