"""Everybody who is compared, by name, and what they are asked."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks.population import EMPTY, SQUAD

from .servers import ASGI, WSGI, Ask, Request

FLOOR, NOTHING, OURS = "floor", "no-op", "flask-relationships"

MARSHMALLOW = "Flask + ORM + marshmallow"

PEERS = {
    MARSHMALLOW: ("with_marshmallow", WSGI),
    "flask-smorest": ("with_smorest", WSGI),
    "APIFlask": ("with_apiflask", WSGI),
    "FastAPI + SQLModel": ("with_fastapi", ASGI),
    "Django REST Framework": ("with_django", WSGI),
}

EXECUTIVE, MEMBER = 2, 40

MANAGER, IDLE_MANAGER = SQUAD[0], EMPTY[0]

CONTACT, COMPANY = 7, 1

MESSAGES = 60
"""How many messages the contact has at least."""

RARE_CONTACT = 8
"""The contact whose rows have the values that few rows have."""


class Endpoint(NamedTuple):
    title: str
    user: int
    request: Request


_LIST, _OF_CONTACT = "/relationship-actions", f"/contacts/{CONTACT}"

_EVENT = {"event_type": "anniversary", "title": "Wedding day", "event_date": "2019-06-21", "recurs_annually": True}

_NEWEST = Request("GET", _LIST, "limit=50&sort=-created_at")

ENDPOINTS = {
    "profile": Endpoint("a profile", MEMBER, Request("GET", f"{_OF_CONTACT}/relationship")),
    "messages": Endpoint("messages of a contact, 50", MEMBER, Request("GET", f"{_OF_CONTACT}/messages", "limit=50")),
    "all": Endpoint("all actions, 50 newest", EXECUTIVE, _NEWEST),
    "own": Endpoint("own actions, 50 newest", MEMBER, _NEWEST),
    "pending": Endpoint("own pending actions, 50 soonest", MEMBER, Request("GET", _LIST, "limit=50&status=pending")),
    "squad": Endpoint(
        "actions of a squad of 20, 50 newest", MANAGER, Request("GET", _LIST, "limit=50&sort=-created_at")
    ),
    "idle": Endpoint(
        "actions of a squad without any", IDLE_MANAGER, Request("GET", _LIST, "limit=50&sort=-created_at")
    ),
    "summary": Endpoint("a client of 200 contacts", MEMBER, Request("GET", f"/clients/{COMPANY}/relationship-summary")),
    "many": Endpoint("10,000 actions", EXECUTIVE, Request("GET", _LIST)),
    "event": Endpoint(
        "a life event is added, with its action", MEMBER, Request("POST", f"{_OF_CONTACT}/life-events", "", _EVENT)
    ),
}

RARE_ENDPOINTS = {
    "profile of rare values": Endpoint("", MEMBER, Request("GET", f"/contacts/{RARE_CONTACT}/relationship")),
    "messages of rare values": Endpoint("", MEMBER, Request("GET", f"/contacts/{RARE_CONTACT}/messages", "limit=50")),
}
"""What is compared, and not measured. The summary shows an event of rare values."""

_RARE_PROFILE = {
    "phone_number": "+44 20 7946 0018",
    "phone_e164": "+442079460018",
    "phone_key": "+442079460018",
    "phone_number_source": "edited",
    "whatsapp_number": "07400 123456",
    "whatsapp_key": "",
    "birthday_month_day": 229,
    "birthday_year": 1980,
    "birthday_source": "edited",
    "revision": 3,
}

_RARE_MESSAGES: list[dict[str, Any]] = [
    {
        "direction": "inbound",
        "media": [{"content_type": "image/jpeg", "url": "https://example.com/1"}],
        "location": {"latitude": 51.5, "longitude": -0.125, "label": "Office", "address": None},
        "payload": "yes",
    },
    {
        "status": "unconfirmed",
        "delivered_via": "rcs",
        "candidates": [
            {"provider_sid": "SM1", "body": "Hello", "status": "sent", "created_at": "2027-01-01T09:00:00Z"},
            {"provider_sid": "SM2", "body": None, "status": "sent", "created_at": None},
        ],
    },
]

_RARE_EVENT = {"about": "Mia", "further_reminders": [3, 1], "company_id": COMPANY, "revision": 2}


def add_rows(connection: sa.Connection) -> None:
    """Add what a population does not have: levels of users, a contact with many messages, and rare values."""
    _add_levels(connection)
    _add_rare_values(connection)


def _add_rare_values(connection: sa.Connection) -> None:
    def change(table: str, *rows: dict[str, Any]) -> None:
        values = rows[0].keys() | rows[-1].keys()
        types = {name: sa.JSON(none_as_null=True) for name in ("media", "location", "candidates", "further_reminders")}
        columns = [sa.column(name, types.get(name)) for name in values | {"id", "contact_id"}]
        named = sa.table(f"relationships_{table}", *columns)
        theirs = sa.select(named.c.id).where(named.c.contact_id == RARE_CONTACT).order_by(named.c.id)
        for key, row in zip(connection.scalars(theirs).all(), rows, strict=False):
            connection.execute(named.update().where(named.c.id == key).values(row))

    change("profiles", _RARE_PROFILE)
    change("messages", *_RARE_MESSAGES)
    change("life_events", _RARE_EVENT)


def _add_levels(connection: sa.Connection) -> None:

    def set_level(level: str, keys: Iterable[int]) -> None:
        connection.execute(people.update().where(people.c.id.in_(list(keys))).values(level=level))

    people = sa.table("person", sa.column("id"), sa.column("level"), sa.column("manager_id"))
    connection.execute(people.update().values(level="member", manager_id=None))
    set_level("executive", [EXECUTIVE])
    for manager, squad in ((MANAGER, SQUAD), (IDLE_MANAGER, EMPTY)):
        set_level("manager", [manager])
        connection.execute(people.update().where(people.c.id.in_(squad[1:])).values(manager_id=manager))
    messages = sa.table("relationships_messages", sa.column("id"), sa.column("contact_id"))
    ids = connection.scalars(sa.select(messages.c.id).order_by(messages.c.id).limit(MESSAGES)).all()
    connection.execute(messages.update().where(messages.c.id.in_(ids)).values(contact_id=CONTACT))


class Everyone:
    """The applications of all who are compared, on one database."""

    def __init__(self, url: str, peers: Iterable[str]) -> None:
        from . import floor, ours

        self.ours: Any = ours.make_app(url)
        servers: dict[str, Any] = {OURS: WSGI(self.ours)}
        for name in peers:
            module, server = PEERS[name]
            servers[name] = server(importlib.import_module(f"{__package__}.{module}").make_app(url))
        self.servers = servers
        levels = {EXECUTIVE: "executive", MANAGER: "manager", IDLE_MANAGER: "manager"}
        self.floor = WSGI(floor.Floor(url, levels))
        self.prefix = self.ours.config.get("RELATIONSHIPS_URL_PREFIX", "/api/relationships")
        self.cookies: dict[tuple[str, int], str] = {}

    def asks(self, endpoint: Endpoint) -> dict[str, Ask]:
        """How each of them is asked this."""
        request, user = endpoint.request, endpoint.user
        ours = request._replace(path=self.prefix + request.path)
        cookie = self._cookie(OURS, user)
        return {
            FLOOR: self.floor.prepared(request, str(user)),
            NOTHING: self.servers[OURS].prepared(Request("GET", "/nothing"), cookie),
            OURS: self.servers[OURS].prepared(ours, cookie),
            **{
                name: self.servers[name].prepared(request, self._cookie(name, user))
                for name in self.servers
                if name != OURS
            },
        }

    def close(self) -> None:
        """Close the connections of those that run inside a test."""
        self.floor.app.connection.close()
        for server in self.servers.values():
            if isinstance(server.app, Flask):
                with server.app.app_context():
                    server.app.extensions["sqlalchemy"].engine.dispose()

    def _cookie(self, name: str, user: int) -> str:
        if (name, user) not in self.cookies:
            self.cookies[name, user] = self.servers[name].prepared(Request("POST", f"/login/{user}"))().cookies()
        return self.cookies[name, user]
