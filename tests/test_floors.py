"""The lower bounds in pyproject.toml are those that CI installs exactly, so that each of them has been tried."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PINS = {
    canonicalize_name(requirement.name): next(iter(requirement.specifier)).version
    for line in (ROOT / ".ci" / "oldest.txt").read_text().splitlines()
    if line and not line.startswith("#") and (requirement := Requirement(line))
}
USERS_EXTRAS = ("speed", "celery", "calendar", "docs-ui", "demo")


def lower_bounds() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in USERS_EXTRAS for line in project["optional-dependencies"][extra]),
    ]
    found = {}
    for requirement in map(Requirement, lines):
        bounds = [bound.version for bound in requirement.specifier if bound.operator == ">="]
        if bounds:
            found[canonicalize_name(requirement.name)] = bounds[0]
    return found


def test_every_lower_bound_is_pinned_exactly() -> None:
    assert {name: pin for name, pin in PINS.items() if name != "werkzeug"} == lower_bounds()


@pytest.mark.skipif(version("flask") != PINS["flask"], reason="the newest libraries are installed here")
def test_the_oldest_libraries_are_those_that_are_pinned() -> None:
    assert {name: version(name) for name in PINS} == PINS
    assert sys.version_info[:2] == (3, 11)
