"""A test client that holds every answer of the API to the rules of all answers and to the OpenAPI document."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

DOCUMENT = "urn:openapi"


class Document:
    """The OpenAPI document of one application, as its command prints it."""

    def __init__(self, app: Flask) -> None:
        settings = app.extensions["relationships"].settings
        self.prefix: str = settings.url_prefix
        printed = app.test_cli_runner().invoke(args=[settings.cli_name, "openapi"])
        assert printed.exit_code == 0, printed.output
        self.content: dict[str, Any] = json.loads(printed.stdout)
        closed = DRAFT202012.create_resource(_closed(self.content))
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, closed)
        self._paths = [(_pattern(path, self.prefix), path) for path in self.content["paths"]]

    def path_of(self, address: str) -> str | None:
        """The documented path that this address belongs to."""
        return next((path for pattern, path in self._paths if pattern.fullmatch(address)), None)

    @cache  # noqa: B019 (a document lives as long as its application)
    def validator(self, path: str, method: str, status: str, media_type: str) -> Draft202012Validator:
        """What checks the body of one documented answer. A KeyError names what is not documented."""
        operation = self.content["paths"][path][method]
        operation["responses"][status]["content"][media_type]["schema"]
        keys = ("paths", path, method, "responses", status, "content", media_type, "schema")
        pointer = "/".join(key.replace("~", "~0").replace("/", "~1") for key in keys)
        schema = {"$ref": f"{DOCUMENT}#/{pointer}"}
        return Draft202012Validator(schema, registry=self._registry, format_checker=FormatChecker())


def _closed(content: Any) -> Any:
    """The document with each object closed: what a client must bear, our own answers may not hold undocumented."""
    if isinstance(content, list):
        return [_closed(part) for part in content]
    if not isinstance(content, dict):
        return content
    closed = {name: _closed(part) for name, part in content.items()}
    is_object = closed.get("type") == "object" and isinstance(closed.get("properties"), dict)
    return {"additionalProperties": False, **closed} if is_object else closed


def _pattern(path: str, prefix: str) -> re.Pattern[str]:
    full = path if path.startswith(prefix) else prefix + path
    return re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(full)))


def document_of(app: Flask) -> Document:
    documents: dict[Flask, Document] = app.extensions.setdefault("relationships_test_documents", {})
    if app not in documents:
        documents[app] = Document(app)
    return documents[app]


class CheckedClient(FlaskClient):
    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, **options)
        document = document_of(self.application)
        if response.request.path.startswith(document.prefix + "/"):
            _check(document, response)
        return response


def _check(document: Document, response: TestResponse) -> None:
    path, method = document.path_of(response.request.path), response.request.method.lower()
    if path is None or method not in document.content["paths"][path]:
        return
    told = f"{response.request.method} {path} answered {response.status_code}"
    assert "no-store" in response.headers.get("Cache-Control", ""), f"{told} and may be cached"
    body: Any = response.get_json(silent=True, force=True)
    if response.status_code >= 400:
        assert response.mimetype == "application/problem+json", f"{told} as {response.mimetype}"
        assert {"type", "title", "status", "detail", "code"} <= body.keys(), f"{told} with the members {list(body)}"
        assert body["status"] == response.status_code, f"{told} and says {body['status']}"
    else:
        (produced,) = document.content["paths"][path][method]["responses"][str(response.status_code)]["content"]
        assert response.mimetype == produced, f"{told} as {response.mimetype}"
        body = body if produced == "application/json" else response.get_data(as_text=True)
    try:
        validator = document.validator(path, method, str(response.status_code), response.mimetype)
    except KeyError as error:
        raise AssertionError(f"{told}, which is not documented: no {error}") from None
    errors = [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(body)]
    assert not errors, f"{told} unlike its documentation: {errors[:3]}"
