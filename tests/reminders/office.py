"""A host whose contacts have an owner, may be archived or deleted softly, and whose users have time zones."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_relationships import ActionCentre, ContactMapping, Relationships, Template, UserMapping
from flask_relationships.domain.life_events import generation
from flask_relationships.domain.life_events.generation import Batch, Generated
from flask_relationships.testing import Caller
from tests.databases import Cleaner
from tests.hosts.made import yes

Row = dict[str, Any]

NOON = time(12, tzinfo=UTC)


db = SQLAlchemy()


class Person(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    zone: Mapped[str | None] = mapped_column(sa.String(50))
    left: Mapped[bool] = mapped_column(default=False)


class Contact(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str | None] = mapped_column(sa.String(100))
    last_name: Mapped[str | None] = mapped_column(sa.String(100))
    alive: Mapped[bool] = mapped_column(default=True)
    deleted: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int | None]
    born: Mapped[str | None] = mapped_column(sa.String(20))


cleaners: dict[str, Cleaner] = {}
"""Of the databases that have the tables, by URL: between two offices the rows go and the tables stay."""


class Office:
    """One application on one database, without any rows, and a clock that a test sets."""

    def __init__(
        self,
        url: str,
        *,
        zoned: bool = False,
        born: bool = False,
        templates: Mapping[str, Template] | None = None,
        business_day: Callable[[date], date] | None = None,
        action_centre: ActionCentre | None = None,
        **config: Any,
    ) -> None:
        self.db = db
        self.Person, self.Contact = Person, Contact
        self.relationships = Relationships(
            db=db,
            contact=ContactMapping(
                Contact,
                active="alive",
                owner="owner_id",
                birthday="born" if born else None,
                present=lambda select: select.where(Contact.deleted.is_(False)),
            ),
            user=UserMapping(
                Person,
                time_zone="zone" if zoned else None,
                present=lambda select: select.where(Person.left.is_(False)),
            ),
            permission=yes,
            current_user=lambda: db.session.get(Person, self.grace),
            templates=templates,
            business_day=business_day,
            action_centre=action_centre,
        )
        self.app = Flask("office")
        self.app.config.update(SQLALCHEMY_DATABASE_URI=url, **config)
        db.init_app(self.app)
        self.relationships.init_app(self.app)
        self.state = self.app.extensions["relationships"]
        self.today = date(2027, 1, 15)
        self.hour = NOON
        self.state.clock = lambda: datetime.combine(self.today, self.hour)
        with self.app.app_context():
            sa.event.listen(db.engine, "connect", _enforce_foreign_keys)
            if url in cleaners:
                cleaners[url].clean()
            else:
                db.drop_all()
                db.create_all()
                cleaners[url] = Cleaner(url, db.metadata)
        self.grace = self.person("Grace Hopper")
        self.api = Caller(
            self.app.test_client(), str(self.grace), "Grace Hopper", prefix=self.state.settings.url_prefix
        )

    # --- people -------------------------------------------------------------------------------------------------

    def _add(self, row: Any) -> int:
        with self.app.app_context():
            self.db.session.add(row)
            self.db.session.commit()
            return int(row.id)

    def person(self, name: str, zone: str | None = None) -> int:
        return self._add(self.Person(name=name, zone=zone))

    def contact(self, first_name: str | None = "Ada", **values: Any) -> int:
        return self._add(self.Contact(first_name=first_name, last_name="Lovelace", **values))

    def change(self, model: type[Any], key: int, **values: Any) -> None:
        with self.app.app_context():
            self.db.session.execute(sa.update(model).where(model.id == key).values(**values))
            self.db.session.commit()

    # --- events and actions -------------------------------------------------------------------------------------

    def event(self, contact: int, event_date: str | None, **fields: Any) -> Row:
        given = {"event_type": "birthday", "title": "Birthday", "recurs_annually": True, "event_date": event_date}
        event: Row = self.api.post(f"/contacts/{contact}/life-events", {**given, **fields})["event"]
        return event

    def edit(self, event: Row, **fields: Any) -> Row:
        path = f"/contacts/{event['contact_id']}/life-events/{event['id']}"
        edited: Row = self.api.patch(path, fields)["event"]
        return edited

    def actions(self, contact: int) -> list[Row]:
        """Of a contact, soonest due first."""
        found: list[Row] = self.api.get(f"/contacts/{contact}/relationship-actions")["actions"]
        return found

    def told(self, contact: int, status: str | None = None) -> list[tuple[str, str]]:
        """The occurrence and due date of each action, soonest due first."""
        found = [action for action in self.actions(contact) if status in (None, action["status"])]
        return [(action["occurrence_date"], action["due_date"]) for action in found]

    def close(self, contact: int, status: str = "done") -> None:
        """Close all that is pending."""
        for action in self.actions(contact):
            if action["status"] == "pending":
                self.api.patch(f"/relationship-actions/{action['id']}", {"status": status})

    # --- time ---------------------------------------------------------------------------------------------------

    @contextmanager
    def context(self) -> Iterator[tuple[Any, Any]]:
        with self.app.app_context():
            yield self.db.session(), self.relationships.models

    def run(self, today: str | date | None = None, on_batch: Callable[[Batch], None] = lambda _: None) -> Generated:
        """What time brings, on a day; the clock stays there."""
        if today is not None:
            self.today = date.fromisoformat(today) if isinstance(today, str) else today
        with self.app.app_context():
            return generation.generate(
                self.state.context(), self.state.today(), at=self.state.clock(), on_batch=on_batch
            )

    def foresee(self, today: str) -> Generated:
        with self.app.app_context():
            return generation.foresee(self.state.context(), date.fromisoformat(today))

    def close_down(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            self.db.engine.dispose()


def _enforce_foreign_keys(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys=ON")
