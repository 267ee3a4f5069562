"""Ready pages and routes: what they extend, and what takes their place."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader

from tests.check.conftest import MakeSmall

TEMPLATES = {
    "acme.html": "{% extends 'root.html' %}{% block side %}{% endblock %}",
    "root.html": "{% block title %}{% endblock %}{% block main %}{% block side %}{% endblock %}{% endblock %}",
    "chosen.html": "{% extends layout %}",
    "broken.html": "{% extends 'gone.html' %}",
}


@pytest.mark.parametrize(
    ("template", "block", "wrong", "words"),
    [
        ("acme.html", "main", set(), "fill the block main of acme.html"),
        ("acme.html", "content", {"base_block_missing"}, "has no block content. It has main, side, title."),
        ("chosen.html", "content", set(), "chosen.html"),
        ("acme.htm", "main", {"base_template_missing"}, "The template acme.htm, which"),
        ("broken.html", "main", {"base_template_missing"}, "The template gone.html, which"),
    ],
)
def test_the_base_template_and_its_block(
    make: MakeSmall, template: str, block: str, wrong: set[str], words: str
) -> None:
    small = make(config={"RELATIONSHIPS_BASE_TEMPLATE": template, "RELATIONSHIPS_BASE_BLOCK": block})
    small.app.jinja_loader = DictLoader(TEMPLATES)
    assert small.create_tables().with_rows().wrong() == wrong
    assert words in small.found(next(iter(wrong), "ready_pages"))["message"]


def test_the_template_that_comes_with_the_package(make: MakeSmall) -> None:
    assert "fill the block content" in make().create_tables().with_rows().found("ready_pages")["message"]


def test_a_jinja_global_of_the_same_name(make: MakeSmall) -> None:
    small = make()
    small.app.jinja_env.globals["relationships"] = 1
    assert small.create_tables().with_rows().wrong() == {"template_name_taken"}
    other = make(config={"RELATIONSHIPS_TEMPLATE_NAME": "people_tool"})
    other.app.jinja_env.globals["relationships"] = 1
    assert other.create_tables().with_rows().wrong() == set()


def test_a_context_processor_of_the_same_name(make: MakeSmall) -> None:
    small = make()
    small.app.context_processor(lambda: {"relationships": []})
    assert small.create_tables().with_rows().wrong() == {"template_name_taken"}


@pytest.mark.parametrize("path", ["/relationships/", "/api/relationships/openapi.json", "/relationships/contacts/<id>"])
def test_a_route_of_the_application_at_an_address_of_ours(make: MakeSmall, path: str) -> None:
    small = make(routes=(path,)).create_tables()
    assert small.wrong() == {"route_taken"}
    assert " of the application matches /" in small.found("route_taken")["message"]


def test_a_route_of_the_application_that_only_looks_alike(make: MakeSmall) -> None:
    small = make(routes=("/relationships-of-ours", "/api/relationship", "/<page>")).create_tables()
    assert small.wrong() == set()
