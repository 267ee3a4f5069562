"""The list of contacts with its search, one contact, and editing or archiving it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.wrappers import Response

from ..extensions import db
from ..models import Contact, Organisation, User

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")

ROWS_PER_PAGE = 40
FIELDS = {"given_name": 80, "family_name": 80, "job_title": 120, "email": 254, "mobile": 40}
"""What the form edits, with the most characters each may have."""


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]  # flask-login has no types
def index() -> str:
    words = request.args.get("q", "").split()
    mine = request.args.get("mine") == "1"
    rows = (
        Contact.current()
        .outerjoin(Contact.organisation)
        .options(contains_eager(Contact.organisation), joinedload(Contact.owner))
        .order_by(Contact.family_name, Contact.given_name, Contact.id)
    )
    searched = (Contact.given_name, Contact.family_name, Contact.email, Contact.job_title, Organisation.title)
    for word in words:
        rows = rows.where(sa.or_(*(column.icontains(word, autoescape=True) for column in searched)))
    if mine:
        rows = rows.where(Contact.owner_id == current_user.id)
    found = db.paginate(rows, per_page=ROWS_PER_PAGE, max_per_page=ROWS_PER_PAGE, error_out=False)
    return render_template("contacts.html", found=found, q=" ".join(words), mine=mine)


@blueprint.get("/<int:contact_id>")
@login_required  # type: ignore[untyped-decorator]
def page(contact_id: int) -> str:
    return render_template("contact.html", contact=contact_or_404(contact_id))


@blueprint.get("/<int:contact_id>/edit")
@login_required  # type: ignore[untyped-decorator]
def edit(contact_id: int) -> str:
    require("update")
    contact = contact_or_404(contact_id)
    values = {name: getattr(contact, name) or "" for name in FIELDS}
    return form_page(contact, values | {"owner_id": str(contact.owner_id or "")}, {})


@blueprint.post("/<int:contact_id>/edit")
@login_required  # type: ignore[untyped-decorator]
def save(contact_id: int) -> Response | tuple[str, int]:
    require("update")
    contact = contact_or_404(contact_id)
    values = {name: request.form.get(name, "").strip() for name in (*FIELDS, "owner_id")}
    owners = {str(user.id): user for user in everyone()}
    errors = {name: f"At most {most} characters." for name, most in FIELDS.items() if len(values[name]) > most}
    errors |= {name: "This field is required." for name in ("given_name", "family_name") if not values[name]}
    if "@" not in values["email"]:
        errors["email"] = "An e-mail address has an @ in it."
    if values["owner_id"] and values["owner_id"] not in owners:
        errors["owner_id"] = "Choose somebody from the list."
    if errors:
        return form_page(contact, values, errors), 422
    for name in FIELDS:
        setattr(contact, name, values[name])
    contact.mobile = values["mobile"] or None
    contact.owner = owners.get(values["owner_id"])
    db.session.commit()
    flash("The details are saved.")
    return redirect(url_for("contacts.page", contact_id=contact.id))


@blueprint.post("/<int:contact_id>/archive")
@login_required  # type: ignore[untyped-decorator]
def archive(contact_id: int) -> Response:
    require("manage")
    contact = contact_or_404(contact_id)
    contact.archived_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    db.session.commit()
    flash(f"{contact.full_name} is archived.")
    return redirect(url_for("contacts.index"))


def form_page(contact: Contact, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template("contact_form.html", contact=contact, values=values, errors=errors, owners=everyone())


def contact_or_404(contact_id: int) -> Contact:
    contact: Contact | None = db.session.scalar(
        Contact.current()
        .where(Contact.id == contact_id)
        .options(joinedload(Contact.organisation), joinedload(Contact.owner))
    )
    return contact or abort(404)


def everyone() -> list[User]:
    return list(db.session.scalars(sa.select(User).order_by(User.full_name)))


def require(permission: str) -> None:
    if not current_user.may(permission):
        abort(403)
