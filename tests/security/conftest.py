from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.hosts.made import Made
from tests.security.asking import MODELS, Make


@pytest.fixture
def make() -> Iterator[Make]:
    """An application with one user, whose key is given, and who is told by this callback."""
    made: list[Made] = []

    def build(kind: str, key: Any, who: Callable[[], Any] | None, **options: Any) -> Made:
        secrets = {"SECRET_KEY": "for tests", "JWT_SECRET_KEY": "a key of at least thirty-two bytes"}
        one = Made(options.pop("models", MODELS[kind]), current_user=who, config=secrets, **options).create_tables()
        made.append(one)
        one.add(one.models.User, id=key, name="Grace Hopper")
        return one

    yield build
    for one in made:
        one.close()
