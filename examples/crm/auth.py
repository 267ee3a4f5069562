"""Logging in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug.wrappers import Response

from .extensions import db
from .models import User
from .sample_data import PASSWORD

blueprint = Blueprint("auth", __name__)


@blueprint.get("/login")
def login() -> str | Response:
    if current_user.is_authenticated:
        return redirect(url_for("start.page"))
    return login_page()


@blueprint.post("/login")
def submit_login() -> Response | tuple[str, int]:
    email = request.form.get("email", "").strip().lower()
    user = db.session.scalar(sa.select(User).where(User.email == email))
    if user is None or not user.has_password(request.form.get("password", "")):
        return login_page(email=email, error="That e-mail address and password do not go together."), 401
    login_user(user)
    return redirect(own_address(request.form.get("next", "")) or url_for("start.page"))


@blueprint.post("/logout")
@login_required  # type: ignore[untyped-decorator]  # flask-login has no types
def logout() -> Response:
    logout_user()
    flash("You are logged out.")
    return redirect(url_for("auth.login"))


def login_page(email: str = "", error: str | None = None) -> str:
    squads_last = sa.case((User.squad_id.is_(None), 0), else_=1)
    accounts = (
        db.session.scalars(sa.select(User).order_by(squads_last, User.squad_id, User.id)).all()
        if current_app.config["DEMO_ACCOUNTS"]
        else []
    )
    return render_template("login.html", accounts=accounts, password=PASSWORD, email=email, error=error)


def own_address(target: str) -> str | None:
    """``target`` where it is an address of this application, so that a link cannot send anyone elsewhere."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if inside and not parts.scheme and not parts.netloc else None
