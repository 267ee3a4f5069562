"""flask-smorest: blueprints of method views, with arguments and answers declared by marshmallow schemas."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.views import MethodView
from flask_login import current_user, login_required, login_user
from flask_smorest import Api, Blueprint, abort

from . import queries
from .models import Contact, Person, db
from .schemas import (
    ActionQuerySchema,
    ActionsAnswerSchema,
    EventAnswerSchema,
    MessagesAnswerSchema,
    NewEventSchema,
    PageSchema,
    ProfileAnswerSchema,
    SummaryAnswerSchema,
)

blueprint = Blueprint("relationships", __name__, description="Relationships")


@blueprint.route("/contacts/<int:contact_id>/relationship")
class Profiles(MethodView):
    @blueprint.response(200, ProfileAnswerSchema)
    @login_required
    def get(self, contact_id: int) -> Any:
        found = queries.profile_of(contact_id)
        if found is None:
            abort(404)
        return {"profile": found, "twilio_connected": False}


@blueprint.route("/contacts/<int:contact_id>/messages")
class Messages(MethodView):
    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, MessagesAnswerSchema)
    @login_required
    def get(self, page: dict[str, Any], contact_id: int) -> Any:
        rows, cursor = queries.messages_of(db.get_or_404(Contact, contact_id).id, **page)
        return {"messages": rows, "next_cursor": cursor}


@blueprint.route("/relationship-actions")
class Actions(MethodView):
    @blueprint.arguments(ActionQuerySchema, location="query")
    @blueprint.response(200, ActionsAnswerSchema)
    @login_required
    def get(self, asked: dict[str, Any]) -> Any:
        rows, cursor = queries.actions_for(current_user, **asked)
        return {"actions": rows, "next_cursor": cursor}


@blueprint.route("/clients/<int:company_id>/relationship-summary")
class Summaries(MethodView):
    @blueprint.response(200, SummaryAnswerSchema)
    @login_required
    def get(self, company_id: int) -> Any:
        found = queries.summary_of(company_id)
        if found is None:
            abort(404)
        return found


@blueprint.route("/contacts/<int:contact_id>/life-events")
class LifeEvents(MethodView):
    @blueprint.arguments(NewEventSchema)
    @blueprint.response(201, EventAnswerSchema)
    @login_required
    def post(self, values: dict[str, Any], contact_id: int) -> Any:
        return {"event": queries.add_event(db.get_or_404(Contact, contact_id), values, current_user)}


def make_app(url: str) -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="for measuring",
        SQLALCHEMY_DATABASE_URI=url,
        API_TITLE="Relationships",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
    )
    db.init_app(app)
    queries.login_manager.init_app(app)
    Api(app).register_blueprint(blueprint)

    @app.post("/login/<int:user_id>")
    def log_in(user_id: int) -> Any:
        login_user(db.get_or_404(Person, user_id))
        return "", 204

    return app
