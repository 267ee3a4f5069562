"""The rows of an agency of any size, made inside its database: a million actions take minutes.

They are the same at every run. For so many actions there are twice as many messages, three tenths as many life events,
a tenth as many contacts, each with a profile, a company for every 200 of them, ten partners of each, and `USERS` users.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flask_relationships import Relationships
from flask_relationships.domain.actions.service import NO_DATE
from flask_relationships.domain.messages.statuses import STATUS_RANKS

USERS = 500

BUSY = 450
"""The users up to this key have the actions; the others have none."""

SQUAD = tuple(range(1, 400, 20))
"""Twenty of the busy ones."""

EMPTY = tuple(range(BUSY + 1, BUSY + 21))
"""Twenty users whom nothing is assigned to."""

PRESENT = datetime.fromisoformat("2027-01-15T12:00")
"""When it is: what happened did so in the three years before, what is due is due within eighteen months of it."""

YEARS = timedelta(days=3 * 365)

MOMENTS = 20_011
"""How many moments these years have. It is prime, as are all numbers that mix rows: no two values go together."""


def fill(engine: sa.Engine, relationships: Relationships, *, actions: int) -> None:
    """Make all tables of the host and ours, fill them, and let the database look at what is in them."""
    population = _Population(engine, relationships, actions)
    population.hosts["contact"].metadata.create_all(engine)
    with _unchecked(engine) as connection:
        population.insert(connection)
    analyze(engine, *population.hosts.values(), *relationships.models.tables)


def analyze(engine: sa.Engine, *tables: Any) -> None:
    words = "ANALYZE TABLE" if engine.dialect.name in ("mysql", "mariadb") else "ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.exec_driver_sql(f"{words} {engine.dialect.identifier_preparer.format_table(table)}")


@contextmanager
def _unchecked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which no key is looked up and nothing waits for a disk."""
    settings = {
        "sqlite": ("PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA cache_size=-1048576"),
        "postgresql": ("SET session_replication_role = replica", "SET synchronous_commit = off"),
    }
    checks = ("SET unique_checks=0", "SET foreign_key_checks=0")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in settings.get(engine.dialect.name, checks):
            connection.exec_driver_sql(setting)
        yield connection
        connection.detach()  # nobody else is to have it as it is set now


