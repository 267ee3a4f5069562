"""The peculiar host with `deleted=` and `tenant=` in its mappings, where it has hooks otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from flask_relationships import (
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    Relationships,
    UserMapping,
)
from tests.hosts import peculiar
from tests.hosts.host import Built
from tests.hosts.peculiar import PeculiarHost, db

relationships = Relationships(
    db=db,
    contact=ContactMapping(
        peculiar.Human,
        name="full_name",
        email="mail",
        phone="mobile",
        company="organisation_id",
        owner="keeper_id",
        deleted="deleted_at",
        tenant="tenant",
    ),
    company=CompanyMapping(peculiar.Organisation, name="title", deleted="deleted_at", tenant="tenant"),
    user=UserMapping(peculiar.Staff, name="display_name", tenant="tenant"),
    client_profile=ClientProfileMapping(peculiar.ClientProfile, company="organisation_id"),
    permission=peculiar.allowed,
    current_user=peculiar.whoever_holds_the_token,
    reader=peculiar.identity_of,
    action_scope=peculiar.scope,
)


class DeclaredHost(PeculiarHost):
    name = "declared"

    def build(self, database_url: str, config: Mapping[str, Any]) -> Built:
        app = Flask(__name__)
        app.config.update(SQLALCHEMY_DATABASE_URI=database_url, **config)
        relationships.init_app(app)
        db.init_app(app)
        return Built(app, db, relationships)
