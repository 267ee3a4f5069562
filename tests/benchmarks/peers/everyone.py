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


def add_levels(connection: sa.Connection) -> None:
    """Who manages whom, and a contact who is written to often: what a population does not have."""

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
