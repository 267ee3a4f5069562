"""Fixtures of the units: one database in memory for each process, whose rows are deleted after each test."""

from __future__ import annotations

from collections.abc import Iterator

import flask
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from .office import Base, Office, make_context, make_engine, make_session


@pytest.fixture(autouse=True)
def no_application() -> Iterator[None]:
    """Check that no Flask application is current, before and after each unit."""
    assert not flask.has_app_context()
    yield
    assert not flask.has_app_context()


@pytest.fixture(scope="session")
def engine() -> Iterator[sa.Engine]:
    engine = make_engine()
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    session = make_session(engine)
    yield session
    session.close()
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(sa.delete(table))


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session, make_context(session))
