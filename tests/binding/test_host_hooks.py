"""What a host hooks into each of its requests, and how it answers errors: neither is in the other's way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, abort, make_response, redirect, request
from flask_login import LoginManager
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as BaseResponse

from tests.binding.peopled import PeopledHost

API = "/api/relationships"
PROFILE = f"{API}/contacts/1/relationship"

Build = Callable[..., Flask]


@pytest.fixture(params=["before", "after"])
def build(request: pytest.FixtureRequest) -> Iterator[Build]:
    """Build a host whose hooks are registered before or after the tool."""
    built: list[PeopledHost] = []

    def build(hooks: Callable[[Flask], None], **options: Any) -> Flask:
        host = PeopledHost(SECRET_KEY="for tests")
        host.app.add_url_rule("/page", view_func=lambda: "a page")
        built.append(host.build(*((hooks, None) if request.param == "before" else (None, hooks)), **options))
        return host.app

    yield build
    for host in built:
        host.close()


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.get_json()["code"]


def test_a_host_that_redirects_every_error(build: Build) -> None:
    def hooks(app: Flask) -> None:
        for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503):
            app.register_error_handler(status, lambda _error: redirect("/"))

    client = build(hooks).test_client()
    assert problem(client.get(f"{API}/contacts/2/relationship")) == (404, "not_found")
    assert problem(client.get(f"{API}/nothing")) == (404, "not_found")
    assert problem(client.delete(PROFILE)) == (405, "method_not_allowed")
    assert problem(client.patch(PROFILE, data="{}")) == (415, "unsupported_content_type")
    assert problem(client.patch(PROFILE, json={"birthday": "never"})) == (422, "validation_failed")
    assert client.get("/nothing").status_code == 302
    assert client.post("/page").status_code == 302


@pytest.mark.parametrize("kind", [Exception, HTTPException])
def test_a_host_that_catches_everything(build: Build, kind: type[Exception]) -> None:
    def hooks(app: Flask) -> None:
        app.register_error_handler(kind, lambda _error: ("a page of the host's", 200))

    client = build(hooks).test_client()
    assert problem(client.get(f"{API}/contacts/2/relationship")) == (404, "not_found")
    assert problem(client.patch(PROFILE, data="{}")) == (415, "unsupported_content_type")
    assert problem(client.put(f"{API}/relationship-actions")) == (405, "method_not_allowed")
    assert client.get("/nothing").text == "a page of the host's"


def test_a_hook_that_breaks_while_errors_are_caught(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    def hooks(app: Flask) -> None:
        app.register_error_handler(Exception, lambda _error: ("a page of the host's", 200))

        @app.before_request
        def broken() -> None:
            raise RuntimeError("secret")

    client = build(hooks).test_client()
    with caplog.at_level(logging.ERROR):
        assert problem(client.get(PROFILE)) == (500, "internal_error")
    assert "secret" not in caplog.text
    assert client.get("/page").text == "a page of the host's"


def test_nobody_is_logged_in_at_a_host_with_a_log_in_page(build: Build) -> None:
    """An API answers 401, whatever the host's pages do."""

    def hooks(app: Flask) -> None:
        manager = LoginManager(app)
        manager.login_view = "log_in"
        manager.user_loader(lambda _id: None)
        manager.unauthorized_handler(lambda: redirect("/log-in"))
        app.register_error_handler(Unauthorized, lambda _error: redirect("/log-in"))

    client = build(hooks, current_user=None).test_client()
    assert problem(client.get(PROFILE)) == (401, "not_authenticated")
    assert problem(client.get(f"{API}/nothing")) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("status", "code"), [(400, "http_400"), (401, "http_401"), (403, "http_403"), (404, "not_found"), (503, "http_503")]
)
def test_a_before_request_that_aborts(build: Build, status: int, code: str) -> None:
    def hooks(app: Flask) -> None:
        @app.before_request
        def closed() -> None:
            abort(status, description="Closed on Sundays.")

    client = build(hooks).test_client()
    assert problem(client.get(PROFILE)) == (status, code)
    assert client.get("/page").mimetype == "text/html"


def test_a_before_request_that_answers(build: Build) -> None:
    """A redirect, or whatever else the host says, is left as it is: by return and by abort."""

    def hooks(app: Flask) -> None:
        @app.before_request
        def moved() -> BaseResponse | None:
            if "returned" in request.args:
                return redirect("/elsewhere", 307)
            if "raised" in request.args:
                abort(make_response("the host's own words", 418))
            return None

    client = build(hooks).test_client()
    answer = client.get(f"{PROFILE}?returned=1")
    assert (answer.status_code, answer.location) == (307, "/elsewhere")
    answer = client.get(f"{PROFILE}?raised=1")
    assert (answer.status_code, answer.text) == (418, "the host's own words")
    assert client.get(PROFILE).status_code == 200


def test_an_after_request_sees_every_answer(build: Build) -> None:
    seen: list[int] = []

    def hooks(app: Flask) -> None:
        @app.after_request
        def look(response: Response) -> Response:
            seen.append(response.status_code)
            response.headers["X-Host"] = "was here"
            return response

    client = build(hooks).test_client()
    answers = [client.get(PROFILE), client.get(f"{API}/nothing"), client.patch(PROFILE, data="{}")]
    assert seen == [200, 404, 415]
    assert {answer.headers["X-Host"] for answer in answers} == {"was here"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert "Cache-Control" not in client.get("/page").headers
