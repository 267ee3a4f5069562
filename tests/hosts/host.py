"""The host applications of our own tests: a `ContractHost` each, with more to look at.

The applications themselves stand in the modules beside this one, written as any Flask developer would.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import Relationships
from flask_relationships.testing import Caller, ContractHost
from flask_relationships.testing.host import Level, Permission, Row
from tests.hosts.checked import CheckedClient
from tests.hosts.transport import WatchedTransport

__all__ = ["GRANTED", "PREFIX", "Built", "Caller", "Host", "Level", "Permission", "Row"]

PREFIX = "/api/relationships"

GRANTED: Mapping[str, frozenset[str]] = {
    "none": frozenset(),
    "view": frozenset({"relationships:view"}),
    "update": frozenset({"relationships:view", "relationships:update"}),
    "manage": frozenset({"relationships:view", "relationships:update", "relationships:manage"}),
}


@dataclass(frozen=True)
class Built:
    """What a host's module makes: its application and what the application is made of."""

    app: Flask
    db: SQLAlchemy
    relationships: Relationships


class Host(ContractHost):
    """A host application whose configuration a test may choose, and whose answers are held to their documentation."""

    has_tenants: ClassVar[bool] = False
    """Whether contacts, companies and users can be outside what the caller may see, and be deleted softly."""
    malformed_ids: ClassVar[Sequence[str]]
    """Path segments that are no key of a contact of this host."""

    transport: WatchedTransport

    def create_app(self, database_url: str) -> Flask:
        built = self.build(database_url, self.config)
        self.db, self.relationships = built.db, built.relationships
        built.app.test_client_class = CheckedClient
        return built.app

    @abstractmethod
    def build(self, database_url: str, config: Mapping[str, Any]) -> Built: ...

    def make_transport(self) -> WatchedTransport:
        return WatchedTransport()

    def person(
        self,
        permission: Permission = "manage",
        level: Level | None = "executive",
        squad: str | None = None,
        name: str | None = "Grace Hopper",
    ) -> Caller:
        """An executive, unless told otherwise: one who sees everything."""
        return super().person(permission, level, squad, name)

    def contact(
        self,
        first_name: str = "Ada",
        last_name: str = "Lovelace",
        email: str | None = "ada@example.com",
        phone: str | None = "+44 20 7946 0018",
        company: str | None = None,
    ) -> str:
        return super().contact(first_name, last_name, email, phone, company)
