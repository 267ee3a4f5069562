"""The host applications of the tests by name: our own, and those of the examples.

A host is imported when a test first asks for it, and skipped where an installed library is older than it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import NamedTuple, cast

from packaging.requirements import Requirement

from flask_relationships.testing import ContractHost
from tests.databases import DATABASES, MARIADB, SQLITE

DECLARATIVE = "flask-sqlalchemy>=3.1"
"""The first release that takes a declarative base of the application's own."""


class Entry(NamedTuple):
    """Where the class of a host is, the databases it runs on, and the libraries it needs beyond ours.

    ``needs_on`` has what it needs on one database only.
    """

    place: str
    databases: Sequence[str] = DATABASES
    needs: tuple[str, ...] = ()
    needs_on: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def load(self) -> type[ContractHost]:
        module, _, name = self.place.partition(":")
        return cast("type[ContractHost]", getattr(import_module(module), name))

    def missing(self, database: str) -> str | None:
        """Return the first requirement that the installed libraries do not meet."""
        needs = (*self.needs, *self.needs_on.get(database, ()))
        return next((need for need in needs if not _is_met(Requirement(need))), None)


def _is_met(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


OWN: dict[str, Entry] = {
    "ordinary": Entry("tests.hosts.ordinary:OrdinaryHost"),
    "peculiar": Entry("tests.hosts.peculiar:PeculiarHost", needs=(DECLARATIVE,)),
    "textual": Entry("tests.hosts.textual:TextualHost", (SQLITE,), ("flask-sqlalchemy-lite",)),
    "documented": Entry("tests.documentation.documented:DocumentedHost", (SQLITE,), (DECLARATIVE,)),
}

VARIANTS: dict[str, Entry] = {
    "declared": Entry("tests.hosts.declared:DeclaredHost", needs=(DECLARATIVE,)),
}
"""Hosts that only the contract suite runs on."""

EXAMPLES: dict[str, Entry] = {
    "crm": Entry("examples.crm.contract:LarkfieldHost", needs=(DECLARATIVE,)),
    "uuid_squads": Entry("examples.uuid_squads.contract:HarbourHost", needs=(DECLARATIVE, "flask-migrate")),
    "jwt_tenants": Entry("examples.jwt_tenants.contract:LedgerHost", needs=(DECLARATIVE, "flask-jwt-extended")),
    "many_companies": Entry("examples.many_companies.contract:SwitchboardHost", needs=(DECLARATIVE,)),
    "appbuilder": Entry(
        "examples.appbuilder.contract:RolodexHost",
        needs=("flask-appbuilder",),
        # Its sequences are written as MariaDB reads them (NOCYCLE) since that release.
        needs_on={MARIADB: ("sqlalchemy>=2.0.46",)},
    ),
}

HOSTS: dict[str, Entry] = {**OWN, **VARIANTS, **EXAMPLES}
