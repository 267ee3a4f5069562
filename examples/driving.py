"""How the tests of the smaller hosts speak to the API."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

API = "/api/relationships"


def ask(client: FlaskClient, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
    """The JSON of an answer that has this status."""
    answer = client.open(API + path, method=method, json=body, **options)
    assert answer.status_code == status, answer.text
    return answer.get_json()
