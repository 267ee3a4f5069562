"""The host from the documentation, as our other tests know a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_relationships.testing import MemoryTransport
from tests.documentation.agency_contract import AgencyHost
from tests.documentation.host_from_the_docs import create_app, db, relationships
from tests.hosts.host import Built, Host


class DocumentedHost(AgencyHost, Host):
    name = "documented"
    has_tenants = True
    malformed_ids = ("abc", "1", "null", "z" * 36, "9" * 30, "11111111-1111-1111-1111-11111111111", "{}")

    create_app = Host.create_app

    def build(self, database_url: str, config: Mapping[str, Any]) -> Built:
        return Built(create_app(database_url, MemoryTransport(), **config), db, relationships)
