"""The host applications of the tests, by name: our own, and those of the examples."""

from collections.abc import Sequence

from examples.appbuilder.contract import RolodexHost
from examples.crm.contract import LarkfieldHost
from examples.jwt_tenants.contract import LedgerHost
from examples.many_companies.contract import SwitchboardHost
from examples.uuid_squads.contract import HarbourHost
from flask_relationships.testing import ContractHost
from tests.databases import DATABASES
from tests.documentation.documented import DocumentedHost
from tests.hosts.host import Host
from tests.hosts.ordinary import OrdinaryHost
from tests.hosts.peculiar import PeculiarHost
from tests.hosts.textual import TextualHost

OWN: tuple[type[Host], ...] = (OrdinaryHost, PeculiarHost, TextualHost, DocumentedHost)
EXAMPLES: tuple[type[ContractHost], ...] = (LarkfieldHost, HarbourHost, LedgerHost, SwitchboardHost, RolodexHost)

HOSTS: dict[str, type[ContractHost]] = {host.name: host for host in (*OWN, *EXAMPLES)}


def databases_of(host: str) -> Sequence[str]:
    """The databases a host runs on: all, unless one of our own says otherwise."""
    return getattr(HOSTS[host], "databases", DATABASES)
