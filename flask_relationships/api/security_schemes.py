"""Describe for the OpenAPI document how callers log in, as found from the application's extensions."""

from __future__ import annotations

from typing import Any

from flask import Flask

Scheme = dict[str, Any]


def security_schemes(app: Flask) -> dict[str, Scheme]:
    """Return OpenAPI security schemes by name; any one of them lets a caller in.

    They are those of Flask-JWT-Extended and Flask-Login. An application with a log-in of its own has a session
    cookie or a bearer token.
    """
    schemes: dict[str, Scheme] = {}
    if "flask-jwt-extended" in app.extensions:
        schemes |= _of_jwt(app)
    if hasattr(app, "login_manager") or not schemes:
        schemes["session"] = {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]}
    if not hasattr(app, "login_manager") and "flask-jwt-extended" not in app.extensions:
        schemes["bearer"] = {"type": "http", "scheme": "bearer"}
    return schemes


def _of_jwt(app: Flask) -> dict[str, Scheme]:
    config = app.config
    locations = config.get("JWT_TOKEN_LOCATION", ("headers",))
    places = (locations,) if isinstance(locations, str) else tuple(locations)
    schemes: dict[str, Scheme] = {}
    if "headers" in places:
        schemes["bearer"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    if "cookies" in places:
        name = config.get("JWT_ACCESS_COOKIE_NAME", "access_token_cookie")
        schemes["jwt_cookie"] = {"type": "apiKey", "in": "cookie", "name": name}
    if "query_string" in places:
        schemes["jwt_query"] = {"type": "apiKey", "in": "query", "name": config.get("JWT_QUERY_STRING_NAME", "jwt")}
    return schemes


def csrf_header(app: Flask) -> dict[str, Any]:
    """Return the header parameter that holds the token against forged requests."""
    words = "The token against forged requests, where the application checks one."
    return {"name": csrf_header_name(app), "description": words, "schema": {"type": "string"}}


def csrf_header_name(app: Flask) -> str:
    """Return the name of the header that the application's CSRF protection reads."""
    config = app.config
    if "csrf" in app.extensions:
        return str((config.get("WTF_CSRF_HEADERS") or ["X-CSRFToken"])[0])
    if "flask-jwt-extended" in app.extensions and "cookies" in config.get("JWT_TOKEN_LOCATION", ()):
        return str(config.get("JWT_ACCESS_CSRF_HEADER_NAME", "X-CSRF-TOKEN"))
    return "X-CSRFToken"
