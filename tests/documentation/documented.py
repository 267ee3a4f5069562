"""The host from the documentation, as the contract tests know a host."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_relationships.testing import MemoryTransport
from tests.databases import SQLITE
from tests.documentation.host_from_the_docs import Colleague, Employer, Person, create_app, db, relationships
from tests.hosts.host import Built, Caller, Host, Level, Permission

OURS, THEIRS = "ours", "theirs"


class DocumentedHost(Host):
    name = "documented"
    databases = (SQLITE,)
    has_tenants = True
    malformed_ids = ("abc", "1", "null", "z" * 36, "9" * 30, "11111111-1111-1111-1111-11111111111", "{}")

    def build(self, database_url: str, config: Mapping[str, Any]) -> Built:
        return Built(create_app(database_url, MemoryTransport(), **config), db, relationships)

    def person(
        self,
        permission: Permission = "manage",
        level: Level | None = "executive",
        squad: str | None = None,
        name: str = "Grace Hopper",
    ) -> Caller:
        token = uuid.uuid4().hex
        colleague = Colleague(agency=OURS, called=name, token=token, role=permission, level=level, squad=squad)
        return self.logged_in(self.add(colleague), name, HTTP_X_TOKEN=token)

    def contact(
        self,
        first_name: str = "Ada",
        last_name: str = "Lovelace",
        email: str | None = "ada@example.com",
        phone: str | None = "+44 20 7946 0018",
        company: str | None = None,
    ) -> str:
        employer = None if company is None else uuid.UUID(company)
        called = f"{first_name} {last_name}"
        return self.add(Person(agency=OURS, called=called, mail=email, mobile=phone, employer_uid=employer))

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Employer(agency=OURS, trading_name=name))

    def delete_contact(self, contact: str) -> None:
        self.change(Person, contact, removed_at=datetime.now(UTC).replace(tzinfo=None))

    def delete_company(self, company: str) -> None:
        self.change(Employer, company, removed_at=datetime.now(UTC).replace(tzinfo=None))

    def hide_contact(self, contact: str) -> None:
        self.change(Person, contact, agency=THEIRS)

    def hide_company(self, company: str) -> None:
        self.change(Employer, company, agency=THEIRS)

    def hide_user(self, user: str) -> None:
        self.change(Colleague, user, agency=THEIRS)
