"""Who is asking, told by every kind of log-in, each with real requests. What cannot be told is nobody: 401."""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import flask_jwt_extended as jwt
import pytest
from flask import abort, g, session
from flask_login import AnonymousUserMixin
from werkzeug.local import LocalProxy

from flask_relationships import UserMapping
from tests.databases import Databases
from tests.hosts.made import KEYS, Made, Models
from tests.security.asking import ACTIONS, Make, creator

KEY = uuid.UUID("11111111-1111-4111-8111-111111111111")


@dataclass
class Identity:
    id: Any


Named = namedtuple("Named", ["id", "role"])


class Loadable:
    """What Flask-Login asks of a user at least, and no more: no row, and no id."""

    is_authenticated = True

    def __init__(self, key: Any) -> None:
        self.key = key

    def get_id(self) -> str:
        return str(self.key)


class Number(IntEnum):
    SEVEN = 7


class Code(StrEnum):
    GRACE = "grace"


class Word(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "somebody else"


def sqlite_row(key: Any) -> Any:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    row = connection.execute("SELECT ? AS id, 'x' AS role", (key,)).fetchone()
    connection.close()
    return row


def named_cookie(key: Any) -> Any:
    session["user"] = key
    return session["user"]


SOMEBODY: dict[str, tuple[str, Any, Callable[[], Any]]] = {
    "an integer": ("int", 7, lambda: 7),
    "an integer as text": ("int", 7, lambda: "7"),
    "zero": ("int", 0, lambda: 0),
    "zero in a mapping": ("int", 0, lambda: {"id": 0}),
    "zero of an object": ("int", 0, lambda: Identity(0)),
    "an enumeration's integer": ("int", 7, lambda: Number.SEVEN),
    "text": ("string", "grace", lambda: "grace"),
    "text with a space": ("string", "grace hopper", lambda: "grace hopper"),
    "an enumeration's text": ("string", "grace", lambda: Code.GRACE),
    "a subclass of text": ("string", "grace", lambda: Word("grace")),
    "a number for a text key": ("string", "7", lambda: 7),
    "a UUID": ("uuid", KEY, lambda: KEY),
    "a UUID as text": ("uuid", KEY, lambda: str(KEY)),
    "an integer in the session": ("int", 7, lambda: named_cookie(7)),
    "text in the session": ("string", "grace", lambda: named_cookie("grace")),
    "a UUID in the session": ("uuid", KEY, lambda: named_cookie(KEY)),
    "a mapping": ("uuid", KEY, lambda: {"id": str(KEY), "role": "staff"}),
    "a dataclass": ("uuid", KEY, lambda: Identity(KEY)),
    "a namedtuple": ("int", 7, lambda: Named(7, "staff")),
    "a row of sqlite3": ("int", 7, lambda: sqlite_row(7)),
    "only get_id": ("int", 7, lambda: Loadable(7)),
    "a proxy": ("int", 7, lambda: LocalProxy(lambda: Identity(7))),
    "a proxy of a proxy": ("int", 7, lambda: LocalProxy(lambda: LocalProxy(lambda: {"id": "7"}))),
    "what g holds": ("int", 7, lambda: setattr(g, "who", Identity(7)) or g.who),
}


@pytest.mark.parametrize("case", list(SOMEBODY))
def test_somebody(make: Make, case: str) -> None:
    kind, key, who = SOMEBODY[case]
    assert creator(make(kind, key, who)) == str(key)


class Visitor:
    id = 7
    is_authenticated = False


class OldVisitor:
    """As Flask-Login's users were before 0.3: a method, which is true."""

    id = 7

    def is_authenticated(self) -> bool:
        return False


class OldUser(OldVisitor):
    def is_authenticated(self) -> bool:
        return True


class Truthy:
    id = 7
    is_authenticated = 1


class Failing:
    @property
    def id(self) -> int:
        raise RuntimeError("canary@example.com")


class Written:
    """An object whose text happens to be a key."""

    def __str__(self) -> str:
        return "7"

    def __hash__(self) -> int:
        return 7


class Absent:
    id = None
    get_id = None


def refuse() -> Any:
    abort(403)


NOBODY: dict[str, tuple[str, Any, Callable[[], Any]]] = {
    "not authenticated": ("int", 7, Visitor),
    "not authenticated, by a method": ("int", 7, OldVisitor),
    "authenticated by a method": ("int", 7, OldUser),
    "authenticated by 1": ("int", 7, Truthy),
    "a mapping that is not authenticated": ("int", 7, lambda: {"id": 7, "is_authenticated": False}),
    "Flask-Login's anonymous user": ("int", 7, AnonymousUserMixin),
    "a bool": ("int", 1, lambda: True),
    "a bool in a mapping": ("int", 1, lambda: {"id": True}),
    "False": ("int", 0, lambda: False),
    "bytes": ("int", 7, lambda: b"7"),
    "bytes for text": ("string", "grace", lambda: b"grace"),
    "a tuple": ("int", 7, lambda: (7,)),
    "a list": ("int", 7, lambda: [7]),
    "a float": ("int", 7, lambda: 7.0),
    "spaces around": ("int", 7, lambda: " 7 "),
    "spaces around text": ("string", "grace", lambda: "grace "),
    "another spelling": ("string", "grace", lambda: "GRACE"),
    "zeros before": ("int", 7, lambda: "07"),
    "the subject of a token alone": ("int", 7, lambda: {"sub": "7"}),
    "no row": ("int", 7, lambda: 8),
    "no row of that id": ("uuid", KEY, lambda: {"id": uuid.uuid4()}),
    "None in a mapping": ("int", 7, lambda: {"id": None}),
    "None as an id": ("int", 7, Absent),
    "an object whose text is a key": ("string", "7", Written),
    "an empty text": ("string", "grace", lambda: ""),
    "a proxy of nothing": ("int", 7, lambda: LocalProxy(lambda: None)),
    "a proxy that is not bound": ("int", 7, lambda: LocalProxy(lambda: g.who)),
    "what g does not hold": ("int", 7, lambda: g.who),
    "an id that raises": ("int", 7, Failing),
    "a callback that refuses": ("int", 7, refuse),
    "a token's user where there is no token": ("int", 7, lambda: jwt.current_user.id),
}


@pytest.mark.parametrize("case", list(NOBODY))
def test_nobody(make: Make, case: str, caplog: pytest.LogCaptureFixture) -> None:
    kind, key, who = NOBODY[case]
    assert creator(make(kind, key, who)) is None
    assert "canary" not in caplog.text


def test_what_raises_is_logged_by_its_place(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert creator(make("int", 7, Failing)) is None
    assert f"RuntimeError at {__file__}" in caplog.text


@pytest.mark.on_databases("mariadb")
@pytest.mark.parametrize("given", ["GRACE", "grace "])
def test_what_the_database_takes_for_the_same_is_nobody(
    make: Make, database: str, databases: Databases, given: str
) -> None:
    """MariaDB compares without case or spaces at the end: the row is found, and not by this key."""
    models = Models(KEYS["string"])
    made = make("string", "grace", lambda: given, models=models, database_url=databases.url(database, "identity"))
    try:
        assert made.caller().ask("GET", ACTIONS).status_code == 401
    finally:
        with made.app.app_context():
            models.db.drop_all()


def test_a_user_who_is_deleted_softly_is_still_somebody() -> None:
    """Whether they may still log in is the log-in's affair: whoever it lets in is loaded without the hooks."""
    models = Models()
    gone = UserMapping(models.User, present=lambda select: select.where(models.User.name != "Gone"))
    made = Made(models, user=gone, current_user=lambda: {"id": 1}).create_tables()
    made.add(models.User, id=1, name="Gone")
    contact, caller = made.contact(), made.caller()
    caller.post(f"/contacts/{contact}{ACTIONS}", {"title": "Call", "action_type": "call"})
    (action,) = caller.get(ACTIONS)["actions"]
    assert (action["assigned_to_user_id"], action["assigned_to_name"]) == (None, None)
    made.close()
