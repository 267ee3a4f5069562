"""Who is asking, as hosts of every kind of log-in tell it."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import jwt
from flask import current_app, g, request, session
from flask_jwt_extended import get_jwt, get_jwt_identity, verify_jwt_in_request
from flask_login import LoginManager, UserMixin

from tests.documentation.plain_sqlalchemy import Sessions, User

# start: flask-login
login_manager = LoginManager()


class LoggedIn(UserMixin):  # type: ignore[misc]
    """Your row itself will do as well; this is an object that stands for it."""

    def __init__(self, user: User) -> None:
        self.id, self.is_admin = user.id, user.is_admin


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(key: str) -> LoggedIn | None:
    user = Sessions.get(User, int(key))
    return None if user is None else LoggedIn(user)


# end: flask-login


# start: jwt-extended
def from_flask_jwt_extended() -> str | None:
    verify_jwt_in_request(optional=True)
    identity: str | None = get_jwt_identity()
    return identity


# end: jwt-extended


# start: claims
def with_the_claims() -> dict[str, Any]:
    verify_jwt_in_request()
    claims = get_jwt()
    return {**claims, "id": claims["sub"]}


# end: claims


# start: session
def from_the_session() -> int | None:
    return session.get("user_id")


# end: session


# start: token
def from_the_token() -> dict[str, Any] | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        return None
    key = current_app.config["TOKEN_KEY"]
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError:
        return None
    return {"id": claims["sub"], "role": claims.get("role")}


# end: token


# start: dict
def from_what_the_host_has_found() -> dict[str, Any] | None:
    """The application's own `before_request` has put it there."""
    found: dict[str, Any] | None = g.get("user")
    return found


# end: dict
