"""The CRM's own pages, one blueprint each. All of them are for people who are logged in."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, render_template, url_for
from werkzeug.exceptions import HTTPException

from ..clock import today
from . import companies, contacts, start, tasks, team


def init_app(app: Flask) -> None:
    for module in (start, contacts, companies, tasks, team):
        app.register_blueprint(module.blueprint)
    app.add_template_filter(civil_date)
    app.add_template_filter(kind)
    app.context_processor(shared_values)
    app.register_error_handler(HTTPException, error_page)


def civil_date(value: date) -> str:
    """``23 Nov``, with its year where that is another than this one."""
    return f"{value.day} {value:%b}" if value.year == today().year else f"{value.day} {value:%b %Y}"


def kind(action_type: str) -> str:
    """The type of an action, as people write it."""
    return {"whatsapp": "WhatsApp", "linkedin": "LinkedIn", "sms": "SMS"}.get(action_type, action_type)


def shared_values() -> dict[str, Any]:
    return {"today": today(), "contact_url": f"{url_for('contacts.index')}{{id}}"}


def error_page(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return render_template("error.html", error=error), error.code
