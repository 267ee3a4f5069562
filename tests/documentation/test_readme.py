"""The README: its code is the tested one, its commands are those of the project, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from examples import minimal
from tests.documentation.test_pages import fences

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

MOST_LINES = 90
"""About one screen and a half."""

COMMANDS = (
    "pip install /path/to/the/checkout",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[demo]' && .venv/bin/flask --app examples.crm run",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
)


def test_it_fits_one_screen_and_a_half() -> None:
    assert len(README.read_text().splitlines()) <= MOST_LINES


def test_its_code_is_that_of_the_quickstart() -> None:
    text = Path(minimal.__file__).read_text()
    binding = text.split("# start: binding\n")[1].split("# end: binding")[0].strip()
    assert "    relationships.init_app(app)\n" in text
    (shown,) = (code for language, code in fences(README) if language == "python")
    assert shown.strip() == f"{binding}\n\n\nrelationships.init_app(app)"
    assert len([line for line in shown.splitlines() if line]) <= 12


def test_the_commands() -> None:
    assert tuple(code.strip() for language, code in fences(README) if language == "console") == COMMANDS


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", README.read_text())
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []
