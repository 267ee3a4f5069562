"""What stands in real tables: enumerations, numbers as numbers, blank and overlong text, callables that fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import phonenumbers
import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import OperationalError

from flask_relationships import ActionScope, ContactMapping, UserMapping
from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.databases import Cleaner, Databases
from tests.hosts.host import PREFIX, Caller
from tests.hosts.made import Made

db = SQLAlchemy()


class Rank(Enum):
    MAJOR = "Major"


class Number(sa.types.TypeDecorator[Any]):
    """A column type that returns objects, as the usual one for phone numbers does."""

    impl = sa.String(30)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return None if value is None else phonenumbers.parse(value)


class Odd(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "odd_people"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(100))
    rank = sa.Column(sa.Enum(Rank, name="odd_rank"))
    digits = sa.Column(sa.BigInteger)
    number = sa.Column(Number)
    since = sa.Column(sa.Date)
    worth = sa.Column(sa.Numeric(10, 2))
    raw = sa.Column(sa.LargeBinary(20))
    several = sa.Column(sa.JSON)
    long = sa.Column(sa.Text)


class Clerk(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "odd_clerks"

    id = sa.Column(sa.Integer, primary_key=True)
    rank = sa.Column(sa.Enum(Rank, name="odd_rank"))


class _Models:
    User, db = Clerk, db

    def mappings(self) -> dict[str, Any]:
        return {"user": UserMapping(Clerk, name="rank")}


Make = Any


@pytest.fixture
def make(database: str, databases: Databases) -> Iterator[Make]:
    """Makes an application whose one contact has these columns and is mapped so, and somebody who speaks to it."""
    hosts: list[Made] = []

    def made(columns: dict[str, Any], **sources: Any) -> Caller:
        host = Made(
            _Models(),  # type: ignore[arg-type]
            database_url=databases.url(database, "odd"),
            contact=ContactMapping(Odd, **sources),
            action_scope=lambda _user: ActionScope.everyone(),
        )
        hosts.append(host)
        with host.app.app_context():
            db.create_all()
            db.session.add_all([Odd(id=1, **columns), Clerk(id=1, rank=Rank.MAJOR)])
            db.session.commit()
        return Caller(host.app.test_client(), prefix=PREFIX)

    yield made
    for host in hosts:
        with host.app.app_context():
            db.session.remove()
        host.close()
        Cleaner(host.app.config["SQLALCHEMY_DATABASE_URI"], db.metadata).clean()


def action(api: Caller) -> Any:
    """The action of the one contact, as it is answered, and the same as it is listed."""
    created = api.post("/contacts/1/relationship-actions", ACTION)["action"]
    assert api.get("/relationship-actions")["actions"] == [created]
    return created


class Lazy:
    """As a text that is translated only when it is shown."""

    def __str__(self) -> str:
        return "Translated"


ODD: dict[str, tuple[dict[str, Any], Any, str | None]] = {
    "an enumeration": ({"rank": Rank.MAJOR}, "rank", "Major"),
    "an enumeration in a list": ({"rank": Rank.MAJOR}, ["name", "rank"], "Major"),
    "an integer": ({"digits": 447911123456}, "digits", "447911123456"),
    "an integer in a list": ({"digits": 447911123456}, ["name", "digits"], "447911123456"),
    "a phone number that is an object": ({"number": "+447911123456"}, "number", "+447911123456"),
    "such an object in a list": ({"number": "+447911123456"}, ["name", "number"], "+447911123456"),
    "a date": ({"since": date(2020, 2, 29)}, "since", "2020-02-29"),
    "a decimal": ({"worth": Decimal("12.50")}, "worth", "12.5"),
    "bytes": ({"raw": "Zoë".encode()}, "raw", "Zoë"),
    "a list in JSON": ({"several": ["", "Ada"]}, "several", "Ada"),
    "a callable's number": ({}, lambda _row: 7, "7"),
    "a callable's whole float": ({}, lambda _row: 447911123456.0, "447911123456"),
    "a callable's text to be translated": ({}, lambda _row: Lazy(), "Translated"),
    "a callable's enumeration": ({}, lambda _row: Rank.MAJOR, "Major"),
    "nothing": ({}, "rank", None),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_shown_is_text_whatever_the_host_keeps(make: Make, name: str) -> None:
    columns, source, text = ODD[name]
    api = make(columns, first_name=source, last_name=None, email=source, phone=source)
    found = action(api)
    assert (found["first_name"], found["contact_email"], found["assigned_to_name"]) == (text, text, "Major")
    assert api.get("/contacts/1/relationship")["profile"]["phone_number"] == text


NAMES = {
    "Ada Lovelace": ("Ada", "Lovelace"),
    "Cher": ("Cher", None),
    "  Ada   Maria Lovelace ": ("Ada", "Maria Lovelace"),
    "   ": (None, None),
    "": (None, None),
    None: (None, None),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["in SQL", "on rows"])
def test_one_column_for_the_whole_name(make: Make, name: str | None, form: str) -> None:
    api = make({"name": name}, name="name" if form == "in SQL" else lambda row: row.name)
    found = action(api)
    assert (found["first_name"], found["last_name"]) == NAMES[name]


@pytest.mark.parametrize("blank", ["", "   "])
def test_blank_text_is_passed_over_in_a_list_and_is_no_number(make: Make, blank: str) -> None:
    api = make({"name": blank, "long": "Ada"}, first_name=["name", "long"], phone="name")
    assert action(api)["first_name"] == "Ada"
    assert api.get("/contacts/1/relationship")["profile"]["phone_number"] is None


def test_overlong_text_breaks_nothing(make: Make) -> None:
    api = make({"long": "9" * 400}, first_name="long", phone="long", email="long")
    profile = api.get("/contacts/1/relationship")["profile"]
    assert (len(profile["phone_number"]), profile["phone_e164"]) == (200, None)
    api.post("/contacts/1/life-events", {**EVENT, "event_type": "birthday"})
    assert len(api.get("/relationship-actions")["actions"][0]["first_name"]) == 400


def test_a_callable_that_fails_leaves_its_value_out_and_is_logged_once_by_place(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    api = make({"name": "canary"}, first_name=lambda row: row.name.no_such_thing, phone=[lambda _row: 1 / 0, "name"])
    for _ in range(3):
        assert api.get("/contacts/1/relationship")["profile"]["phone_number"] == "canary"
    assert action(api)["first_name"] is None
    told = [record.getMessage() for record in caplog.records if "mapped callable" in record.getMessage()]
    assert sorted(message.partition(": ")[2].split(" at ")[0] for message in told) == [
        "AttributeError",
        "ZeroDivisionError",
    ]
    assert "test_odd_values.py" in told[0]
    assert "canary" not in caplog.text


@pytest.mark.on_databases("sqlite")
def test_what_the_database_raises_in_a_callable_is_no_oddness_of_a_row(make: Make) -> None:
    def fails(_row: Any) -> str:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    api = make({}, first_name=fails)
    assert api.get("/contacts/1/relationship", 503)["code"] == "database_unavailable"
