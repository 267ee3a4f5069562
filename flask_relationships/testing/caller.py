"""A client of the API of an application under test."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Caller:
    """A test client of a user.

    :param client: the test client of Flask, logged in as the user.
    :param id: id of the user; ``""`` for an anonymous user.
    :param name: name of the user.
    :param prefix: path of the API.
    """

    def __init__(self, client: FlaskClient, id: str = "", name: str = "", *, prefix: str) -> None:
        self.client, self.id, self.name, self.prefix = client, id, name, prefix

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """Send a request and return the response.

        :param body: sent as JSON unless None.
        :param options: those of the test client.
        """
        if body is not None:
            options["json"] = body
        elif method == "POST" and options.keys().isdisjoint(("data", "input_stream", "content_type")):
            options["content_type"] = "application/json"
        return self.client.open(self.prefix + path, method=method, **options)

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """Return the JSON of a GET. Fail if the status differs."""
        return self._read(self.ask("GET", path, query_string=query), status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        """Return the JSON of a POST. Fail if the status differs."""
        return self._read(self.ask("POST", path, body), status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        """Return the JSON of a PATCH. Fail if the status differs."""
        return self._read(self.ask("PATCH", path, body), status)

    def put(self, path: str, status: int = 200) -> Any:
        """Return the JSON of a PUT without a body. Fail if the status differs."""
        return self._read(self.ask("PUT", path), status)

    def delete(self, path: str, status: int = 200) -> Any:
        """Return the JSON of a DELETE. Fail if the status differs."""
        return self._read(self.ask("DELETE", path), status)

    def _read(self, response: TestResponse, status: int) -> Any:
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()
