"""The table of log messages, from the calls of loggers in the package's source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flask_relationships
from docs.generated.markdown import table

PACKAGE = Path(flask_relationships.__file__).parent
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


OF_THE_APPLICATION = "app.logger"
"""How the table names the logger of the application."""


def log_messages() -> str:
    """Return every message with its logger and its level, by logger."""
    return table(("Logger", "Level", "Message"), ((f"`{name}`", level, text) for name, level, text in every_message()))


def every_message() -> Iterator[tuple[str, str, str]]:
    """Logger, level and message of each call whose message is written in place. Tests and fakes are left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "testing" not in parts:
            for name, level, text in _calls(ast.parse(path.read_text())):
                yield name or ".".join(parts), level, text


def _calls(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = ast.unparse(node.func.value)
            if owner in ("logger", "current_app.logger", "app.logger") and isinstance(node.args[0], ast.Constant):
                text = str(node.args[0].value)
                shown = "a report of the run, or a configuration error" if text == "%s" else _code(text)
                yield "" if owner == "logger" else OF_THE_APPLICATION, node.func.attr, shown


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"
