"""A host protected by Flask-WTF: its pages bring a token, and what comes without one is told in our shape."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from flask_relationships.api.openapi import document
from tests.binding.peopled import PeopledHost

PROFILE = "/api/relationships/contacts/1/relationship"


@pytest.fixture(params=["before", "after"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Protection is initialised before or after the tool."""
    made = PeopledHost(SECRET_KEY="for tests")
    csrf = CSRFProtect()
    made.build(*((csrf.init_app, None) if request.param == "before" else (None, csrf.init_app)))

    @made.app.get("/token")
    def token() -> str:
        return generate_csrf()

    @made.app.errorhandler(CSRFError)
    def redirect_to_the_form(_error: CSRFError) -> tuple[str, int]:
        return "a page of the host's", 302

    @made.app.post("/form")
    def form() -> str:
        return "saved"

    yield made.app
    made.close()


def test_without_a_token(app: Flask) -> None:
    answer = app.test_client().patch(PROFILE, json={"preferred_name": "Ada"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json()["code"] == "http_400"


def test_with_the_token_of_the_page(app: Flask) -> None:
    client = app.test_client()
    headers = {"X-CSRFToken": client.get("/token").text}
    assert client.patch(PROFILE, json={"preferred_name": "Ada"}, headers=headers).status_code == 200
    bad = client.patch(PROFILE, json={"preferred_name": "Bo"}, headers={"X-CSRFToken": "forged"})
    assert (bad.status_code, bad.get_json()["code"]) == (400, "http_400")
    assert bad.get_json()["detail"].endswith("Send the token in the header X-CSRFToken.")
    assert client.get(PROFILE).get_json()["profile"]["preferred_name"] == "Ada"


def test_the_host_s_own_forms_are_as_they_were(app: Flask) -> None:
    answer = app.test_client().post("/form")
    assert (answer.status_code, answer.text) == (302, "a page of the host's")


def test_the_document_has_the_answer_to_a_request_without_a_token(app: Flask) -> None:
    with app.app_context():
        paths = document(app)["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            content = operation["responses"].get("400", {}).get("content", {}).get("application/problem+json")
            codes = () if content is None else content["schema"]["properties"]["code"]["enum"]
            assert ("http_400" in codes) == (method != "get"), (method, path)
