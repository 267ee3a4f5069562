"""An application that several tenants share, with a fake Twilio: who is written to from where, and whose a reply is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import ActionScope, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import FakeTwilio
from tests.hosts.checked import CheckedClient
from tests.hosts.host import PREFIX, Caller
from tests.webhooks.conftest import INBOUND, PUBLIC_URL

PERSON = "+442079460018"
"""The number of one person whom several tenants know."""

NORTH, SOUTH = "+442079460101", "+442079460102"
"""The numbers that two tenants write from."""

SERVICE = FakeTwilio.messaging_service_sid


class Agency:
    """``mapping`` are options of the contact mapping, ``user`` of the user mapping, ``options`` of `Relationships`."""

    def __init__(
        self,
        twilio: FakeTwilio,
        database_url: str,
        *,
        mapping: dict[str, Any] | None = None,
        user: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.twilio, self.db = twilio, SQLAlchemy()
        db = self.db

        class Staff(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))
            tenant = sa.Column(sa.String(20))

        class Person(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))
            phone = sa.Column(sa.String(50))
            tenant = sa.Column(sa.String(20))

        self.Staff, self.Person = Staff, Person
        mapping = {"tenant": "tenant"} if mapping is None else mapping
        self.relationships = Relationships(
            db=db,
            contact=ContactMapping(Person, email=None, company=None, **mapping),
            user=UserMapping(Staff, **({"tenant": "tenant"} if user is None else user)),
            permission=lambda *_: True,
            current_user=self._who,
            action_scope=lambda _: ActionScope.everyone(),
            **options,
        )
        self.app = Flask(__name__)
        self.app.config.update(SQLALCHEMY_DATABASE_URI=database_url)
        self.app.config.update(twilio.config(PUBLIC_URL=PUBLIC_URL) | (config or {}))
        db.init_app(self.app)
        self.relationships.init_app(self.app)
        self.app.test_client_class = CheckedClient
        twilio.connect(self.app)
        twilio.more_senders = (NORTH, SOUTH)
        with self.app.app_context():
            db.drop_all()
            db.create_all()
            db.session.commit()

    def _who(self) -> Any:
        key = request.headers.get("X-User")
        return None if key is None else self.db.session.get(self.Staff, int(key))

    def add(self, row: Any) -> str:
        with self.app.app_context():
            self.db.session.add(row)
            self.db.session.commit()
            return str(row.id)

    def member(self, tenant: str | None) -> Caller:
        """Somebody of this tenant, who may do everything."""
        id = self.add(self.Staff(name=f"{tenant} user", tenant=tenant))
        client = self.app.test_client()
        client.environ_base["HTTP_X_USER"] = id
        return Caller(client, id, prefix=PREFIX)

    def person(self, member: Caller, tenant: str | None, phone: str | None = PERSON) -> str:
        """A contact of this tenant, who has opted in."""
        id = self.add(self.Person(name=f"{tenant} contact", phone=phone, tenant=tenant))
        member.patch(f"/contacts/{id}/relationship", {"twilio_opt_in": True})
        return id

    def write(self, member: Caller, contact: str, body: str = "Hello", channel: str = "sms") -> dict[str, Any]:
        answer = member.post(f"/contacts/{contact}/messages", {"channel": channel, "body": body}, 201)
        found: dict[str, Any] = answer["message"]
        return found

    def reply(self, to: str, body: str = "A reply", from_: str = PERSON, **more: str) -> None:
        assert self.twilio.receive(INBOUND, from_, to, body, **more) == 200

    def rows(self, name: str) -> list[Any]:
        with self.app.app_context():
            found = list(self.db.session.scalars(sa.select(getattr(self.relationships.models, name))))
            self.db.session.expunge_all()
            return found

    def clean(self) -> None:
        """Delete all contacts, and what is known of them."""
        models = self.relationships.models
        with self.app.app_context():
            for model in (models.Message, models.ContactNumber, models.Profile, models.ConsentEntry, self.Person):
                self.db.session.execute(sa.delete(model))
            self.db.session.commit()

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            self.db.drop_all()
            self.db.engine.dispose()


def bodies(member: Caller, contact: str) -> list[str]:
    """What a contact wrote, newest first."""
    found = member.get(f"/contacts/{contact}/messages")["messages"]
    return [message["body"] for message in found if message["direction"] == "inbound"]


def unmatched(member: Caller) -> list[dict[str, Any]]:
    return list(member.get("/messages/unmatched")["messages"])
