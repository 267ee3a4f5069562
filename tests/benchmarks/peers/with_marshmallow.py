"""Flask, Flask-SQLAlchemy and marshmallow: what most teams would write."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, jsonify, request
from flask_login import current_user, login_required, login_user

from . import queries
from .models import Contact, Person, db
from .schemas import (
    ActionQuerySchema,
    ActionSchema,
    EventSchema,
    MessageSchema,
    NewEventSchema,
    PageSchema,
    ProfileSchema,
    SummaryAnswerSchema,
)

profile_schema, event_schema, new_event_schema = ProfileSchema(), EventSchema(), NewEventSchema()
actions_schema, messages_schema = ActionSchema(many=True), MessageSchema(many=True)
summary_schema, action_query_schema, page_schema = SummaryAnswerSchema(), ActionQuerySchema(), PageSchema()


def make_app(url: str) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for measuring", SQLALCHEMY_DATABASE_URI=url)
    db.init_app(app)
    queries.login_manager.init_app(app)

    @app.post("/login/<int:user_id>")
    def log_in(user_id: int) -> Any:
        login_user(db.get_or_404(Person, user_id))
        return "", 204

    @app.get("/contacts/<int:contact_id>/relationship")
    @login_required  # type: ignore[untyped-decorator]
    def profile(contact_id: int) -> Any:
        found = queries.profile_of(contact_id)
        if found is None:
            abort(404)
        return jsonify(profile=profile_schema.dump(found), twilio_connected=False)

    @app.get("/contacts/<int:contact_id>/messages")
    @login_required  # type: ignore[untyped-decorator]
    def messages(contact_id: int) -> Any:
        contact = db.get_or_404(Contact, contact_id)
        rows, cursor = queries.messages_of(contact.id, **page_schema.load(request.args))
        return jsonify(messages=messages_schema.dump(rows), next_cursor=cursor)

    @app.get("/relationship-actions")
    @login_required  # type: ignore[untyped-decorator]
    def actions() -> Any:
        rows, cursor = queries.actions_for(current_user, **action_query_schema.load(request.args))
        return jsonify(actions=actions_schema.dump(rows), next_cursor=cursor)

    @app.get("/clients/<int:company_id>/relationship-summary")
    @login_required  # type: ignore[untyped-decorator]
    def summary(company_id: int) -> Any:
        found = queries.summary_of(company_id)
        if found is None:
            abort(404)
        return jsonify(summary_schema.dump(found))

    @app.post("/contacts/<int:contact_id>/life-events")
    @login_required  # type: ignore[untyped-decorator]
    def add_event(contact_id: int) -> Any:
        values = new_event_schema.load(request.get_json())
        event = queries.add_event(db.get_or_404(Contact, contact_id), values, current_user)
        return jsonify(event=event_schema.dump(event)), 201

    return app
