"""Check the template that the pages extend, and that no route or template name of the application replaces ours."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

from flask import current_app
from jinja2 import TemplateNotFound, nodes
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from ..api.application import state
from .check_run import CheckRun
from .results import CheckResult, Kind

PAGE = "interface.md#built-in-pages"

PAGES = Kind("ready_pages", "ok", "The template that the pages extend, and its block.", PAGE)
TEMPLATE_MISSING = Kind(
    "base_template_missing",
    "error",
    "The template named by RELATIONSHIPS_BASE_TEMPLATE was not found. Every page fails.",
    PAGE,
    "Set RELATIONSHIPS_BASE_TEMPLATE to one of your templates, or remove it.",
)
BLOCK_MISSING = Kind(
    "base_block_missing",
    "error",
    "The base template lacks the block named by RELATIONSHIPS_BASE_BLOCK. The pages would be empty.",
    PAGE,
    "Set RELATIONSHIPS_BASE_BLOCK to the block that holds a page, or add that block to the template.",
)
NAME_TAKEN = Kind(
    "template_name_taken",
    "error",
    "The application's templates use the name of our helpers for something else. One hides the other.",
    PAGE,
    "Set RELATIONSHIPS_TEMPLATE_NAME to a name that your templates do not use.",
)
ROUTE_TAKEN = Kind(
    "route_taken",
    "error",
    "A route of the application matches one of our addresses.",
    PAGE,
    "Set RELATIONSHIPS_URL_PREFIX or RELATIONSHIPS_UI_PREFIX to a prefix that none of your routes has.",
)

SAMPLE_KEYS = ("1", "a-1")
"""Values for the variable parts of a route, for converters of numbers and of text."""


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check the routes and, if the interface is enabled, its template and the name of its helpers."""
    del run
    taken = {found for rule in current_app.url_map.iter_rules() for found in _other_endpoints(rule)}
    for rule_text, endpoint in sorted(taken):
        yield ROUTE_TAKEN.result(f"The endpoint {endpoint} of the application matches {rule_text}.")
    if state.settings.ui_enabled:
        yield _template()
        yield from _name()


def _template() -> CheckResult:
    name, block = state.settings.base_template, state.settings.base_block
    try:
        blocks = _blocks(name)
    except TemplateNotFound as error:
        return TEMPLATE_MISSING.result(f"The template {error.name}, which the pages extend ({name}), was not found.")
    if blocks is not None and block not in blocks:
        existing = ", ".join(sorted(blocks)) or "no blocks"
        return BLOCK_MISSING.result(f"{name} has no block {block}. It has {existing}.")
    return PAGES.result(f"The pages fill the block {block} of {name}.")


def _blocks(name: str) -> set[str] | None:
    """Return the blocks of a template and of those that it extends; None if one is chosen at run time.

    :raises TemplateNotFound: if one of them does not exist.
    """
    environment, blocks = current_app.jinja_env, set[str]()
    following: str | None = name
    while following is not None:
        assert environment.loader is not None  # noqa: S101 (Flask sets one)
        source, _, _ = environment.loader.get_source(environment, following)
        parsed = environment.parse(source)
        blocks |= {block.name for block in parsed.find_all(nodes.Block)}
        extends = parsed.find(nodes.Extends)
        if extends is not None and not isinstance(extends.template, nodes.Const):
            return None
        following = None if extends is None else str(extends.template.value)  # type: ignore[attr-defined]
    return blocks


def _name() -> Iterator[CheckResult]:
    """Report globals and context processors of the application that use the name of our helpers."""
    name = state.settings.template_name
    if name in current_app.jinja_env.globals:
        yield NAME_TAKEN.result(f"A Jinja global of the application is named {name}. Our helpers hide it.")
        return
    for processor in current_app.template_context_processors[None]:
        values: Any = {}
        with contextlib.suppress(Exception):  # a processor of the host may need a real request
            values = processor()
        if name in values and not type(values[name]).__module__.startswith("flask_relationships."):
            words = f"A context processor of the application returns {name} too. One hides the other."
            yield NAME_TAKEN.result(words)


def _other_endpoints(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the endpoints of the application that werkzeug prefers at the addresses of a rule of ours."""
    if not _is_ours(rule.endpoint) or rule.endpoint.endswith(".unrouted"):
        return
    adapter = current_app.create_url_adapter(None) or current_app.url_map.bind("localhost")
    methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    for method, key in itertools.product(methods, SAMPLE_KEYS):
        with contextlib.suppress(HTTPException):
            endpoint, _ = adapter.match(_address(rule, key), method=method)
            if not _is_ours(endpoint):
                yield rule.rule, endpoint


def _is_ours(endpoint: str) -> bool:
    name = state.settings.blueprint_name
    return endpoint.partition(".")[0] in (name, f"{name}_ui", f"{name}_webhooks", f"{name}_calendars")


def _address(rule: Rule, key: str) -> str:
    """Return an address that the rule matches, with this key for its variable parts."""
    parts = [key if is_dynamic else text for is_dynamic, text in rule._trace]
    return "".join(parts).partition("|")[2] or "/"
