"""How the tests of the smaller hosts speak to the API and count its statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

API = "/api/relationships"


def ask(client: FlaskClient, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
    """The JSON of an answer that has this status."""
    answer = client.open(API + path, method=method, json=body, **options)
    assert answer.status_code == status, answer.text
    return answer.get_json()


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Those that reach the database of the plugin's tables meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    state = app.extensions["relationships"]
    with app.app_context():
        engine = state.session.get_bind(mapper=state.models.mapper)
    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)
