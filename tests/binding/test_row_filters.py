"""`deleted=` and `tenant=` of a mapping: every form of them, and what each of them hides."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import relationship

from flask_relationships import ActionScope, ConfigurationError, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport
from tests.databases import Databases
from tests.hosts.host import PREFIX, Caller

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)

sqlite = pytest.mark.on_databases("sqlite")
"""For what does not depend on the database."""


class Status(enum.Enum):
    LIVE = "live"
    DELETED = "deleted"


class Lower(sa.TypeDecorator[str]):
    """Text that the host keeps in lower case."""

    impl = sa.String(20)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.lower()


ORGANIZATIONS = uuid.UUID(int=1), uuid.UUID(int=2)


class World:
    """Two organizations with a user and a contact each, and a user without one."""

    def __init__(
        self,
        url: str,
        contact: dict[str, Any] | Callable[[Any], dict[str, Any]],
        user: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.db = db = SQLAlchemy()

        class Organization(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Uuid, primary_key=True)
            number = sa.Column(sa.Integer)

        class Branch(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            organization_id = sa.Column(sa.ForeignKey(Organization.id))
            organization = relationship(Organization)

        class User(db.Model):  # type: ignore[name-defined,misc]
            __tablename__ = "staff"
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))
            organization_id = sa.Column(sa.ForeignKey(Organization.id))
            organization = relationship(Organization)
            number = sa.Column(sa.Integer)

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))
            branch_id = sa.Column(sa.ForeignKey(Branch.id))
            branch = relationship(Branch)
            organization_id = sa.Column(sa.ForeignKey(Organization.id))
            organization = relationship(Organization)
            number = sa.Column(sa.Integer)
            deleted_at = sa.Column(sa.DateTime)
            deleted_on = sa.Column(sa.Date)
            is_deleted = sa.Column(sa.Boolean)
            flag = sa.Column(sa.Integer)
            status = sa.Column(sa.Enum(Status))
            state = sa.Column(Lower)

        self.User, self.Contact = User, Contact
        given = contact(Contact) if callable(contact) else contact
        self.relationships = Relationships(
            db=db,
            contact=ContactMapping(Contact, **{"email": None, "phone": None, "company": None, **given}),
            user=UserMapping(User, **(user or {})),
            transport=MemoryTransport(),
            **{
                "permission": lambda *_: True,
                "current_user": lambda: int(request.headers["X-User"]),
                "action_scope": lambda _: ActionScope.everyone(),
                **options,
            },
        )
        self.app = Flask(__name__)
        self.app.config["SQLALCHEMY_DATABASE_URI"] = url
        db.init_app(self.app)
        self.relationships.init_app(self.app)
        with self.app.app_context():
            db.drop_all()
            db.create_all()
            for number, key in enumerate(ORGANIZATIONS, 1):
                db.session.add(Organization(id=key, number=number))
                db.session.flush()
                db.session.add(Branch(id=number, organization_id=key))
                db.session.flush()
                held = {"organization_id": key, "number": number}
                db.session.add(User(id=number, name=f"User {number}", **held))
                db.session.add(Contact(id=number, name=f"Contact {number}", branch_id=number, **held))
            db.session.add(User(id=3, name="User 3"))
            db.session.add(Contact(id=3, name="Contact 3"))
            db.session.commit()

    def seen_by(self, user: int, among: tuple[int, ...] = (1, 2, 3)) -> list[int]:
        """The contacts that a user can open; the list of their actions agrees."""
        client = self.app.test_client()
        client.environ_base["HTTP_X_USER"] = str(user)
        caller = Caller(client, str(user), prefix=PREFIX)
        opened = [
            contact for contact in among if caller.ask("GET", f"/contacts/{contact}/relationship").status_code == 200
        ]
        actions = caller.get("/relationship-actions")["actions"]
        assert sorted({int(action["contact_id"]) for action in actions}) == opened
        return opened

    def with_actions(self) -> World:
        """Give every contact an action."""
        with self.app.app_context():
            session, now = self.db.session, NEW_YEAR
            dated = {"due": date(2999, 1, 1), "created_at": now, "updated_at": now}
            for contact in session.scalars(sa.select(self.Contact.id)):
                told = {"title": "Call", "action_type": "call", "occurrence_key": "manual", "status": "pending"}
                session.add(self.relationships.models.Action(contact_id=contact, **told, **dated))
            session.commit()
        return self

    def set(self, contact: int, **values: Any) -> None:
        with self.app.app_context():
            for name, value in values.items():
                setattr(self.db.session.get_one(self.Contact, contact), name, value)
            self.db.session.commit()

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            self.db.drop_all()
            self.db.engine.dispose()


MakeWorld = Callable[..., World]


@pytest.fixture
def make(database: str, databases: Databases) -> Iterator[MakeWorld]:
    made: list[World] = []

    def build(contact: Any, user: dict[str, Any] | None = None, **options: Any) -> World:
        made.append(World(databases.url(database, "row_filters"), contact, user, **options).with_actions())
        return made[-1]

    yield build
    for world in made:
        world.close()


DELETED: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    ("deleted_at", {"deleted_at": NEW_YEAR}, {"deleted_at": None}),
    ("deleted_on", {"deleted_on": date(2026, 1, 1)}, {"deleted_on": None}),
    ("is_deleted", {"is_deleted": True}, {"is_deleted": False}),
    ("is_deleted", {"is_deleted": True}, {"is_deleted": None}),
    (("flag", 1), {"flag": 1}, {"flag": 0}),
    (("flag", 1, 2), {"flag": 2}, {"flag": None}),
    (("is_deleted", False), {"is_deleted": False}, {"is_deleted": True}),
    (("status", Status.DELETED), {"status": Status.DELETED}, {"status": Status.LIVE}),
    (("status", "DELETED"), {"status": Status.DELETED}, {"status": None}),
    (("state", "Deleted"), {"state": "deleted"}, {"state": "live"}),
]


@pytest.mark.parametrize(("deleted", "gone", "there"), DELETED, ids=[str(one[0]) + str(one[2]) for one in DELETED])
def test_a_deleted_row_does_not_exist(make: MakeWorld, deleted: Any, gone: Any, there: Any) -> None:
    world = make({"deleted": deleted})
    world.set(1, **gone)
    world.set(2, **there)
    assert world.seen_by(1) == [2, 3]
    world.set(1, **there)
    world.set(2, **gone)
    assert world.seen_by(1) == [1, 3]
    hosts = world.app.extensions["relationships"].hosts
    assert hosts.contact.same_for_all, "deleted= is the same for every viewer, so that statements are made once"


TENANTS: list[tuple[Any, Any]] = [
    ("organization_id", "organization_id"),
    ("organization", "organization"),
    ("organization", "organization_id"),
    ("number", "number"),
    ("number", "organization.number"),
    ("branch.organization_id", "organization_id"),
    ("branch.organization", "organization_id"),
    ("branch.organization.number", "number"),
]


@pytest.mark.parametrize(("contact", "user"), TENANTS, ids=["-".join(one) for one in TENANTS])
@pytest.mark.parametrize("loaded", [True, False])
def test_a_user_sees_the_rows_of_their_tenant(make: MakeWorld, contact: str, user: str, loaded: bool) -> None:
    options: dict[str, Any] = {}
    if loaded:
        options["current_user"] = lambda: world.db.session.get(world.User, int(request.headers["X-User"]))
    world = make({"tenant": contact}, {"tenant": user}, **options)
    assert [world.seen_by(one) for one in (1, 2, 1, 3)] == [[1], [2], [1], []]


@sqlite
@pytest.mark.parametrize("tenant", [lambda contact: contact.number, lambda contact: contact.number + 0])
def test_an_attribute_or_an_expression_is_a_tenant_too(make: MakeWorld, tenant: Any) -> None:
    world = make(lambda contact: {"tenant": tenant(contact)}, {"tenant": "number"})
    assert [world.seen_by(one) for one in (1, 2)] == [[1], [2]]


@sqlite
@pytest.mark.parametrize(
    "tenant",
    [
        lambda user: [None, 1, 2, None][user],
        lambda user: [None, "1", "2", None][user],
        lambda user: [None, 1, 2, True][user],
        lambda user: [None, 1, 2, "1 OR 1=1"][user],
        lambda user: [None, 1, 2, object()][user],
        lambda user: [None, 1, 2, []][user],
    ],
)
def test_a_callback_says_which_tenant_a_user_belongs_to(make: MakeWorld, tenant: Any) -> None:
    world = make({"tenant": "number"}, tenant=tenant)
    assert [world.seen_by(one) for one in (1, 2, 1, 3)] == [[1], [2], [1], []]


def test_the_text_of_a_token_is_a_uuid(make: MakeWorld) -> None:
    world = make({"tenant": "organization_id"}, tenant=lambda user: [None, *map(str, ORGANIZATIONS), "none"][user])
    assert [world.seen_by(one) for one in (1, 2, 3)] == [[1], [2], []]


@sqlite
def test_a_tenant_callback_that_raises_refuses(make: MakeWorld) -> None:
    world = make({"tenant": "number"}, tenant=lambda user: {1: 1}[user])
    client = world.app.test_client()
    answer = client.get(f"{PREFIX}/contacts/1/relationship", headers={"X-User": "2"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")
    assert world.seen_by(1) == [1]


@sqlite
def test_the_callback_is_called_once_in_a_request(make: MakeWorld) -> None:
    asked: list[int] = []

    def tenant(user: int) -> int:
        asked.append(user)
        return user

    world = make({"tenant": "number"}, {"tenant": "number"}, tenant=tenant)
    client = world.app.test_client()
    for user in (1, 2):
        asked.clear()
        client.get(f"{PREFIX}/relationship-actions", headers={"X-User": str(user)})
        assert asked == [user]


@sqlite
def test_the_hooks_run_in_their_order(make: MakeWorld) -> None:
    given: dict[str, str] = {}

    def present(select: Any) -> Any:
        given["present"] = str(select)
        return select.where(sa.literal("by present") != "x")

    def visible(select: Any, user: Any) -> Any:
        given["visible"] = str(select)
        return select

    world = make(
        {"present": present, "deleted": "deleted_at", "tenant": "number", "visible": visible}, {"tenant": "number"}
    )
    assert world.seen_by(1) == [1]
    assert "deleted_at IS NULL" not in given["present"]
    narrowed = given["visible"].partition("WHERE")[2]
    assert "deleted_at IS NULL" in narrowed
    assert narrowed.index("deleted_at IS NULL") < narrowed.index("number =")


@sqlite
def test_the_row_of_another_tenant_and_no_row_are_the_same_answer(make: MakeWorld) -> None:
    world = make({"tenant": "number"}, {"tenant": "number"})
    client = world.app.test_client()
    asked = [client.get(f"{PREFIX}/contacts/{one}/relationship", headers={"X-User": "1"}) for one in (2, 3, 999)]
    assert {(answer.status_code, answer.data) for answer in asked} == {(404, asked[-1].data)}


def test_start_up_fails_where_nothing_says_the_tenant_of_a_user() -> None:
    with pytest.raises(ConfigurationError) as raised:
        World("sqlite://", {"tenant": "number"})
    (mistake,) = raised.value.mistakes
    assert mistake.code == "tenant_of_user_missing"
    assert "UserMapping" in mistake.fix
    assert "tenant_callback" in mistake.fix


@sqlite
def test_the_tenant_of_one_request_is_not_that_of_the_next(make: MakeWorld) -> None:
    """Within one application context too, where Flask keeps ``g``: a token may name another tenant each time."""
    world = make({"tenant": "number"}, tenant=lambda _user: int(request.headers["X-Tenant"]))
    with world.app.app_context():
        client = world.app.test_client()
        answers = [
            client.get(f"{PREFIX}/contacts/1/relationship", headers={"X-User": "1", "X-Tenant": tenant}).status_code
            for tenant in ("1", "2", "1")
        ]
    assert answers == [200, 404, 200]
