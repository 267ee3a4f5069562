"""The host applications of the tests, by name."""

from tests.documentation.documented import DocumentedHost
from tests.hosts.host import Host
from tests.hosts.ordinary import OrdinaryHost
from tests.hosts.peculiar import PeculiarHost
from tests.hosts.textual import TextualHost

HOSTS: dict[str, type[Host]] = {host.name: host for host in (OrdinaryHost, PeculiarHost, TextualHost, DocumentedHost)}
