"""Ledger, the back end of a single-page CRM that many tenants share. Who asks is what a JSON Web Token says.

::

    flask --app examples.jwt_tenants seed
    flask --app examples.jwt_tenants run
    curl -H "Content-Type: application/json" -d '{"email": "ruth@north.example", "password": "ledger"}' \
        http://127.0.0.1:5000/login

A person has one column for the whole name, and the company they work for is text. Everything belongs to a tenant, which
the token names. Deleted people stay in the table, marked, until ``flask purge``. Flask-Login is neither used nor
imported. The extensions are made before the models, so `examples.jwt_tenants.extensions` gives those as text.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from .api import blueprint
from .commands import purge, seed_command
from .extensions import db, jwt, relationships


def create_app(database_url: str = "sqlite:///jwt_tenants.sqlite", **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=database_url,
        JWT_SECRET_KEY="change me, and let it be of thirty-two bytes or more",
        RELATIONSHIPS_TIMEZONE="America/Toronto",
        RELATIONSHIPS_DEFAULT_REGION="CA",
    )
    app.config.update(config)
    db.init_app(app)
    jwt.init_app(app)
    relationships.init_app(app)
    app.register_blueprint(blueprint)
    app.cli.add_command(seed_command)
    app.cli.add_command(purge)
    return app
