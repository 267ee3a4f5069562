from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.databases import Databases


@pytest.fixture
def engine(database: str, databases: Databases) -> Iterator[sa.Engine]:
    """An empty database, and empty again afterwards, whatever was made in it."""
    made = sa.create_engine(databases.url(database, "styles"))
    yield made
    made.dispose()
    empty = sa.create_engine(made.url, poolclass=sa.NullPool)
    left = sa.MetaData()
    left.reflect(empty)
    left.drop_all(empty)
