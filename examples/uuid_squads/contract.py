"""Harbour as the contract suite needs to know it."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Flask
from flask_migrate import upgrade

from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission

from . import create_app
from .models import Company, Contact, Role, Squad, User, db

NORTH = "north"
"""The squad of all contacts that are not hidden."""

ROLES: dict[tuple[Permission, Level | None], Role] = {
    ("manage", None): Role.MANAGER,
    ("manage", "executive"): Role.EXECUTIVE,
    ("manage", "head"): Role.HEAD,
    ("manage", "manager"): Role.MANAGER,
    ("update", "manager"): Role.MANAGER,
    ("update", "member"): Role.CONSULTANT,
    ("update", None): Role.CONSULTANT,
}


class HarbourHost(ContractHost):
    name = "uuid_squads"

    def create_app(self, database_url: str) -> Flask:
        return create_app(database_url)

    def create_tables(self) -> None:
        upgrade()

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        role = ROLES.get((permission, level))
        if role is None:
            self.lacks(f"role for {permission} and {level}")
        email = f"{uuid4().hex}@harbour.example"
        user = User(full_name=name, email=email, password_hash="", role=role, squad_id=self._squad(squad or NORTH))
        caller = self.logged_in(self.add(user), name)
        with caller.client.session_transaction() as cookie:
            cookie["_user_id"] = caller.id
        return caller

    def _squad(self, name: str) -> UUID:
        with self.app.app_context():
            found = db.session.scalar(db.select(Squad.id).where(Squad.name == name))
        return found if found is not None else UUID(self.add(Squad(name=name)))

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        works_at = None if company is None else UUID(company)
        named = {"first_name": first_name, "last_name": last_name, "email": email, "mobile": phone}
        return self.add(Contact(**named, company_id=works_at, squad_id=self._squad(NORTH)))

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Company(name=name))

    def delete_contact(self, contact: str) -> None:
        self.delete(Contact, contact)

    def delete_company(self, company: str) -> None:
        self.delete(Company, company)

    def delete_user(self, user: str) -> None:
        self.delete(User, user)

    def give_contact_to(self, contact: str, user: str) -> None:
        self.change(Contact, contact, consultant_id=UUID(user))

    def hide_contact(self, contact: str) -> None:
        self.change(Contact, contact, squad_id=self._squad("south"))
