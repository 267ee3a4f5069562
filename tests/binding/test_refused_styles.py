"""What cannot be bound is refused at start-up, with its reason and the way round it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from flask_relationships import ConfigurationError, ContactMapping, Relationships, UserMapping
from tests.hosts.made import yes


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Contact(Base):
    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Address(Base):
    __tablename__ = "addresses"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey(Contact.id))
    town: Mapped[str]


class Placed(Base):
    """Mapped to two tables at once."""

    __table__ = sa.join(Contact.__table__, Address.__table__)
    id = sa.orm.column_property(Contact.__table__.c.id, Address.__table__.c.contact_id)
    address_id = Address.__table__.c.id
    __mapper_args__ = {"primary_key": [Contact.__table__.c.id]}


counted = sa.select(Contact.__table__.c.id, sa.func.count().label("many")).group_by(Contact.__table__.c.id).subquery()


class Counted(Base):
    """Mapped to a query."""

    __table__ = counted
    __mapper_args__ = {"primary_key": [counted.c.id]}


class Pair(Base):
    __tablename__ = "pairs"
    one: Mapped[int] = mapped_column(primary_key=True)
    other: Mapped[int] = mapped_column(primary_key=True)


class Abstract(Base):
    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)


class Waiting(DeclarativeBase):
    pass


class Later(DeferredReflection, Waiting):
    __tablename__ = "later"


class Plain:
    pass


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        (Placed, "model_without_table", "mapped to a join"),
        (Counted, "model_without_table", "mapped to a subquery"),
        (Pair, "composite_primary_key", "one, other"),
        (Abstract, "model_not_mapped", "Abstract"),
        (Later, "model_not_mapped", "prepare"),
        (Plain, "model_not_mapped", "Plain"),
        (Contact.__table__, "model_not_mapped", "Table"),
        (registry(), "model_not_mapped", "registry"),
    ],
)
def test_a_model(model: Any, code: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as error:
        Relationships(contact=ContactMapping(model), user=UserMapping(User))
    assert [mistake.code for mistake in error.value.mistakes] == [code]
    assert error.value.mistakes[0].fix


@pytest.mark.parametrize(
    ("session", "code"),
    [
        (async_sessionmaker(), "session_asynchronous"),
        (async_scoped_session(async_sessionmaker(), scopefunc=lambda: 1), "session_asynchronous"),
        (AsyncSession(), "session_asynchronous"),
        (Session(), "session_not_callable"),
        ("session", "session_not_callable"),
    ],
    ids=["async_sessionmaker", "async_scoped_session", "AsyncSession", "Session", "text"],
)
def test_a_session(session: Any, code: str) -> None:
    relationships = Relationships(session=session, contact=ContactMapping(Contact), user=UserMapping(User))
    with pytest.raises(ConfigurationError, match="session") as error:
        relationships.init_app(Flask(__name__))
    assert [mistake.code for mistake in error.value.mistakes] == [code]


def test_a_db_without_a_session() -> None:
    engine = sa.create_engine("sqlite://")
    with pytest.raises(ConfigurationError, match="Engine, which has no session"):
        Relationships(Flask(__name__), engine, contact=ContactMapping(Contact), user=UserMapping(User))


def test_a_callable_that_turns_out_to_be_asynchronous(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody can see that before the first request: the caller learns nothing of it, and the log how to mend it."""
    app = Flask(__name__)
    Relationships(
        app,
        session=lambda: AsyncSession(),  # type: ignore[arg-type,return-value]
        contact=ContactMapping(Contact),
        user=UserMapping(User),
        permission=yes,
        current_user=lambda: 1,
    )
    answer = app.test_client().get("/api/relationships/action-centre")
    assert answer.status_code == 500
    assert "AsyncSession" not in answer.get_data(as_text=True)
    assert "session_asynchronous" in caplog.text


def test_models_that_are_mapped_after_the_start() -> None:
    """A class of the host's that waits for its prepare() stands in nobody's way: its mappers are read later."""

    class Other(DeclarativeBase):
        pass

    class Account(Other):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Person(Other):
        __tablename__ = "contacts"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Waiting(DeferredReflection, Other):
        __tablename__ = "waiting"

    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    app, session = Flask(__name__), Session(engine)
    Relationships(
        app,
        session=lambda: session,
        contact=ContactMapping(Person),
        user=UserMapping(Account),
        permission=yes,
        current_user=lambda: 1,
    )
    session.execute(sa.text("CREATE TABLE waiting (id INTEGER PRIMARY KEY)"))
    Waiting.prepare(session.connection())
    Other.metadata.create_all(session.connection())
    session.add_all([Account(name="Grace Hopper"), Person(name="Ada Lovelace")])
    assert app.test_client().get("/api/relationships/contacts/1/relationship").status_code == 200
    session.close()
    engine.dispose()
