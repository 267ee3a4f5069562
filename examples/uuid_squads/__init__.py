"""Harbour, the CRM of an agency that works in squads.

It has UUID keys, roles, Flask-Login, and its tables come from Flask-Migrate::

    flask --app examples.uuid_squads db upgrade
    flask --app examples.uuid_squads seed
    flask --app examples.uuid_squads run

A consultant and a manager know the contacts of their own squad, heads and executives all of them. The first of the two
migrations is as old as the CRM; the second was written by ``flask db migrate`` when flask-relationships moved in.
`examples.uuid_squads.relationships` is all it took.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate

from .models import db
from .pages import blueprint, login_manager
from .relationships import relationships
from .sample import seed_command

migrate = Migrate(db=db, directory=Path(__file__).with_name("migrations"))


def create_app(database_url: str = "sqlite:///uuid_squads.sqlite", **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="change me",
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=database_url,
        RELATIONSHIPS_TIMEZONE="Europe/Lisbon",
        RELATIONSHIPS_DEFAULT_REGION="PT",
    )
    app.config.update(config)
    db.init_app(app)
    migrate.init_app(app)
    login_manager.init_app(app)
    relationships.init_app(app)
    app.register_blueprint(blueprint)
    app.cli.add_command(seed_command)
    with app.app_context():
        sa.event.listen(db.engine, "connect", enforce_foreign_keys)
    return app


def enforce_foreign_keys(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys = ON")
