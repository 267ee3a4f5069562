"""The description of an application for the contract suite: how to create it, and how to fill it with rows."""

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
"""Stands for any value, where a test does not need a certain one."""


class ContractHost(ABC):
    """One application on one database, whose tables hold no contacts yet. All ids are text, as in the API.

    Implement the four abstract methods, and those of the others that fit the application: a test that needs a
    method that is missing is skipped with the reason. Call `lacks` if a test needs a role that the application does
    not have.

    A `MemoryTransport` replaces the transport: nothing is sent. Rows that a test adds are deleted after it.
    """

    name: ClassVar[str]

    unique_names: ClassVar[bool] = False
    """Whether names of contacts are unique. If so, the suite numbers the names that it does not compare."""

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

    # --- Required ---------------------------------------------------------------------------

    @abstractmethod
    def create_app(self, database_url: str) -> Flask:
        """Return the application, on this empty database."""

    @abstractmethod
    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        """Create a user and log in; see `logged_in`.

        :param permission: the highest permission of the user.
        :param level: which actions the user's lists show; None for any level that has the permission.
        :param squad: the same text for users of one squad.
        """

    @abstractmethod
    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        """Create a contact that all users can see.

        :param company: id of the company, or its name if the contact stores a name.
        """

    @abstractmethod
    def delete_contact(self, contact: str) -> None:
        """Delete a contact in the way of this application: delete the row, or mark it as deleted."""

    # --- Optional ---------------------------------------------------------------------------------------

    def create_tables(self) -> None:
        """Create all tables, in an application context. The default creates those of the mapped models' MetaData."""
        for engine, metadata in self._databases().items():
            metadata.create_all(engine)

    def company(self, name: str = "Analytical Engines") -> str:
        """Create a company that all users can see, and that is not a client."""
        self.lacks("companies")

    def make_client(self, company: str) -> None:
        """Mark a company as a client."""
        self.person("manage").put(f"/companies/{company}/client-profile", 201)

    def delete_company(self, company: str) -> None:
        """Delete a company in the way of this application."""
        self.lacks("way to delete a company")

    def delete_user(self, user: str) -> None:
        """Delete the row of a user."""
        self.lacks("way to delete a user")

    def give_contact_to(self, contact: str, user: str) -> None:
        """Set the owner of a contact."""
        self.lacks("owners of contacts")

    def hide_contact(self, contact: str) -> None:
        """Hide a contact from each `person` without a level, for example in another tenant."""
        self.lacks("contacts that are hidden from some")

    def hide_company(self, company: str) -> None:
        """Hide a company likewise."""
        self.lacks("companies that are hidden from some")

    def hide_user(self, user: str) -> None:
        """Hide a user likewise."""
        self.lacks("users that are hidden from some")

    def make_transport(self) -> MemoryTransport:
        """Return the transport of each test."""
        return MemoryTransport()

    # --- For the suite and the methods above -------------------------------------------------------------

    def person(
        self,
        permission: Permission = "manage",
        level: Level | None = None,
        squad: str | None = None,
        name: str | None = None,
    ) -> Caller:
        """Create a user and log in. The default name is unique."""
        return self.new_person(permission, level, squad, name or f"Grace Hopper-{next(self._numbers)}")

    def contact(
        self,
        first_name: str = "Ada",
        last_name: str | None = None,
        email: str | None = SOME,
        phone: str | None = SOME,
        company: str | None = None,
    ) -> str:
        """Create a contact. The default e-mail address and phone number are unique."""
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
        """Skip the running test, because this application does not have this."""
        import pytest

        pytest.skip(f"{self.name} has no {what}")

    def logged_in(self, id: Any, name: str, **environment: str) -> Caller:
        """Return a caller with a test client of its own.

        :param environment: WSGI variables of each request, such as ``HTTP_AUTHORIZATION="Bearer ..."``.
        """
        client = self.app.test_client()
        client.environ_base.update(environment)
        return Caller(client, str(id), name, prefix=self.prefix)

    def anonymous(self) -> Caller:
        """Return a caller that is not logged in."""
        return Caller(self.app.test_client(), prefix=self.prefix)

    def new_company_name(self) -> str:
        """Return a name that no other company of the test has."""
        return f"Analytical Engines {next(self._numbers)}"

    def client(self, name: str | None = None) -> str:
        """Create a company that is a client."""
        company = self.company(name or self.new_company_name())
        self.make_client(company)
        return company

    @property
    def session(self) -> Session:
        """Return the session of the application, for use in an application context."""
        return self.state.session

    @property
    def models(self) -> Any:
        """Return the classes of this package's tables."""
        return self.state.models

    @property
    def has_companies(self) -> bool:
        """Return whether a company model is mapped."""
        return self.state.hosts.company is not None

    @property
    def has_own_client_profiles(self) -> bool:
        """Return whether the application has a model of client profiles."""
        return self.state.hosts.client_profile is not None

    def has(self, name: str) -> bool:
        """Return whether an optional method is implemented, for example ``has("hide_contact")``."""
        return getattr(type(self), name) is not getattr(ContractHost, name)

    def absent_id(self, kind: Literal["contact", "company", "user"] = "contact") -> str:
        """Return an id of the right form that no row has."""
        host: Host | None = getattr(self.state.hosts, kind)
        python_type = None if host is None else host.key_type.python_type
        if python_type is UUID or (host is not None and isinstance(host.key_type.column_type, sa.Uuid)):
            return "11111111-1111-4111-8111-111111111111"
        return "nobody" if python_type is str else "987654321"

    def today(self) -> date:
        """Return the date in the time zone of this application, by its clock."""
        return self.state.today()

    @contextmanager
    def clock_at(self, moment: datetime) -> Iterator[None]:
        """Set the clock of the package to an aware datetime, inside a ``with`` statement."""
        self.state.clock = lambda: moment
        try:
            yield
        finally:
            self.state.clock = self._clock

    def _clock(self) -> datetime:
        """Return the present instant, shifted so that the suite starts at noon: no test of "today" meets midnight."""
        return datetime.now(UTC) + self._shift

    def add(self, row: Any) -> str:
        """Save a row of any mapped class, and return its id as text."""
        with self.app.app_context():
            self.session.add(row)
            self.session.flush()
            (key,) = sa.inspect(row).identity
            self.session.commit()
            return str(key)

    def change(self, model: type[Any], id: str, **values: Any) -> None:
        """Set attributes of the row with this id."""
        with self.app.app_context():
            row = self.session.get_one(model, self.key(model, id))
            for name, value in values.items():
                setattr(row, name, value)
            self.session.commit()

    def delete(self, model: type[Any], id: str) -> None:
        """Delete the row with this id, through the session."""
        with self.app.app_context():
            self.session.delete(self.session.get_one(model, self.key(model, id)))
            self.session.commit()

    def key(self, model: type[Any], id: str) -> Any:
        """Return the Python value of an id that is text."""
        (column,) = sa.inspect(model).primary_key
        return column.type.python_type(id)

    def rows(self, name: str) -> list[Row]:
        """Return all rows of one of this package's tables as dictionaries of attributes, with ids as text.

        :param name: name of the model, such as ``"Profile"``.
        """
        model = getattr(self.models, name)
        attributes = [attribute.key for attribute in sa.inspect(model).column_attrs]
        with self.app.app_context():
            found = self.session.scalars(sa.select(model)).all()
            return [{key: _plain(key, getattr(row, key)) for key in attributes} for row in found]

    def row(self, name: str, **criteria: Any) -> Row:
        """Return the one row of a model whose attributes have these values."""
        (found,) = [row for row in self.rows(name) if criteria.items() <= row.items()]
        return found

    def clean(self) -> None:
        """Delete the rows of a test, and reset clock and transport."""
        self._begin()
        for added in self._added:
            added.delete()

    def close(self) -> None:
        """Close all connections."""
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
