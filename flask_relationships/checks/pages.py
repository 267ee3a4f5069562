"""The ready pages and the routes: what they extend, and whether something of the application's takes their place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from flask import current_app
from jinja2 import TemplateNotFound, nodes
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from ..api.application import state
from .examination import Examination
from .findings import Finding, Kind

PAGE = "interface.md#built-in-pages"

PAGES = Kind("ready_pages", "ok", "The template that ready pages extend, and its block.", PAGE)
TEMPLATE_MISSING = Kind(
    "base_template_missing",
    "error",
    "RELATIONSHIPS_BASE_TEMPLATE names a template that is not there: every ready page is an error.",
    PAGE,
    "Set RELATIONSHIPS_BASE_TEMPLATE to a template of yours, or remove it.",
)
BLOCK_MISSING = Kind(
    "base_block_missing",
    "error",
    "The base template has no block of the name that RELATIONSHIPS_BASE_BLOCK says: ready pages would be empty.",
    PAGE,
    "Set RELATIONSHIPS_BASE_BLOCK to the block that holds a page, or write that block into the template.",
)
NAME_TAKEN = Kind(
    "template_name_taken",
    "error",
    "The application's templates have something else by the name of our helpers, and one hides the other.",
    PAGE,
    "Set RELATIONSHIPS_TEMPLATE_NAME to a name that your templates do not use.",
)
ROUTE_TAKEN = Kind(
    "route_taken",
    "error",
    "A route of the application answers at an address of ours.",
    PAGE,
    "Set RELATIONSHIPS_URL_PREFIX or RELATIONSHIPS_UI_PREFIX to a prefix that no route of yours has.",
)


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    yield from _routes()
    if state.settings.ui_enabled:
        yield from _template()
        yield from _name()


def _template() -> Iterator[Finding]:
    name, block = state.settings.base_template, state.settings.base_block
    try:
        blocks = _blocks(name)
    except TemplateNotFound as error:
        yield TEMPLATE_MISSING.found(f"There is no template {error.name}, which ready pages extend ({name}).")
        return
    if blocks is not None and block not in blocks:
        yield BLOCK_MISSING.found(f"{name} has no block {block}. It has {', '.join(sorted(blocks)) or 'no blocks'}.")
    else:
        yield PAGES.found(f"Ready pages stand in the block {block} of {name}.")


def _blocks(name: str) -> set[str] | None:
    """Return the blocks of a template and of those that it extends; None where one is chosen at run time.

    :raises TemplateNotFound: where one of them is not there.
    """
    environment, found = current_app.jinja_env, set[str]()
    following: str | None = name
    while following is not None:
        assert environment.loader is not None  # noqa: S101 (Flask sets one)
        source, _, _ = environment.loader.get_source(environment, following)
        parsed = environment.parse(source)
        found |= {block.name for block in parsed.find_all(nodes.Block)}
        extended = parsed.find(nodes.Extends)
        if extended is not None and not isinstance(extended.template, nodes.Const):
            return None
        following = None if extended is None else str(extended.template.value)  # type: ignore[attr-defined]
    return found


def _name() -> Iterator[Finding]:
    name = state.settings.template_name
    if name in current_app.jinja_env.globals:
        yield NAME_TAKEN.found(f"A Jinja global of the application is named {name}, and our helpers hide it.")
        return
    for process in current_app.template_context_processors[None]:
        given: Any = {}
        with contextlib.suppress(Exception):  # a processor of the host's may need a real request
            given = process()
        if name in given and type(given[name]).__module__.partition(".")[0] != "flask_relationships":
            yield NAME_TAKEN.found(f"A context processor of the application gives {name} too: one hides the other.")


def _routes() -> Iterator[Finding]:
    """Routes of the application that werkzeug prefers at an address of ours."""
    own = f"{state.settings.blueprint_name}"
    adapter = current_app.create_url_adapter(None) or current_app.url_map.bind("localhost")
    taken = set()
    for rule in current_app.url_map.iter_rules():
        if not _is_ours(rule.endpoint, own) or rule.endpoint.endswith(".unrouted"):
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            for sample in ("1", "a-1"):
                try:
                    found = adapter.match(_address(rule, sample), method=method)[0]
                except HTTPException:
                    continue
                if not _is_ours(found, own):
                    taken.add((rule.rule, found))
    for rule_text, endpoint in sorted(taken):
        yield ROUTE_TAKEN.found(f"The endpoint {endpoint} of the application answers at {rule_text}.")


def _is_ours(endpoint: str, name: str) -> bool:
    return endpoint.partition(".")[0] in (name, f"{name}_ui", f"{name}_webhooks", f"{name}_calendars")


def _address(rule: Rule, sample: str) -> str:
    """An address that the rule matches."""
    parts = [sample if is_dynamic else text for is_dynamic, text in rule._trace]
    return "".join(parts).partition("|")[2] or "/"
