"""Logging in, the address book, and deleting a contact."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template_string, request, session, url_for
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from .models import Contact, User, db, known_to

blueprint = Blueprint("switchboard", __name__)

LOGIN = """<form method="post"><input name="given_name"><input name="password" type="password">
<button>Log in</button></form>"""
CONTACTS = """{% for contact in contacts %}<form method="post" action="{{ url_for('.delete', id=contact.id) }}">
{{ contact.first_name }} {{ contact.last_name }} {{ contact.companies | map(attribute="name") | join(", ") }}
<button>Delete</button></form>{% endfor %}"""


@blueprint.route("/login", methods=["GET", "POST"])
def log_in() -> str | Response:
    if request.method == "GET":
        return LOGIN
    user = db.session.scalar(sa.select(User).where(User.given_name == request.form["given_name"]))
    if user is None or not check_password_hash(user.password_hash, request.form["password"]):
        abort(403)
    session["user_id"] = user.id
    return redirect(url_for(".contacts"))


@blueprint.get("/")
def contacts() -> str | Response:
    if "user_id" not in session:
        return redirect(url_for(".log_in"))
    found = db.session.scalars(known_to(sa.select(Contact), session["user_id"]).order_by(Contact.last_name))
    return render_template_string(CONTACTS, contacts=found.all())


@blueprint.post("/contacts/<int:id>/delete")
def delete(id: int) -> Response:
    contact = db.session.get(Contact, id)
    if contact is None or contact.owner_id != session.get("user_id"):
        abort(404)
    db.session.delete(contact)
    db.session.commit()
    return redirect(url_for(".contacts"))
