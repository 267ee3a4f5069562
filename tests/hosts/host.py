"""What every test knows of a host application: how to fill it with people, and how to speak to it over HTTP.

The applications themselves stand in the modules beside this one, written as any Flask developer would.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_relationships import Relationships
from tests.databases import DATABASES, Cleaner
from tests.hosts.checked import CheckedClient
from tests.hosts.transport import WatchedTransport

PREFIX = "/api/relationships"

Permission = Literal["none", "view", "update", "manage"]
Level = Literal["executive", "head", "manager", "member"]
Row = dict[str, Any]

GRANTED: Mapping[str, frozenset[str]] = {
    "none": frozenset(),
    "view": frozenset({"relationships:view"}),
    "update": frozenset({"relationships:view", "relationships:update"}),
    "manage": frozenset({"relationships:view", "relationships:update", "relationships:manage"}),
}


def quiet_time_zone() -> str:
    """A time zone in which it is about noon: no test of a "today" may meet midnight."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


class Caller:
    """Somebody who speaks to the API: a test client, and the id and name of the user it is logged in as."""

    def __init__(self, client: FlaskClient, id: str = "", name: str = "", prefix: str = PREFIX) -> None:
        self.client, self.id, self.name, self.prefix = client, id, name, prefix

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """The bare answer. ``body`` is sent as JSON unless None; ``options`` are those of the test client."""
        if body is not None:
            options["json"] = body
        return self.client.open(self.prefix + path, method=method, **options)

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        return self._read(self.ask("GET", path, query_string=query), status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        return self._read(self.ask("POST", path, body), status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        return self._read(self.ask("PATCH", path, body), status)

    def put(self, path: str, status: int = 200) -> Any:
        return self._read(self.ask("PUT", path), status)

    def delete(self, path: str, status: int = 200) -> Any:
        return self._read(self.ask("DELETE", path), status)

    def _read(self, response: TestResponse, status: int) -> Any:
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()


@dataclass(frozen=True)
class Built:
    """What a host's module makes: its application and what the application is made of."""

    app: Flask
    db: SQLAlchemy
    relationships: Relationships
    transport: WatchedTransport


class Host(ABC):
    """A host application on one database. All ids are text, as in the API."""

    name: ClassVar[str]
    databases: ClassVar[Sequence[str]] = DATABASES
    has_companies: ClassVar[bool] = True
    has_own_client_profiles: ClassVar[bool] = False
    has_tenants: ClassVar[bool] = False
    """Whether contacts, companies and users can be outside what the caller may see, and be deleted softly."""
    malformed_ids: ClassVar[Sequence[str]]
    """Path segments that are no key of a contact of this host."""

    def __init__(self, database_url: str, **config: Any) -> None:
        self.database_url = database_url
        self._config = {"RELATIONSHIPS_TIMEZONE": quiet_time_zone(), **config}
        built = self.build(database_url, self._config)
        self.app, self.db, self.relationships = built.app, built.db, built.relationships
        self.transport = built.transport
        self.app.test_client_class = CheckedClient
        self.prefix: str = config.get("RELATIONSHIPS_URL_PREFIX", PREFIX)
        self._real_clock = self.app.extensions["relationships"].clock
        with self.app.app_context():
            self.db.create_all()
        self._cleaner = Cleaner(database_url, self.db.metadata)

    @abstractmethod
    def build(self, database_url: str, config: Mapping[str, Any]) -> Built: ...

    @abstractmethod
    def person(
        self,
        permission: Permission = "manage",
        level: Level = "executive",
        squad: str | None = None,
        name: str = "Grace Hopper",
    ) -> Caller:
        """Somebody logged in."""

    @abstractmethod
    def contact(
        self,
        first_name: str = "Ada",
        last_name: str = "Lovelace",
        email: str | None = "ada@example.com",
        phone: str | None = "+44 20 7946 0018",
        company: str | None = None,
    ) -> str: ...

    @abstractmethod
    def delete_contact(self, contact: str) -> None:
        """Make it gone, in the way of this host: a row deleted, or marked so."""

    @abstractmethod
    def absent_id(self) -> str:
        """The id of a contact, company or user that is well formed and names nobody."""

    def company(self, name: str = "Analytical Engines") -> str:
        raise NotImplementedError(f"{self.name} has no companies")

    def client(self, name: str = "Analytical Engines") -> str:
        """A company that is a client."""
        company = self.company(name)
        self.make_client(company)
        return company

    def make_client(self, company: str) -> None:
        self.person("manage").put(f"/companies/{company}/client-profile", 201)

    def hide_contact(self, contact: str) -> None:
        """Put it outside what any `person` can see."""
        raise NotImplementedError(f"{self.name} has no tenants")

    def hide_company(self, company: str) -> None:
        raise NotImplementedError(f"{self.name} has no tenants")

    def hide_user(self, user: str) -> None:
        raise NotImplementedError(f"{self.name} has no tenants")

    def delete_company(self, company: str) -> None:
        raise NotImplementedError(f"{self.name} does not delete companies")

    def anonymous(self) -> Caller:
        return Caller(self.app.test_client(), prefix=self.prefix)

    def logged_in(self, id: Any, name: str, **options: Any) -> Caller:
        """The caller behind a test client that is known to the host from now on."""
        client = self.app.test_client()
        for key, value in options.items():
            client.environ_base[key] = value
        return Caller(client, str(id), name, self.prefix)

    @property
    def models(self) -> Any:
        return self.relationships.models

    def today(self) -> date:
        """The date in the time zone of this host, by its clock."""
        zone = ZoneInfo(self._config["RELATIONSHIPS_TIMEZONE"])
        now: datetime = self.app.extensions["relationships"].clock()
        return now.astimezone(zone).date()

    @contextmanager
    def clock_at(self, moment: datetime) -> Iterator[None]:
        """Let the package believe that it is this moment, an aware datetime."""
        state = self.app.extensions["relationships"]
        state.clock = lambda: moment
        try:
            yield
        finally:
            state.clock = self._real_clock

    def add(self, row: Any) -> str:
        """Save one row of any mapped class and return its id as text."""
        with self.app.app_context():
            self.db.session.add(row)
            self.db.session.flush()
            (key,) = sa.inspect(row).identity
            self.db.session.commit()
            return str(key)

    def change(self, model: type[Any], id: str, **values: Any) -> None:
        """Set attributes of the host's row that has this id."""
        with self.app.app_context():
            row = self.db.session.get(model, self.key(model, id))
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)
            self.db.session.commit()

    def key(self, model: type[Any], id: str) -> Any:
        """The Python value of an id that is text."""
        (column,) = sa.inspect(model).primary_key
        return column.type.python_type(id)

    def rows(self, name: str) -> list[Row]:
        """All rows of one of our tables, by the model's name, as dictionaries of attributes; ids as text."""
        model = getattr(self.models, name)
        attributes = [attribute.key for attribute in sa.inspect(model).column_attrs]
        with self.app.app_context():
            found = self.db.session.scalars(sa.select(model)).all()
            return [{key: _plain(key, getattr(row, key)) for key in attributes} for row in found]

    def row(self, name: str, **criteria: Any) -> Row:
        """The one row of a model whose attributes have these values."""
        (found,) = [row for row in self.rows(name) if criteria.items() <= row.items()]
        return found

    def clean(self) -> None:
        """Forget all rows and everything a test has set."""
        self.transport.reset()
        self.app.extensions["relationships"].clock = self._real_clock
        self._cleaner.clean()

    def close(self) -> None:
        with self.app.app_context():
            for engine in self.db.engines.values():
                engine.dispose()


def _plain(attribute: str, value: Any) -> Any:
    is_id = attribute == "id" or attribute.endswith("_id")
    return str(value) if value is not None and is_id else value
