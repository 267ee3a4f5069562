"""The table of log messages, from the calls of loggers in the package's source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flask_relationships
from docs.generated.markdown import table

PACKAGE = Path(flask_relationships.__file__).parent
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


def log_messages() -> str:
    """Return every message with its logger and its level, by logger."""
    return table(("Logger", "Level", "Message"), ((f"`{name}`", level, text) for name, level, text in every_message()))


def every_message() -> Iterator[tuple[str, str, str]]:
    """Logger, level and message of each call whose message is written in place. Tests and fakes are left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "testing" not in parts:
            for level, text in _calls(ast.parse(path.read_text())):
                yield ".".join(parts), level, text


def _calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            named = isinstance(node.func.value, ast.Name) and node.func.value.id == "logger"
            if named and node.args and isinstance(node.args[0], ast.Constant):
                text = str(node.args[0].value)
                yield node.func.attr, "the report of the run" if text == "%s" else f"`{text}`"
