"""What the contract suite is told of the agency; the documentation shows all of it."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: host
import uuid
from datetime import UTC, datetime

from flask import Flask

from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission
from tests.documentation.host_from_the_docs import Colleague, Employer, Person, create_app

OURS, THEIRS = "ours", "theirs"


class AgencyHost(ContractHost):
    name = "agency"

    def create_app(self, database_url: str) -> Flask:
        return create_app(database_url)

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        token = uuid.uuid4().hex
        rights = {"role": permission, "level": level or "executive", "squad": squad}
        colleague = self.add(Colleague(agency=OURS, called=name, token=token, **rights))
        return self.logged_in(colleague, name, HTTP_X_TOKEN=token)

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        employer = None if company is None else uuid.UUID(company)
        called = f"{first_name} {last_name}"
        return self.add(Person(agency=OURS, called=called, mail=email, mobile=phone, employer_uid=employer))

    def delete_contact(self, contact: str) -> None:
        self.change(Person, contact, removed_at=datetime.now(UTC).replace(tzinfo=None))

    # What follows is for what the agency has beyond contacts and people.

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Employer(agency=OURS, trading_name=name))

    def delete_company(self, company: str) -> None:
        self.change(Employer, company, removed_at=datetime.now(UTC).replace(tzinfo=None))

    def give_contact_to(self, contact: str, user: str) -> None:
        self.change(Person, contact, looked_after_by=uuid.UUID(user))

    def hide_contact(self, contact: str) -> None:
        self.change(Person, contact, agency=THEIRS)

    def hide_company(self, company: str) -> None:
        self.change(Employer, company, agency=THEIRS)

    def hide_user(self, user: str) -> None:
        self.change(Colleague, user, agency=THEIRS)


# end: host