class _Population:
    """How every value follows from the number of its row: ``n`` from one on, and two moments that go with it."""

    def __init__(self, engine: sa.Engine, relationships: Relationships, actions: int) -> None:
        self.kind, self.models, self.actions = engine.dialect.name, relationships.models, actions
        self.events, self.messages, self.contacts = actions * 3 // 10, actions * 2, actions // 10
        self.companies = max(1, self.contacts // 200)
        self.hosts = {kind: getattr(self.models.hosts, kind).key.table for kind in ("company", "user", "contact")}
        whole = sa.BigInteger()
        self.numbers = sa.Table(
            "benchmark_numbers", sa.MetaData(), sa.Column("n", whole, primary_key=True, autoincrement=False)
        )
        self.moments = sa.Table(
            "benchmark_moments",
            self.numbers.metadata,
            sa.Column("n", whole, primary_key=True, autoincrement=False),
            *(sa.Column(name, sa.Date) for name in ("day", "due")),
            *(sa.Column(name, sa.Integer) for name in ("month_day", "ordinal")),
            sa.Column("at", sa.DateTime),
        )
        self.n = self.numbers.c.n
        self.happened, self.other = self.moments.alias().c, self.moments.alias().c

    def insert(self, connection: sa.Connection) -> None:
        self.numbers.metadata.drop_all(connection)
        self.numbers.metadata.create_all(connection)
        self._count(connection)
        for table, rows, values in self._tables():
            self._fill(connection, table, rows, values)
        self.numbers.metadata.drop_all(connection)

    def _count(self, connection: sa.Connection) -> None:
        """The numbers, by doubling what there is, and the moments, in their order."""
        connection.execute(sa.insert(self.numbers), {"n": 1})
        count, most = 1, max(self.messages, USERS)
        while count < most:
            more = sa.select(self.n + count).where(self.n <= most - count)
            connection.execute(sa.insert(self.numbers).from_select(["n"], more))
            count *= 2
        rows = []
        for place in range(MOMENTS):
            at = (PRESENT - YEARS + YEARS / MOMENTS * (place + 1)).replace(microsecond=0)
            due = (at + YEARS / 2).date()
            dates = {"day": at.date(), "due": due, "month_day": at.month * 100 + at.day, "ordinal": due.toordinal()}
            rows.append({"n": place, "at": at, **dates})
        connection.execute(sa.insert(self.moments), rows)

    def _fill(self, connection: sa.Connection, table: sa.Table, rows: int, values: dict[str, Any]) -> None:
        source = (
            self.numbers.join(self.happened.n.table, self.happened.n == self.n * (MOMENTS - 1) // rows)
            .join(self.other.n.table, self.other.n == self._mixed(MOMENTS, MOMENTS))
            .select()
            .where(self.n <= rows)
            .order_by(self.n)
        )
        told = [value if isinstance(value, sa.ColumnElement) else sa.literal(value) for value in values.values()]
        chosen = source.with_only_columns(*told)
        connection.execute(sa.insert(table).from_select(list(values), chosen, include_defaults=False))

    def _mixed(self, prime: int, size: int, n: Any = None) -> Any:
        """A number from 0 to below ``size``, which tells nothing about that of another prime."""
        return (self.n if n is None else n) * 15_485_863 % prime % size

    def _text(self, *parts: Any) -> Any:
        first, *others = [sa.literal(part) if isinstance(part, str) else sa.cast(part, sa.String(20)) for part in parts]
        for other in others:
            first = first.concat(other)
        return first

    def _id(self, table: int, n: Any = None) -> Any:
        """Ids in the order of the numbers, as those of the package are in the order of time."""
        number = self.n if n is None else n
        if self.kind == "sqlite":
            return sa.func.printf(f"0190000000007000800{table}%012x", number)
        digits = sa.func.to_hex(number) if self.kind == "postgresql" else sa.func.lower(sa.func.hex(number))
        # Without hyphens: SQLAlchemy 2.0 has a column of 32 characters on MariaDB, whose own type reads them too.
        text = sa.literal(f"0190000000007000800{table}").concat(sa.func.lpad(digits, 12, "0"))
        return sa.cast(text, sa.Uuid()) if self.kind == "postgresql" else text

    def _contact(self, n: Any = None) -> Any:
        """The key of a contact; all have about as many rows."""
        return self._mixed(100_003, self.contacts, n) + 1

    def _company(self, contact: Any) -> Any:
        return contact % self.companies + 1

    @property
    def _dated(self) -> dict[str, Any]:
        return {"created_at": self.happened.at, "updated_at": self.happened.at}

    def _tables(self) -> Iterator[tuple[sa.Table, int, dict[str, Any]]]:
        n, models = self.n, self.models

        def table(model: Any) -> sa.Table:
            return model.__table__  # type: ignore[no-any-return]

        yield self.hosts["company"], self.companies, {"id": n, "name": self._text("Company ", n)}
        yield self.hosts["user"], USERS, {"id": n, "name": self._text("User ", n)}
        yield self.hosts["contact"], self.contacts, self._contacts()
        yield table(models.Profile), self.contacts, self._profiles()
        clients = {"id": self._id(2), "company_id": n, "created_at": self.happened.at}
        yield table(models.ClientProfile), self.companies, clients
        yield table(models.Partner), self.companies * 10, self._partners()
        yield table(models.LifeEvent), self.events, self._life_events()
        yield table(models.Action), self.actions, self._actions()
        yield table(models.ActionCentreItem), self.actions, self._items()
        yield table(models.Message), self.messages, self._messages()

    def _contacts(self) -> dict[str, Any]:
        return {
            "id": self.n,
            "first_name": self._text("First ", self._mixed(997, 900)),
            "last_name": self._text("Last ", self.n),
            "email": self._text("contact", self.n, "@example.com"),
            "phone": self._text("+4420", 79_000_000 + self.n),
            "company_id": self._company(self.n),
        }

    def _profiles(self) -> dict[str, Any]:
        kept = self._mixed(101, 10) == 0
        day = sa.case((kept, self.other.ordinal))
        return {
            "id": self._id(1),
            "contact_id": self.n,
            "communication_preference": "whatsapp",
            "birthday_in_full": sa.false(),
            "birthday_owed": sa.false(),
            "interests": sa.literal(["sailing", "opera"], sa.JSON),
            "phone_number": self._text("+4420", 79_000_000 + self.n),
            "phone_e164": self._text("+4420", 79_000_000 + self.n),
            "twilio_opt_in": sa.true(),
            "last_message_at": self.happened.at,
            "last_contact_at": self.happened.at,
            "last_contact_channel": "sms",
            "cadence_days": sa.case((kept, 30)),
            "cadence_set_by_user_id": sa.case((kept, self._mixed(1009, BUSY) + 1)),
            "in_touch_due_day": day,
            "in_touch_remind_day": day,
            **self._dated,
        }

    def _partners(self) -> dict[str, Any]:
        return {
            "id": self._id(3),
            "company_id": self.n % self.companies + 1,
            "partner_company_name": self._text("Partner ", self._mixed(997, 900)),
            "relationship_type": "supplier",
            **self._dated,
        }

    def _life_events(self) -> dict[str, Any]:
        """Two in three come every year, one in two is the company's too."""
        contact, annual = self._contact(), self._mixed(103, 3) > 0
        return {
            "id": self._id(4),
            "contact_id": contact,
            "company_id": sa.case((self._mixed(107, 2) == 0, self._company(contact))),
            "event_type": "anniversary",
            "title": self._text("Event ", self.n),
            "event_date": sa.case((annual, self.other.day), else_=self.other.due),
            "month_day": sa.case((annual, self.other.month_day)),
            "recurs_annually": sa.case((annual, sa.true()), else_=sa.false()),
            "auto_action_enabled": sa.true(),
            "auto_action_days_before": 7,
            # The scheduled job has done today's: a list would refresh what it has not.
            "next_reminder": sa.literal(date(2999, 1, 1), sa.Date),
            "created_by_user_id": self._mixed(1009, BUSY) + 1,
            **self._dated,
        }

    @property
    def _status(self) -> Any:
        """Three in ten are pending, six are done, one is dismissed."""
        return self._mixed(1013, 10)

    @property
    def _assignee(self) -> Any:
        """One in fifty is nobody's."""
        return sa.case((self._mixed(1021, 50) > 0, self._mixed(1009, BUSY) + 1))

    @property
    def _due(self) -> dict[str, Any]:
        """One in twenty is undated."""
        dated = self._mixed(1031, 20) > 0
        return {"due_date": sa.case((dated, self.other.due)), "due": sa.case((dated, self.other.due), else_=NO_DATE)}

    def _actions(self) -> dict[str, Any]:
        """The first are those of the life events."""
        contact, automatic = self._contact(), self.n <= self.events
        return {
            "id": self._id(5),
            "contact_id": contact,
            "company_id": sa.case((self._mixed(107, 2) == 0, self._company(contact))),
            "assigned_to_user_id": self._assignee,
            "created_by_user_id": 1,
            "title": self._text("Action ", self.n),
            "action_type": sa.case(
                (self._mixed(109, 4) == 0, "gift"), (self._mixed(109, 4) == 1, "card"), else_="call"
            ),
            "message_body": "Many happy returns of the day",
            "status": sa.case((self._status < 3, "pending"), (self._status < 9, "done"), else_="dismissed"),
            "source": sa.case((automatic, "auto"), else_="manual"),
            "life_event_id": sa.case((automatic, self._id(4))),
            "occurrence_date": sa.case((automatic, self.other.due)),
            "occurrence_key": sa.case((automatic, sa.cast(self.other.due, sa.String(36))), else_="manual"),
            "reminder_slot": 0,
            "completed_at": sa.case((self._status >= 3, self.happened.at)),
            **self._due,
            **self._dated,
        }

    def _items(self) -> dict[str, Any]:
        return {
            "id": self._id(6),
            "action_id": self._id(5),
            "assigned_to_user_id": self._assignee,
            "title": self._text("Action ", self.n),
            "status": sa.case((self._status < 3, "open"), (self._status < 9, "done"), else_="dismissed"),
            **self._due,
            **self._dated,
        }

    def _messages(self) -> dict[str, Any]:
        """One in ten is inbound; one in a thousand of these is from nobody who is known."""
        inbound = self._mixed(1009, 10) == 0
        unmatched = sa.and_(inbound, self._mixed(1013, 1000) == 0)
        return {
            "id": self._id(7),
            "contact_id": sa.case((unmatched, None), else_=self._contact()),
            "direction": sa.case((inbound, "inbound"), else_="outbound"),
            "channel": "sms",
            "body": "Many happy returns of the day",
            "to_number": "+442079460018",
            "status": sa.case((inbound, "received"), else_="delivered"),
            "status_rank": STATUS_RANKS["delivered"],
            "attempt": 1,
            "provider_sid": self._text("SM", self.n),
            "num_segments": 1,
            "sent_by_user_id": sa.case((inbound, None), else_=self._mixed(1019, BUSY) + 1),
            "created_at": self.happened.at,
            "sent_at": self.happened.at,
        }
