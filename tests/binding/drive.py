"""Hosts in other styles than Flask-SQLAlchemy's, and a drive through the routes that touches every table of theirs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.host import PREFIX, Caller
from tests.hosts.made import yes

COMPANY, USER = "Analytical Engines", "Grace Hopper"


@dataclass
class Style:
    """One bound host. ``session`` is the host's own; ``close`` gives its connections back."""

    app: Flask
    relationships: Relationships
    session: Callable[[], Session]
    close: Callable[[], None] = lambda: None

    def create_tables(self) -> Style:
        mapper = self.relationships.models.mapper
        with self.app.app_context():
            metadata = cast(sa.Table, mapper.local_table).metadata
            metadata.create_all(self.session().get_bind(mapper=mapper))
        return self

    def add(self, *rows: Any) -> list[str]:
        """Commit the rows one after the other; their keys."""
        with self.app.app_context():
            session = self.session()
            for row in rows:
                session.add(row)
                session.flush()
            keys = [str(sa.inspect(row).identity[0]) for row in rows]
            session.commit()
        return keys

    def drive(self, contact: str, company: str | None = None, user: str = "1", **expected: Any) -> None:
        """Ada Lovelace of that id, perhaps of that company, and Grace Hopper, who is asking."""
        caller = Caller(self.app.test_client(), prefix=PREFIX)
        profile = caller.get(f"/contacts/{contact}/relationship")["profile"]
        assert profile["phone_number"] == expected.get("phone", "+44 20 7946 0018")
        caller.patch(f"/contacts/{contact}/relationship", {"personal_notes": "Cello", "twilio_opt_in": True})
        event = {**EVENT, "event_date": "1815-12-10", "recurs_annually": True, "company_id": company}
        caller.post(f"/contacts/{contact}/life-events", event)
        caller.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "assigned_to_user_id": user})
        actions = caller.get("/relationship-actions")["actions"]
        names = {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "company_name": None if company is None else COMPANY,
            "assigned_to_name": USER,
        }
        assert len(actions) == 2
        for action in actions:
            assert names.items() <= action.items()
        message = caller.post(f"/contacts/{contact}/messages", MESSAGE)["message"]
        assert message["sent_by_user_id"] == user
        if company is not None:
            summary = caller.get(f"/clients/{company}/relationship-summary")
            assert [one["id"] for one in summary["contacts"]] == [contact]
            assert [one["first_name"] for one in summary["contacts"]] == ["Ada"]
            assert (len(summary["events"]), len(summary["actions"]), len(summary["messages"])) == (1, 2, 1)

    def delete(self, model: type[Any], key: str, left: int = 0) -> None:
        """As the host would, through its ORM: nothing of ours is left, and nothing stands in its way."""
        with self.app.app_context():
            session = self.session()
            session.delete(session.get_one(model, sa.inspect(model).primary_key[0].type.python_type(key)))
            session.commit()
        assert self.count() == left

    def count(self) -> int:
        """How many profiles, events, actions and messages there are."""
        models = self.relationships.models
        with self.app.app_context():
            counted = (models.Profile, models.LifeEvent, models.Action, models.Message)
            return sum(self.session().scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in counted)


def bind(
    engine: sa.Engine,
    contact: type[Any] | ContactMapping,
    company: type[Any] | CompanyMapping | None,
    user: type[Any] | UserMapping,
    **options: Any,
) -> Style:
    """A Flask application of plain SQLAlchemy on these models, whose first user is asking."""
    sessions = scoped_session(sessionmaker(engine))
    relationships = Relationships(
        session=sessions,
        contact=contact if isinstance(contact, ContactMapping) else ContactMapping(contact),
        company=company if company is None or isinstance(company, CompanyMapping) else CompanyMapping(company),
        user=user if isinstance(user, UserMapping) else UserMapping(user),
        permission=yes,
        current_user=lambda: 1,
        transport=MemoryTransport(),
    )
    app = Flask(f"{__name__}.{uuid.uuid4().hex}")
    app.config.update(options)
    relationships.init_app(app)
    app.teardown_appcontext(lambda _error: sessions.remove())
    return Style(app, relationships, sessions).create_tables()
