"""Every public function of a context is called by the units."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import flask_relationships.domain
from flask_relationships.jobs import orphans

EXEMPT = {
    "flask_relationships.domain.feeds.digests.each": "asks the permission callback of the application for each user",
}
"""Functions that need an application, with the reason."""


def modules() -> Iterator[ModuleType]:
    package = flask_relationships.domain
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith(("views", ".schemas")):
            yield import_module(found.name)
    yield orphans


def functions_of_a_context() -> set[str]:
    """Return the public functions that take ``ctx``, by their full name."""
    return {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "ctx" in inspect.signature(function).parameters
    }


def called_names(tree: ast.Module) -> set[str]:
    """Return the full names of what the functions of a test module mention."""
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 0
        for alias in node.names
    }
    return {
        f"{imported[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported
    }


def test_each_function_of_a_context_is_called() -> None:
    sources = Path(__file__).parent.glob("test_*.py")
    called = set().union(*(called_names(ast.parse(source.read_text())) for source in sources))
    functions = functions_of_a_context()

    assert len(functions) > 150
    assert sorted(functions - called - EXEMPT.keys()) == []
    assert sorted(EXEMPT.keys() - functions) == []
    assert sorted(EXEMPT.keys() & called) == []
