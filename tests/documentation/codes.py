"""The codes that stand in the package's source, for tests that hold the documentation to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import flask_relationships

PACKAGE = Path(flask_relationships.__file__).parent


def codes_given_to(*names: str, place: int = 0, under: str = "**/*.py") -> set[str]:
    """The texts that calls of these names are given as their argument at ``place``."""
    return {
        argument.value
        for call in _nodes(under)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names
        for argument in call.args[place : place + 1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def words_of_fields() -> set[str]:
    """The codes of the errors that a field of its own accord can find."""
    return {
        str(key.value)
        for pattern in ("api/fields.py", "domain/*/schemas.py")
        for node in _nodes(pattern)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict)
        if any(isinstance(target, ast.Name) and target.id in ("words", "_words") for target in _targets(node))
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    }


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _nodes(under: str) -> Iterator[ast.AST]:
    for path in sorted(PACKAGE.glob(under)):
        yield from ast.walk(ast.parse(path.read_text()))


def names_of_fields(document: Mapping[str, Any]) -> set[str]:
    """The names of all members of the objects in an OpenAPI document."""
    schemas = document["components"]["schemas"].values()
    return {name for schema in schemas for name in schema.get("properties", {})}
