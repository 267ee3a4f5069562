"""APIFlask: views whose input and output are decorated with marshmallow schemas."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask, abort
from flask_login import current_user, login_required, login_user

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


def make_app(url: str) -> APIFlask:
    app = APIFlask(__name__)
    app.config.update(SECRET_KEY="for measuring", SQLALCHEMY_DATABASE_URI=url)
    db.init_app(app)
    queries.login_manager.init_app(app)

    @app.post("/login/<int:user_id>")
    def log_in(user_id: int) -> Any:
        login_user(db.get_or_404(Person, user_id))
        return "", 204

    @app.get("/contacts/<int:contact_id>/relationship")
    @app.output(ProfileAnswerSchema)
    @login_required
    def profile(contact_id: int) -> Any:
        found = queries.profile_of(contact_id)
        if found is None:
            abort(404)
        return {"profile": found, "twilio_connected": False}

    @app.get("/contacts/<int:contact_id>/messages")
    @app.input(PageSchema, location="query")
    @app.output(MessagesAnswerSchema)
    @login_required
    def messages(contact_id: int, query_data: dict[str, Any]) -> Any:
        rows, cursor = queries.messages_of(db.get_or_404(Contact, contact_id).id, **query_data)
        return {"messages": rows, "next_cursor": cursor}

    @app.get("/relationship-actions")
    @app.input(ActionQuerySchema, location="query")
    @app.output(ActionsAnswerSchema)
    @login_required
    def actions(query_data: dict[str, Any]) -> Any:
        rows, cursor = queries.actions_for(current_user, **query_data)
        return {"actions": rows, "next_cursor": cursor}

    @app.get("/clients/<int:company_id>/relationship-summary")
    @app.output(SummaryAnswerSchema)
    @login_required
    def summary(company_id: int) -> Any:
        found = queries.summary_of(company_id)
        if found is None:
            abort(404)
        return found

    @app.post("/contacts/<int:contact_id>/life-events")
    @app.input(NewEventSchema)
    @app.output(EventAnswerSchema, status_code=201)
    @login_required
    def add_event(contact_id: int, json_data: dict[str, Any]) -> Any:
        return {"event": queries.add_event(db.get_or_404(Contact, contact_id), json_data, current_user)}

    return app
