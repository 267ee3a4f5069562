"""A host without an application: plain SQLAlchemy models, our tables beside them, and a `Context` made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from flask_relationships import signals
from flask_relationships.config import Settings, read_settings
from flask_relationships.context import Callbacks, Context
from flask_relationships.db import cascade, references
from flask_relationships.domain.action_centre.host_task import HostTaskActionCentre
from flask_relationships.domain.action_centre.table import TableActionCentre
from flask_relationships.domain.contacts.addresses import NumberReader
from flask_relationships.domain.contacts.numbers import stored_number
from flask_relationships.domain.life_events.templates import TEMPLATES
from flask_relationships.domain.messages.senders import Senders
from flask_relationships.domain.models import Models, build_models
from flask_relationships.hosts.bind import bind_fields, bind_hosts, bind_tables
from flask_relationships.hosts.bound import SYSTEM, HostRow, Hosts
from flask_relationships.hosts.mapping import CompanyMapping, ContactMapping, ModelMapping, TaskMapping, UserMapping
from flask_relationships.providers.memory import MemoryTransport

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
"""The present instant of every test, a Monday."""

TODAY = NOON.date()
NOW = NOON.replace(tzinfo=None)
"""The same instant as the tables store it."""

NUMBER = "+442079460001"
"""A number of the range that Ofcom keeps for drama."""


class Base(DeclarativeBase):
    pass


class Company(Base):
    __tablename__ = "company"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tenant_id: Mapped[int] = mapped_column(default=1)


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str | None]
    tenant_id: Mapped[int] = mapped_column(default=1)


class Contact(Base):
    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(default="Grace")
    last_name: Mapped[str] = mapped_column(default="Hopper")
    email: Mapped[str | None]
    phone: Mapped[str | None]
    born: Mapped[date | None]
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    tenant_id: Mapped[int] = mapped_column(default=1)


class Task(Base):
    __tablename__ = "task"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[str]
    due_on: Mapped[date | None]
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


MAPPINGS: dict[str, ModelMapping] = {
    "contact": ContactMapping(
        Contact, company="company_id", owner="owner_id", birthday="born", active="is_active", tenant="tenant_id"
    ),
    "user": UserMapping(User, time_zone="zone", tenant="tenant_id"),
    "company": CompanyMapping(Company, tenant="tenant_id"),
}

TASKS = TaskMapping(
    Task,
    title="title",
    status="state",
    due="due_on",
    assignee="assignee_id",
    open="todo",
    done="finished",
    dismissed="dropped",
)


def build() -> tuple[Models, Hosts]:
    """Build our tables in the host's MetaData, and bind the host's models."""
    models = build_models(bind_tables(MAPPINGS), table_prefix="relationships_")
    hosts = bind_hosts(MAPPINGS, models.hosts)
    mistakes, _absent = bind_fields(hosts)
    assert mistakes == []
    hosts.read = True
    for host in hosts.all():
        host.tenant_of = lambda viewer: viewer.tenant_id
    hosts.contact.stored_number = stored_number(models, hosts.contact.key)
    cascade.cascade_deletions(models, lambda _models: NOW)
    return models, hosts


MODELS, HOSTS = build()


def make_engine() -> sa.Engine:
    """Return an engine of one SQLite database in memory that has the host's tables and ours."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA foreign_keys=ON"))
    Base.metadata.create_all(engine)
    return engine


def make_session(engine: sa.Engine) -> Session:
    """Return a session with the listeners that the package needs of a session."""
    session = Session(engine)
    event.listen(session, "before_commit", references.require_references)
    event.listen(session, "after_rollback", references.forget_references)
    event.listen(session, "after_commit", signals.send_waiting)
    event.listen(session, "after_rollback", signals.drop_waiting)
    return session


def make_settings(**values: Any) -> Settings:
    """Return the default settings with these values in place."""
    settings, mistakes = read_settings({"RELATIONSHIPS_DEFAULT_REGION": "GB"} | values)
    assert settings is not None, mistakes
    return settings


class NoDispatcher:
    """Leaves messages queued: a test delivers them itself."""

    immediate = False

    def kick(self, ctx: Context, message_id: Any, after_commit: Any) -> Any:
        raise AssertionError("no unit may wake a dispatcher")


def make_context(session: Session, **changes: Any) -> Context:
    """Make a context by hand; ``changes`` replace its parts."""
    settings = changes.pop("settings", None) or make_settings()
    parts: dict[str, Any] = {
        "session": session,
        "models": MODELS,
        "hosts": HOSTS,
        "settings": settings,
        "transport": MemoryTransport(),
        "action_centre": TableActionCentre(),
        "dispatcher": NoDispatcher(),
        "numbers": NumberReader(settings.default_region, None),
        "senders": Senders(),
        "templates": TEMPLATES,
        "callbacks": Callbacks(),
        "clock": lambda: NOON,
        "sender": None,
    }
    return Context(**parts | changes)


def task_centre() -> HostTaskActionCentre:
    """Return an action centre of the host's tasks, bound to the hosts."""
    centre = HostTaskActionCentre(TASKS)
    assert centre.bind(HOSTS) == []
    return centre


@dataclass
class Office:
    """Rows of a host, and contexts to read them with. Tenant 1 has Ada and Bob, tenant 2 has Eve."""

    session: Session
    ctx: Context
    made: dict[str, Any] = field(default_factory=dict)

    def add(self, *rows: Any) -> Any:
        """Add rows of any mapped class, and return the first."""
        self.session.add_all(rows)
        self.session.flush()
        return rows[0]

    def user(self, name: str = "Ada", **values: Any) -> User:
        return self.add(User(name=name, **values))  # type: ignore[no-any-return]

    def company(self, name: str = "Analytical Engines", **values: Any) -> Company:
        return self.add(Company(name=name, **values))  # type: ignore[no-any-return]

    def contact(self, **values: Any) -> Contact:
        return self.add(Contact(**values))  # type: ignore[no-any-return]

    def row(self, contact: Contact, viewer: Any = SYSTEM) -> HostRow:
        """Return a contact as services receive it."""
        self.session.flush()
        found = HOSTS.contact.find(self.session, str(contact.id), viewer)
        assert found is not None
        return found

    def seen_by(self, user: User, **changes: Any) -> Context:
        """Return the context of a user."""
        return replace(self.ctx, viewer=user, user=user.id, **changes)

    def at(self, moment: datetime, **changes: Any) -> Context:
        """Return the context at another instant."""
        return replace(self.ctx, clock=lambda: moment, **changes)

    def with_settings(self, **values: Any) -> Context:
        """Return the context with other settings."""
        return replace(self.ctx, settings=make_settings(**values))

    def rows(self, model: type[Any], *conditions: Any) -> list[Any]:
        """Return the rows of a model as the database has them now."""
        self.session.flush()
        statement = sa.select(model).where(*conditions).execution_options(populate_existing=True)
        return list(self.session.scalars(statement))

    def only(self, model: type[Any], *conditions: Any) -> Any:
        """Return the one row of a model."""
        (found,) = self.rows(model, *conditions)
        return found


def never() -> bool:
    """Say that a job was not told to stop."""
    return False


def plain(rows: Any) -> list[dict[str, Any]]:
    """Return the rows of a list as dictionaries."""
    return [dict(zip(rows.names, row, strict=True)) for row in rows.rows]


def titles(rows: Any) -> list[Any]:
    """Return the titles of a list's rows."""
    return [row["title"] for row in plain(rows)]


def ids(rows: Iterable[Any]) -> set[Any]:
    """Return the primary keys of rows."""
    return {row.id for row in rows}
