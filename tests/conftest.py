"""Fixtures: databases for the session, and one test per host application and database.

A test that asks for `host` runs on every host and every database. ``pytestmark = [hosts("peculiar"),
databases("sqlite", "postgresql")]`` of a module, class or test narrows that; the nearest mark wins.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import tiers
from tests.databases import DATABASES, Databases
from tests.hosts.checked import CheckedClient
from tests.hosts.host import Caller, Host
from tests.hosts.registry import HOSTS, OWN


def pytest_configure(config: pytest.Config) -> None:
    if threading.current_thread() is threading.main_thread():
        # A run that is told to end still stops its servers.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.addinivalue_line("markers", "on_hosts(*names): the host applications that a test runs on")
    config.addinivalue_line("markers", "on_databases(*names): the databases that a test runs on")
    tiers.add_marks(config)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by ``-m``
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tiers.mark_tiers(items)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "place" not in metafunc.fixturenames and "database" not in metafunc.fixturenames:
        return
    databases = _marked(metafunc, "on_databases", DATABASES)
    if "place" in metafunc.fixturenames:
        hosts = _marked(metafunc, "on_hosts", tuple(OWN))
        places = [(host, database) for host in hosts for database in databases if database in HOSTS[host].databases]
        metafunc.parametrize("place", [_place(*place) for place in places])
    else:
        metafunc.parametrize("database", databases, scope="module")


def _place(host: str, database: str) -> Any:
    """The parameter of one host on one database, skipped where a library is older than the host needs."""
    needed = HOSTS[host].missing(database)
    marks = [] if needed is None else [pytest.mark.skip(reason=f"the host {host} needs {needed}")]
    return pytest.param((host, database), id=f"{host}-{database}", marks=marks)


def _marked(metafunc: pytest.Metafunc, name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    mark = metafunc.definition.get_closest_marker(name)
    return mark.args if mark is not None else otherwise


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    kept = Databases(tmp_path_factory.mktemp("databases"))
    yield kept
    kept.stop()


@pytest.fixture(scope="session")
def built_hosts(databases: Databases) -> Iterator[dict[Any, Host]]:
    """Every host built in this session; building one takes longer than most tests."""
    built: dict[Any, Host] = {}
    yield built
    for host in built.values():
        host.close()


@pytest.fixture
def make_host(
    place: tuple[str, str], databases: Databases, built_hosts: dict[Any, Host]
) -> Iterator[Callable[..., Host]]:
    """The host of this test with other configuration: ``make_host(RELATIONSHIPS_LEAP_DAY="mar01")``."""
    name, database = place
    used: list[Host] = []

    def make(**config: Any) -> Host:
        key = (name, database, tuple(sorted(config.items())))
        if key not in built_hosts:
            built_hosts[key] = HOSTS[name].load()(databases.url(database, name), **config)
            built_hosts[key].app.test_client_class = CheckedClient
        used.append(built_hosts[key])
        return built_hosts[key]

    yield make
    for host in used:
        host.clean()


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    """A host application without any rows, as `place` says: its name and its database."""
    return make_host()


@pytest.fixture
def api(host: Host) -> Caller:
    """An executive who may do everything."""
    return host.person("manage", level="executive")


@pytest.fixture
def contact(host: Host) -> str:
    """A contact that `api` can see."""
    return host.contact()
