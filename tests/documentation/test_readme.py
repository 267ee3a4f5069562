"""The README: its quickstart is the tested one, its commands are those of the project, its table is true."""

from __future__ import annotations

import re
from pathlib import Path

from examples import minimal
from flask_relationships.testing.contract.specification import ROUTES
from tests.documentation.test_pages import fences, shape

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

COMMANDS = (
    "python -m venv .venv && .venv/bin/pip install -e '.[demo]' && .venv/bin/flask --app examples.crm run",
    "python -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
)


def test_the_quickstart_is_the_tested_one() -> None:
    text = Path(minimal.__file__).read_text()
    tested = text.split("# start: quickstart\n")[1].split("# end: quickstart")[0].strip()
    assert [code.strip() for language, code in fences(README) if language == "python"] == [tested]


def test_the_two_commands() -> None:
    assert tuple(code.strip() for language, code in fences(README) if language == "console") == COMMANDS


def test_the_routes_and_their_permissions() -> None:
    found = re.findall(r"^\| `(\w+) (\S+)` \| (\w+) \| .+ \|$", README.read_text(), re.MULTILINE)
    assert {(method, shape(path), permission) for method, path, permission in found} == {
        (route.method, shape(route.path), route.permission) for route in ROUTES
    }
    assert len(found) == len(ROUTES)


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", README.read_text())
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []
