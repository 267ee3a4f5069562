"""The page "REST by example" is what an application really answers, to Flask's client, to curl and to node."""

from __future__ import annotations

import re
from shutil import which

import pytest

from flask_relationships.testing.contract.specification import SEED_ROUTES
from tests.documentation.rest_examples import PAGE, STEPS, application, by_client, by_curl, by_node, page, served


def test_the_page_is_what_is_answered() -> None:
    """If it is not: ``python -m tests.documentation.rest_examples``."""
    with application() as app:
        assert PAGE.read_text() == page(by_client(app))


@pytest.mark.slow
@pytest.mark.parametrize(("program", "by"), [("curl", by_curl), ("node", by_node)])
def test_the_commands_of_the_page_get_these_answers(program: str, by: object) -> None:
    if which(program) is None:
        pytest.skip(f"{program} is not installed")
    with application() as app, served(app) as address:
        assert PAGE.read_text() == page(by(address))  # type: ignore[operator]


def test_every_route_of_the_specification_has_an_example() -> None:
    shown = sorted((step.method, _shape(step.path), step.permission, step.status) for step in STEPS)
    assert shown == sorted((route.method, _shape(route.path), route.permission, route.status) for route in SEED_ROUTES)


def _shape(path: str) -> str:
    return re.sub(r"/(\d+|{\w+})", "/*", path.split("?")[0])
