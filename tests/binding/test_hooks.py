"""What the host's hooks and fields may get wrong, and what they may do in their own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import StaticPool

from flask_relationships import ActionScope, ConfigurationError, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport
from tests.hosts.host import PREFIX, Caller

Make = Callable[..., Caller]


@pytest.fixture
def make() -> Make:
    """An application with two users and one contact, who has two badges and is looked after by user 2."""

    class Base(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)

    class User(db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        gone: Mapped[bool] = mapped_column(default=False)

    class Contact(db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
        badges: Mapped[list[Badge]] = relationship()

        def shout(self) -> str:
            return self.name.upper()

        def greet(self, greeting: str) -> str:
            return f"{greeting} {self.name}"

    class Badge(db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contact.id"))

    def made(contact: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> Caller:
        relationships = Relationships(
            db=db,
            contact=ContactMapping(Contact, **{"email": None, "phone": None, "company": None, **(contact or {})}),
            user=UserMapping(User, **(user or {})),
            transport=MemoryTransport(),
            permission=lambda *_: True,
            current_user=lambda: 1,
            action_scope=lambda _: ActionScope.everyone(),
        )
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": StaticPool}
        db.init_app(app)
        relationships.init_app(app)
        with app.app_context():
            db.create_all()
            db.session.add_all([User(id=1, name="Asker"), User(id=2, name="Gone", gone=True)])
            db.session.add(Contact(id=1, name="Ada Lovelace", owner_id=2, badges=[Badge(), Badge()]))
            db.session.commit()
        return Caller(app.test_client(), prefix=PREFIX)

    made.badge, made.user = Badge, User  # type: ignore[attr-defined]
    return made


ACTION = {"title": "Call", "action_type": "call"}


def test_a_hook_that_joins_finds_a_row_once(make: Any) -> None:
    caller = make(contact={"visible": lambda select, _user: select.join(make.badge)})
    caller.post("/contacts/1/relationship-actions", ACTION)
    assert len(caller.get("/relationship-actions")["actions"]) == 1


def test_a_hook_may_join_at_one_time_and_not_at_another(make: Any) -> None:
    joins: list[bool] = []
    hook = lambda select, _user: select.join(make.badge) if joins.pop() else select  # noqa: E731
    caller = make(contact={"visible": hook})
    joins += [False] * 20
    caller.post("/contacts/1/relationship-actions", ACTION)
    for join in (False, True, False, True):
        joins += [join] * 20
        assert len(caller.get("/relationship-actions")["actions"]) == 1, join


@pytest.mark.parametrize("visible", [lambda _select, _user: None, lambda select, user: select[user]])
def test_a_visible_that_fails_is_a_refusal(make: Make, visible: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = make(contact={"visible": visible}).get("/contacts/1/messages", 403)
    assert answer["code"] == "forbidden"
    assert "the contact mapping's visible" in caplog.text


@pytest.mark.parametrize("present", [lambda _select: None, lambda select: select.nothing])
def test_a_present_that_fails_is_refused_at_start_up(make: Make, present: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make(user={"present": present})
    assert [mistake.code for mistake in raised.value.mistakes] == ["hook_failed"]


def test_a_method_is_called(make: Make) -> None:
    caller = make(contact={"name": "shout"})
    assert caller.post("/contacts/1/relationship-actions", ACTION)["action"]["first_name"] == "ADA"


def test_a_method_that_needs_arguments_is_refused(make: Make) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make(contact={"name": "greet"})
    assert [mistake.code for mistake in raised.value.mistakes] == ["method_needs_arguments"]


@pytest.mark.parametrize("hidden", [True, False])
def test_an_owner_who_is_gone_gets_no_actions(make: Any, hidden: bool) -> None:
    user = {"present": lambda select: select.where(make.user.gone.is_(False))} if hidden else {}
    caller = make(contact={"owner": "owner_id"}, user=user)
    caller.post("/contacts/1/life-events", {"event_type": "visit", "title": "Visit"})
    (action,) = caller.get("/relationship-actions")["actions"]
    assert action["assigned_to_user_id"] == ("1" if hidden else "2")
