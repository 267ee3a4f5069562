"""Switchboard, an address book in which people work for many companies and answer many phones.

::

    flask --app examples.many_companies seed
    flask --app examples.many_companies run

The companies of a contact are in a table between the two, their phones in a table of their own, and of two e-mail
addresses the one from work comes first. A private contact is its owner's secret, a company that was closed is history.
Who is logged in is a number in the session. The address book has had its own list of clients for years, and
`examples.many_companies.relationships` names it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from .models import db
from .pages import blueprint
from .relationships import relationships
from .sample import seed_command


def create_app(database_url: str = "sqlite:///many_companies.sqlite", **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="change me",
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=database_url,
        RELATIONSHIPS_TIMEZONE="Europe/Berlin",
        RELATIONSHIPS_DEFAULT_REGION="DE",
    )
    app.config.update(config)
    relationships.init_app(app)
    db.init_app(app)
    app.register_blueprint(blueprint)
    app.cli.add_command(seed_command)
    return app
