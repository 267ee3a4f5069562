"""SQLAlchemy's private names: each does what `db.private_names` says of it."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.exc import InvalidRequestError

import flask_relationships
from flask_relationships.db import private_names

PACKAGE = Path(flask_relationships.__file__).parent


class Base(orm.DeclarativeBase):
    pass


class Shelf(Base):
    __tablename__ = "shelf"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    books: orm.Mapped[list[Book]] = orm.relationship(order_by=lambda: Book.title)


class Book(Base):
    __tablename__ = "book"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    shelf_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("shelf.id"))
    title: orm.Mapped[str]
    text: orm.Mapped[str] = orm.mapped_column(deferred=True)


@pytest.fixture
def session() -> Iterator[orm.Session]:
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add(Book(id=1, title="Emma", text="..."))
        session.commit()
        yield session
    engine.dispose()


def test_statements_of_one_form_have_one_cache_key() -> None:
    def key(title: str) -> Any:
        return private_names.find_cache_key(sa.select(Book).where(Book.title == title))

    assert key("Emma") is not None
    assert key("Emma") == key("Persuasion")
    assert key("Emma") != private_names.find_cache_key(sa.select(Book).where(Book.id == 1))
    assert hash(key("Emma")) == hash(key("Persuasion"))


def test_the_written_values_of_an_update_are_found() -> None:
    found = private_names.find_written_values(sa.update(Book).values(title="Persuasion"))
    assert {column.key: value.value for column, value in found.items()} == {"title": "Persuasion"}
    assert not private_names.find_written_values(sa.update(Book))


def test_core_executes_the_copy_of_a_select(session: orm.Session) -> None:
    statement = sa.select(Book.title).where(Book.id == 1)
    statements: list[orm.ORMExecuteState] = []
    event.listen(session, "do_orm_execute", statements.append)
    assert session.execute(statement).all() == [("Emma",)]
    seen_by_orm = [state.is_orm_statement for state in statements]
    statements.clear()
    assert session.execute(private_names.copy_as_core_select(statement)).all() == [("Emma",)]
    assert (seen_by_orm, [state.is_orm_statement for state in statements]) == ([True], [False])


def test_the_copy_does_not_keep_the_select() -> None:
    statement = sa.select(Book.title)
    copy, original = private_names.copy_as_core_select(statement), weakref.ref(statement)
    del statement
    gc.collect()
    assert original() is None
    assert "book" in str(copy)


def test_the_listeners_of_a_session_and_its_class_are_found(session: orm.Session) -> None:
    class Own(orm.Session):
        pass

    def of_class(state: orm.ORMExecuteState) -> None: ...

    def of_session(state: orm.ORMExecuteState) -> None: ...

    event.listen(Own, "do_orm_execute", of_class)
    own = Own(session.get_bind())
    event.listen(own, "do_orm_execute", of_session)
    names = {listener.__name__ for listener in private_names.find_execute_listeners(own)}
    assert {"of_class", "of_session"} <= names
    assert "of_session" not in {one.__name__ for one in private_names.find_execute_listeners(session)}


def test_the_object_whose_column_is_loaded_is_found(session: orm.Session) -> None:
    found: list[Any] = []
    event.listen(session, "do_orm_execute", lambda state: found.append(private_names.find_refreshed_state(state)))
    book = session.scalars(sa.select(Book)).one()
    assert book.text == "..."
    assert [None if state is None else state.obj() for state in found] == [None, book]


def test_columns_of_a_table_are_replaced_by_those_of_an_alias() -> None:
    alias = orm.aliased(Book, name="other")
    (order,) = sa.inspect(Shelf).relationships["books"].order_by or ()
    assert str(private_names.replace_table(order, sa.inspect(alias).selectable)) == "other.title"


def test_a_relationship_to_a_model_that_is_not_imported_is_found() -> None:
    class Unfinished(orm.DeclarativeBase):
        pass

    class Room(Unfinished):
        __tablename__ = "room"
        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        house = orm.relationship("House")

    found = private_names.find_declared_relationship(Room.house)
    assert found is not None
    assert found.argument == "House"
    assert private_names.find_declared_relationship(Room.id) is None
    with pytest.raises(InvalidRequestError):
        orm.configure_mappers()
    Unfinished.registry.dispose()


PRIVATE = re.compile(
    r"\._(?:generate_cache_key|clone|propagate_attrs)\b|(?<!self)\._values\b|\"_(?:refresh_state|is_clone_of)\"|\.dispatch\.do_"
    r"|comparator\"|import (?:ClauseAdapter|immutabledict)"
)


def test_no_other_module_uses_them() -> None:
    users = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if PRIVATE.search(path.read_text())}
    assert users == {"db/private_names.py"}
