"""The contract suite on a host's own application; the documentation shows all of it."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: tests
from flask_relationships.testing.contract import RelationshipsContract
from tests.documentation.agency_contract import AgencyHost


class TestRelationships(RelationshipsContract):
    host_class = AgencyHost


# end: tests
