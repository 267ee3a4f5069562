"""Switchboard as the contract suite needs to know it."""

from __future__ import annotations

from datetime import date

from flask import Flask

from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission

from . import create_app
from .models import Client, Company, Contact, Phone, User, db


class SwitchboardHost(ContractHost):
    name = "many_companies"

    def create_app(self, database_url: str) -> Flask:
        return create_app(database_url)

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        """Create a user, who may do everything except manage the contacts of others, and whose lists are their own."""
        if permission != "manage":
            self.lacks(f"people who may do no more than {permission}")
        if level not in (None, "member"):
            self.lacks("levels")
        caller = self.logged_in(self._user(name), name)
        with caller.client.session_transaction() as session:
            session["user_id"] = int(caller.id)
        self.owner = int(caller.id)
        return caller

    def _user(self, name: str) -> int:
        given, family = name.split(" ")
        return int(self.add(User(given_name=given, family_name=family, password_hash="")))

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        """Owned by the last who came."""
        contact = Contact(first_name=first_name, last_name=last_name, home_email=email, owner_id=self.owner)
        contact.phones = [] if phone is None else [Phone(number=phone)]
        with self.app.app_context():
            contact.companies = [] if company is None else [db.session.get_one(Company, int(company))]
            db.session.add(contact)
            db.session.commit()
            return str(contact.id)

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Company(name=name))

    def make_client(self, company: str) -> None:
        self.add(Client(company_id=int(company), since=date(2020, 1, 1)))

    def delete_contact(self, contact: str) -> None:
        self.delete(Contact, contact)

    def delete_company(self, company: str) -> None:
        self.change(Company, company, closed_on=date(2020, 1, 1))

    def give_contact_to(self, contact: str, user: str) -> None:
        self.change(Contact, contact, owner_id=int(user))

    def hide_contact(self, contact: str) -> None:
        self.change(Contact, contact, is_private=True, owner_id=self._user("Somebody Else"))
