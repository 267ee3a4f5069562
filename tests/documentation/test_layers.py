"""Every module of the package stands in one layer: `lint-imports` checks only those that pyproject.toml names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import flask_relationships

PACKAGE = Path(flask_relationships.__file__).parent
PYPROJECT = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())
MAX_ROOT_MODULES = 10


def contract(name: str) -> dict[str, object]:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    return next(one for one in contracts if one["name"] == name)


def module_names() -> list[str]:
    files = (path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py"))
    modules = [".".join(path.with_suffix("").parts) for path in files if path.name != "__init__.py"]
    return [name for name in modules if not name.startswith("flask_relationships.testing.")]


def test_every_module_is_in_a_layer() -> None:
    layers = contract("Layers")["layers"]
    assert isinstance(layers, list)
    named = {name for layer in layers for name in re.split(r"\s*[:|]\s*", layer.strip())}
    outside = [name for name in module_names() if not any(f"{name}.".startswith(f"{one}.") for one in named)]
    assert not outside, "add them to a layer in pyproject.toml"


def test_no_contract_allows_indirect_imports() -> None:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    assert not [one["name"] for one in contracts if one.get("allow_indirect_imports")]


def test_the_root_has_few_modules() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MAX_ROOT_MODULES
