"""Ledger as the contract suite needs to know it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask
from flask_jwt_extended import create_access_token

from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission

from . import create_app
from .models import RIGHTS, Account, Person

OURS, THEIRS = "ours", "theirs"
ROLES = {"view": "reader", "update": "writer", "manage": "owner"}


class LedgerHost(ContractHost):
    name = "jwt_tenants"

    def create_app(self, database_url: str) -> Flask:
        return create_app(database_url)

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        """Everybody's lists show their own."""
        if level not in (None, "member"):
            self.lacks("levels")
        role = ROLES.get(permission, "guest")
        email = f"{uuid4().hex}@ledger.example"
        account = self.add(Account(tenant=OURS, email=email, display_name=name, password_hash="", role=role))
        with self.app.app_context():
            claims = {"tenant": OURS, "may": RIGHTS.get(role, [])}
            token = create_access_token(account, additional_claims=claims)
        return self.logged_in(account, name, HTTP_AUTHORIZATION=f"Bearer {token}")

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        name = f"{first_name} {last_name}"
        return self.add(Person(tenant=OURS, name=name, email=email, phone=phone, works_at=company))

    def delete_contact(self, contact: str) -> None:
        self.change(Person, contact, deleted_at=datetime.now(UTC).replace(tzinfo=None))

    def delete_user(self, user: str) -> None:
        self.delete(Account, user)

    def hide_contact(self, contact: str) -> None:
        self.change(Person, contact, tenant=THEIRS)

    def hide_user(self, user: str) -> None:
        self.change(Account, user, tenant=THEIRS)
