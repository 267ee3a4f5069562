"""What the contract suite must be told of an application: how to make it, and how to fill it with people."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, ClassVar, Literal, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from ..api.application import EXTENSION
from ..hosts.bound import Host
from ..providers.memory import MemoryTransport
from ..setup.state import State
from .caller import Caller
from .emptying import AddedRows
from .guards import refuse_another_database, refuse_people

Permission = Literal["none", "view", "update", "manage"]
Level = Literal["executive", "head", "manager", "member"]
Row = dict[str, Any]

SOME = "some"
"""Stands for a value that a test does not care about."""


class ContractHost(ABC):
    """One application on one database, whose tables hold no contacts yet. All ids are text, as in the API.

    Write the four abstract methods, and of those after them the ones that the application has something for: a test
    that needs one that is not there is skipped, and says so. Where a role is asked for that the application does not
    have, call `lacks`.

    The transport is exchanged for a `MemoryTransport`: nothing is sent. Rows that a test adds are deleted after it.
    """

    name: ClassVar[str]

    unique_names: ClassVar[bool] = False
    """Whether no two contacts may have the same name: the suite then numbers the names that it does not compare."""

    contact_company: ClassVar[Literal["optional", "required", "absent"]] = "optional"
    """Whether a contact may have a company, must have one, or cannot have one."""

    def __init__(self, database_url: str, **config: Any) -> None:
        self.database_url, self.config = database_url, config
        self._numbers = count(1)
        self.app = self.create_app(database_url)
        self.state: State = self.app.extensions[EXTENSION]
        self.prefix = self.state.settings.url_prefix
        self._shift = _until_noon(self.state.settings.timezone)
        with self.app.app_context():
            refuse_another_database(self.session.get_bind(mapper=self.models.mapper).engine.url, database_url)
            self.create_tables()
            refuse_people(self.session, self.state.hosts.contact)
            self._added = [AddedRows(engine, metadata) for engine, metadata in self._databases().items()]
        self._begin()

    def _begin(self) -> None:
        self.transport = self.make_transport()
        self.state.transport = self.transport
        self.state.clock = self._clock

    # --- What an application must say ---------------------------------------------------------------------------

    @abstractmethod
    def create_app(self, database_url: str) -> Flask:
        """The application, on this empty database."""

    @abstractmethod
    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        """Somebody new who is logged in; see `logged_in`.

        They may do what ``permission`` says and all below it, and their lists show what their ``level`` and ``squad``
        say. Without a level any will do that has the permission. Two people of one squad have the same text there.
        """

    @abstractmethod
    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        """A new contact that everybody can see. ``company`` is an id, or the company's name where that is text."""

    @abstractmethod
    def delete_contact(self, contact: str) -> None:
        """Make it gone, in the way of this application: a row deleted, or marked so."""

    # --- What it may have ---------------------------------------------------------------------------------------

    def create_tables(self) -> None:
        """Make all tables. Runs in an application context. The default makes those of the mapped models' MetaData."""
        for engine, metadata in self._databases().items():
            metadata.create_all(engine)

    def company(self, name: str = "Analytical Engines") -> str:
        """A new company that everybody can see, and that is no client."""
        self.lacks("companies")

    def make_client(self, company: str) -> None:
        self.person("manage").put(f"/companies/{company}/client-profile", 201)

    def delete_company(self, company: str) -> None:
        """Make it gone, in the way of this application."""
        self.lacks("way to delete a company")

    def delete_user(self, user: str) -> None:
        """Delete the row of a user."""
        self.lacks("way to delete a user")

    def give_contact_to(self, contact: str, user: str) -> None:
        """Let this user be the contact's owner."""
        self.lacks("owners of contacts")

    def hide_contact(self, contact: str) -> None:
        """Put it outside what any `person` of no named level can see: into another tenant, say."""
        self.lacks("contacts that are hidden from some")

    def hide_company(self, company: str) -> None:
        self.lacks("companies that are hidden from some")

    def hide_user(self, user: str) -> None:
        self.lacks("users that are hidden from some")

    def make_transport(self) -> MemoryTransport:
        return MemoryTransport()

    # --- What the suite, and the methods above, use -------------------------------------------------------------

    def person(
        self,
        permission: Permission = "manage",
        level: Level | None = None,
        squad: str | None = None,
        name: str | None = None,
    ) -> Caller:
        """Somebody new; without a name, of one that nobody else has."""
        return self.new_person(permission, level, squad, name or f"Grace Hopper-{next(self._numbers)}")

    def contact(
        self,
        first_name: str = "Ada",
        last_name: str | None = None,
        email: str | None = SOME,
        phone: str | None = SOME,
        company: str | None = None,
    ) -> str:
        """A new contact. E-mail address and phone are ones that nobody else has, unless they are given."""
        number = next(self._numbers)
        if last_name is None:
            last_name = f"Lovelace-{number}" if self.unique_names else "Lovelace"
        if company is None and self.contact_company == "required":
            company = self.company(self.new_company_name())
        elif company is not None and self.contact_company == "absent":
            self.lacks("companies of contacts")
        email = f"ada.{number}@example.com" if email == SOME else email
        # Numbers of the range that Ofcom keeps for drama.
        phone = f"+44 20 7946 {number % 1000:04}" if phone == SOME else phone
        return self.new_contact(first_name, last_name, email, phone, company)

    def lacks(self, what: str) -> NoReturn:
        """Skip the running test: this application has no such thing."""
        import pytest

        pytest.skip(f"{self.name} has no {what}")

    def logged_in(self, id: Any, name: str, **environment: str) -> Caller:
        """A caller with a client of its own. ``environment`` is that of WSGI: ``HTTP_AUTHORIZATION="Bearer ..."``."""
        client = self.app.test_client()
        client.environ_base.update(environment)
        return Caller(client, str(id), name, prefix=self.prefix)

    def anonymous(self) -> Caller:
        return Caller(self.app.test_client(), prefix=self.prefix)

    def new_company_name(self) -> str:
        """Return a name that no other company of the test has."""
        return f"Analytical Engines {next(self._numbers)}"

    def client(self, name: str | None = None) -> str:
        """A company that is a client."""
        company = self.company(name or self.new_company_name())
        self.make_client(company)
        return company

    @property
    def session(self) -> Session:
        """The application's session, to be used in an application context."""
        return self.state.session

    @property
    def models(self) -> Any:
        return self.state.models

    @property
    def has_companies(self) -> bool:
        return self.state.hosts.company is not None

    @property
    def has_own_client_profiles(self) -> bool:
        return self.state.hosts.client_profile is not None

    def has(self, name: str) -> bool:
        """Whether one of the methods that may be there is: ``has("hide_contact")``."""
        return getattr(type(self), name) is not getattr(ContractHost, name)

    def absent_id(self, kind: Literal["contact", "company", "user"] = "contact") -> str:
        """An id that is well formed and names nobody."""
        host: Host | None = getattr(self.state.hosts, kind)
        python_type = None if host is None else host.key_type.python_type
        if python_type is UUID or (host is not None and isinstance(host.key_type.column_type, sa.Uuid)):
            return "11111111-1111-4111-8111-111111111111"
        return "nobody" if python_type is str else "987654321"

    def today(self) -> date:
        """The date in the time zone of this application, by its clock."""
        return self.state.today()

    @contextmanager
    def clock_at(self, moment: datetime) -> Iterator[None]:
        """Let the package believe that it is this moment, an aware datetime."""
        self.state.clock = lambda: moment
        try:
            yield
        finally:
            self.state.clock = self._clock

    def _clock(self) -> datetime:
        """As fast as any, but begun at noon: no test of a "today" may meet midnight."""
        return datetime.now(UTC) + self._shift

    def add(self, row: Any) -> str:
        """Save one row of any mapped class and return its id as text."""
        with self.app.app_context():
            self.session.add(row)
            self.session.flush()
            (key,) = sa.inspect(row).identity
            self.session.commit()
            return str(key)

    def change(self, model: type[Any], id: str, **values: Any) -> None:
        """Set attributes of the row that has this id."""
        with self.app.app_context():
            row = self.session.get_one(model, self.key(model, id))
            for name, value in values.items():
                setattr(row, name, value)
            self.session.commit()

    def delete(self, model: type[Any], id: str) -> None:
        """Delete the row that has this id, through the session."""
        with self.app.app_context():
            self.session.delete(self.session.get_one(model, self.key(model, id)))
            self.session.commit()

    def key(self, model: type[Any], id: str) -> Any:
        """The Python value of an id that is text."""
        (column,) = sa.inspect(model).primary_key
        return column.type.python_type(id)

    def rows(self, name: str) -> list[Row]:
        """All rows of one of the plugin's tables, by the model's name, as dictionaries of attributes; ids as text."""
        model = getattr(self.models, name)
        attributes = [attribute.key for attribute in sa.inspect(model).column_attrs]
        with self.app.app_context():
            found = self.session.scalars(sa.select(model)).all()
            return [{key: _plain(key, getattr(row, key)) for key in attributes} for row in found]

    def row(self, name: str, **criteria: Any) -> Row:
        """The one row of a model whose attributes have these values."""
        (found,) = [row for row in self.rows(name) if criteria.items() <= row.items()]
        return found

    def clean(self) -> None:
        """Forget the rows and everything else that a test has set."""
        self._begin()
        for added in self._added:
            added.delete()

    def close(self) -> None:
        with self.app.app_context():
            for engine in self._databases():
                engine.dispose()

    def _databases(self) -> dict[sa.Engine, sa.MetaData]:
        found: dict[sa.Engine, sa.MetaData] = {}
        for mapper in (self.models.mapper, *(host.mapper for host in self.state.hosts.all())):
            bind = self.session.get_bind(mapper=mapper)
            found[bind.engine] = mapper.local_table.metadata
        return found


def _until_noon(timezone: str) -> timedelta:
    now = datetime.now(ZoneInfo(timezone))
    return now.replace(hour=12, minute=0, second=0, microsecond=0) - now


def _plain(attribute: str, value: Any) -> Any:
    is_id = attribute == "id" or attribute.endswith("_id")
    return str(value) if value is not None and is_id else value
