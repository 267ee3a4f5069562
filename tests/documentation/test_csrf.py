"""A host with CSRF protection, and callers who bring tokens."""

from __future__ import annotations

from flask import Flask

from tests.documentation.conftest import MakeHost
from tests.documentation.csrf import csrf, exempt_relationships

PROFILE = "/api/relationships/contacts/1/relationship"


def status(app: Flask) -> int:
    return app.test_client().patch(PROFILE, json={"preferred_name": "Sam"}).status_code


def test_the_views_are_exempt(make_host: MakeHost) -> None:
    app = make_host()
    csrf.init_app(app)
    assert status(app) == 400
    exempt_relationships(app)
    assert status(app) == 200
