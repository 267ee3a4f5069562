"""Logging in, the list of contacts, and deleting one."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template_string, request, url_for
from flask_login import LoginManager, current_user, login_required, login_user
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from .models import Contact, User, db, known_to

blueprint = Blueprint("harbour", __name__)
login_manager = LoginManager()
login_manager.login_view = "harbour.log_in"

LOGIN = """<form method="post"><input name="email" type="email"><input name="password" type="password">
<button>Log in</button></form>"""
CONTACTS = """{% for contact in contacts %}<form method="post" action="{{ url_for('harbour.delete', id=contact.id) }}">
{{ contact.first_name }} {{ contact.last_name }} <button>Delete</button></form>{% endfor %}"""


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(user_id: str) -> User | None:
    return db.session.get(User, uuid.UUID(user_id))


@blueprint.route("/login", methods=["GET", "POST"])
def log_in() -> str | Response:
    if request.method == "GET":
        return LOGIN
    user = db.session.scalar(sa.select(User).where(User.email == request.form["email"]))
    if user is None or not check_password_hash(user.password_hash, request.form["password"]):
        abort(403)
    login_user(user)
    return redirect(url_for("harbour.contacts"))


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]
def contacts() -> str:
    found = db.session.scalars(known_to(sa.select(Contact), current_user).order_by(Contact.last_name))
    return render_template_string(CONTACTS, contacts=found.all())


@blueprint.post("/contacts/<uuid:id>/delete")
@login_required  # type: ignore[untyped-decorator]
def delete(id: uuid.UUID) -> Response:
    contact = db.session.scalar(known_to(sa.select(Contact), current_user).where(Contact.id == id))
    if contact is None:
        abort(404)
    db.session.delete(contact)
    db.session.commit()
    return redirect(url_for("harbour.contacts"))
