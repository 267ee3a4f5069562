"""Who is asking, as hosts without Flask-Login tell it."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from typing import Any

import jwt
from flask import current_app, request, session


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
