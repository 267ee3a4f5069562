"""The parts of the pages that are made from the package while Sphinx builds.

A page asks for one with a line of its own, ``<!-- generated: configuration -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from docs.generated.check_results import check_results
from docs.generated.configuration import configuration
from docs.generated.configuration_errors import configuration_errors, logged_errors
from docs.generated.data_model import data_model, diagram
from docs.generated.log_messages import log_messages
from docs.generated.operations import objects, operations
from docs.generated.problems import problems
from docs.generated.signals import signals
from docs.generated.templates import templates
from docs.generated.theme import shadow_parts, theme

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

PARTS: dict[str, Callable[[], str]] = {
    "check_results": check_results,
    "configuration": configuration,
    "configuration_errors": configuration_errors,
    "data_model": data_model,
    "diagram": diagram,
    "log_messages": log_messages,
    "logged_errors": logged_errors,
    "objects": objects,
    "operations": operations,
    "problems": problems,
    "signals": signals,
    "shadow_parts": shadow_parts,
    "templates": templates,
    "theme": theme,
}

_MARKER = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def fill(text: str) -> str:
    """The Markdown of a page with its parts in their places. An unknown part is a KeyError."""
    return _MARKER.sub(lambda marker: PARTS[marker[1]](), text)


def _on_source_read(app: Sphinx, page: str, content: list[str]) -> None:
    del app, page
    content[0] = fill(content[0])


def _on_doctree_read(app: Sphinx, tree: nodes.document) -> None:
    """Remove the blank lines at the end of included code."""
    from docutils import nodes  # which the tests of the package do not need

    del app
    for block in tree.findall(nodes.literal_block):
        text = block.astext().rstrip("\n")
        block.rawsource = text
        block.children = [nodes.Text(text)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", _on_source_read)
    app.connect("doctree-read", _on_doctree_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
