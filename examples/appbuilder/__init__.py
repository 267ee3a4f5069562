"""Rolodex, a Flask-AppBuilder application: its users, roles and base class of models are the framework's.

::

    flask --app examples.appbuilder seed
    flask --app examples.appbuilder run

Flask-AppBuilder's models stand on a declarative base of its own, beside the one of Flask-SQLAlchemy, and it makes the
tables of that base itself when the application starts, ours among them. Its roles say who may do what with the
relationships tool, as with any of its views: ``can_view``, ``can_update`` and ``can_manage`` on ``Relationships``.
The work of its users is in a list of tasks; actions are among them.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder

from .models import db
from .relationships import relationships
from .sample import seed_command
from .views import CompanyView, ContactView, TaskView


def create_app(database_url: str = "sqlite:///appbuilder.sqlite", **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(
        APP_NAME="Rolodex",
        SECRET_KEY="change me",
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=database_url,
        FAB_ROLES={
            "Admin": [[".*", ".*"]],
            "Consultant": [["Relationships", "can_(view|update)"], ["ContactView|Contacts|Rolodex", ".*"]],
        },
        RELATIONSHIPS_TIMEZONE="Australia/Hobart",
        RELATIONSHIPS_DEFAULT_REGION="AU",
    )
    app.config.update(config)
    db.init_app(app)
    relationships.init_app(app)
    app.cli.add_command(seed_command)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session)
        appbuilder.add_view(ContactView, "Contacts", category="Rolodex")
        appbuilder.add_view(CompanyView, "Companies", category="Rolodex")
        appbuilder.add_view(TaskView, "Tasks", category="Rolodex")
    return app
