"""A host limited by Flask-Limiter: its limits hold for the tool, and are told in our shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask_limiter import Limiter

from tests.binding.peopled import PeopledHost
from tests.documentation.limits import limit_relationships

PROFILE = "/api/relationships/contacts/1/relationship"

Build = Callable[..., Flask]


@pytest.fixture
def build() -> Iterator[Build]:
    built: list[PeopledHost] = []

    def build(when: str, limiter: Limiter, **config: Any) -> Flask:
        host = PeopledHost(RATELIMIT_STORAGE_URI="memory://", **config)
        built.append(host.build(*((limiter.init_app, None) if when == "before" else (None, limiter.init_app))))
        return host.app

    yield build
    for host in built:
        host.close()


def somebody() -> str:
    return request.remote_addr or ""


@pytest.mark.parametrize("when", ["before", "after"])
def test_default_limits(build: Build, when: str) -> None:
    limiter = Limiter(somebody, default_limits=["2 per hour"], headers_enabled=True)
    client = build(when, limiter).test_client()
    for _ in range(2):
        assert client.get(PROFILE).status_code == 200
    answer = client.get(PROFILE)
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert answer.get_json()["code"] == "too_many_requests"
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert client.get("/api/relationships/action-centre").status_code == 200, "each route counts by itself"


def test_limits_of_the_application(build: Build) -> None:
    """Those that all routes share."""
    limiter = Limiter(somebody, application_limits=["1 per hour"])
    client = build("before", limiter).test_client()
    assert client.get(PROFILE).status_code == 200
    assert client.get("/api/relationships/action-centre").get_json()["code"] == "too_many_requests"


def test_a_limit_of_the_tool_alone(build: Build) -> None:
    limiter = Limiter(somebody)

    def limit_ours(app: Flask) -> None:
        limiter.init_app(app)
        limit_relationships(app, limiter)

    host = PeopledHost(RATELIMIT_STORAGE_URI="memory://")
    host.app.add_url_rule("/", view_func=lambda: "a page")
    client = host.build(after=limit_ours).app.test_client()
    assert [client.get(PROFILE).status_code for _ in range(101)] == [200] * 100 + [429]
    assert client.get(PROFILE).get_json()["code"] == "too_many_requests"
    assert [client.get("/").status_code for _ in range(101)] == [200] * 101
    host.close()
