from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.databases import Databases


@pytest.fixture
def engine(database: str, databases: Databases) -> Iterator[sa.Engine]:
    """An empty database, and empty again afterwards, whatever was left in it."""
    made = sa.create_engine(databases.url(database, "migrations"), poolclass=sa.NullPool)
    yield made
    left = sa.MetaData()
    left.reflect(made)
    left.drop_all(made)


@pytest.fixture
def loggers() -> Iterator[None]:
    """The ``env.py`` of Flask-Migrate configures logging for a process of its own, and silences everybody else."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    enabled = {
        name for name, logger in logging.root.manager.loggerDict.items() if not getattr(logger, "disabled", True)
    }
    yield
    for name in enabled:
        logging.getLogger(name).disabled = False
    root.setLevel(before[0])
    root.handlers[:] = before[1]
