"""Larkfield CRM: a small customer relationship manager with flask-relationships built in.

``flask --app examples.crm run`` makes its SQLite file with sample data and says where to click;
``flask --app examples.crm tour`` drives every route of the relationships tool over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from . import auth, cli, database, pages, security
from .clock import TIMEZONE
from .extensions import csrf, db, login_manager
from .relationships import relationships


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the CRM. ``config`` wins over ``CRM_*`` environment variables, and both over the defaults here."""
    app = Flask(__name__)
    app.config.from_mapping(
        DATABASE=Path(app.instance_path) / "crm.sqlite",
        DEMO_ACCOUNTS=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        RELATIONSHIPS_TIMEZONE=TIMEZONE,
        RELATIONSHIPS_DEFAULT_REGION="GB",
        RELATIONSHIPS_BIRTHDAY_EVENTS=True,
    )
    app.config.from_prefixed_env("CRM")
    app.config.update(config or {})

    security.init_app(app)
    database.init_app(app, db)
    login_manager.init_app(app)
    csrf.init_app(app)
    relationships.init_app(app)

    app.register_blueprint(auth.blueprint)
    pages.init_app(app)
    cli.init_app(app)
    return app
