"""The factory of an application behind a proxy, as the deployment checklist shows it."""

# mypy: disable-error-code="method-assign"
# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.documentation.plain_sqlalchemy import relationships


# start: factory
def create_app() -> Flask:
    app = Flask(__name__)
    app.config.from_prefixed_env()  # FLASK_X becomes the key X
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    relationships.init_app(app)
    return app


# end: factory
