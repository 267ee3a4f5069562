"""Check whether another site's page could call the API with the cookie of a logged-in user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app

from ..api.application import state
from ..api.openapi import routes
from .check_run import CheckRun
from .results import CheckResult, Kind

PAGE = "permissions.md#csrf"

CSRF = Kind("csrf", "ok", "What protects against forged requests, and what a client must send.", PAGE)
CSRF_MISSING = Kind(
    "csrf_missing",
    "warning",
    "Users log in with a cookie that other sites' requests carry, and the tool's views check no CSRF token.",
    PAGE,
    'Set SESSION_COOKIE_SAMESITE to "Lax" or "Strict", or protect the application with Flask-WTF\'s CSRFProtect.',
)
JWT_COOKIE = Kind(
    "csrf_missing_for_jwt_cookie",
    "warning",
    "Flask-JWT-Extended reads tokens from cookies and checks no CSRF token.",
    PAGE,
    'Set JWT_COOKIE_CSRF_PROTECT to True, or JWT_COOKIE_SAMESITE to "Lax" or "Strict".',
)

CSRF_PROTECT_SWITCHES = {
    "WTF_CSRF_ENABLED": "CSRFProtect is switched off by WTF_CSRF_ENABLED.",
    "WTF_CSRF_CHECK_DEFAULT": "WTF_CSRF_CHECK_DEFAULT is False: CSRFProtect only checks if your code calls protect().",
}
"""Keys of Flask-WTF that switch its check off, and the result."""

SAFE_SAME_SITE = ("Lax", "Strict")


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check CSRF tokens, then the attributes of the cookies."""
    del run
    protection = _protection()
    weakness = _weakness(protection)
    same_site = current_app.config.get("SESSION_COOKIE_SAMESITE")
    # A callback of the host may read a token from a header, which other sites cannot send.
    is_cookie_log_in = hasattr(current_app, "login_manager") and state.callbacks.current_user is None
    if not weakness:
        yield CSRF.result(f"{protection} checks every change. A client sends its token as {_header(protection)}.")
    elif _has_unprotected_jwt_cookie():
        yield JWT_COOKIE.result(
            "Flask-JWT-Extended reads tokens from cookies, JWT_COOKIE_CSRF_PROTECT is False, and other sites' requests "
            "carry the cookie."
        )
    elif same_site in SAFE_SAME_SITE:
        yield CSRF.result(f"{weakness} The session cookie is SameSite={same_site}: other sites' pages cannot send it.")
    elif is_cookie_log_in:
        yield CSRF_MISSING.result(f"{weakness} Other sites' requests carry Flask-Login's cookie.")
    else:
        yield CSRF.result(f"{weakness} This is safe if clients send a token in a header, not a cookie.")


def _has_unprotected_jwt_cookie() -> bool:
    """Return whether Flask-JWT-Extended accepts a cookie of other sites' requests without a CSRF token."""
    if "flask-jwt-extended" not in current_app.extensions:
        return False
    config = current_app.config
    places = config.get("JWT_TOKEN_LOCATION", ("headers",))
    has_cookie = "cookies" in ((places,) if isinstance(places, str) else places)
    is_protected = config.get("JWT_COOKIE_CSRF_PROTECT", True) or config.get("JWT_COOKIE_SAMESITE") in SAFE_SAME_SITE
    return has_cookie and not is_protected


def _protection() -> str:
    """Return the name of the extension that checks CSRF tokens; "" if there is none."""
    if _is_made_by(current_app.extensions.get("csrf"), "flask_wtf"):
        return "CSRFProtect"
    hooks = current_app.before_request_funcs.get(None, ())
    has_seasurf = any(_is_made_by(getattr(hook, "__self__", None), "flask_seasurf") for hook in hooks)
    return "Flask-SeaSurf" if has_seasurf else ""


def _weakness(protection: str) -> str:
    """Return why tokens are not checked on all of our views; "" if they are."""
    if not protection:
        return "Nothing checks CSRF tokens."
    if protection != "CSRFProtect":
        return ""
    for key, words in CSRF_PROTECT_SWITCHES.items():
        if not current_app.config.get(key, True):
            return words
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    endpoints = {rule.endpoint for rule, _, _ in routes(app)}
    exempt = sum(map(_is_exempt, endpoints))
    return f"{exempt} of {len(endpoints)} views are exempt from CSRFProtect." if exempt else ""


def _header(protection: str) -> str:
    """Return the header in which a client sends its token."""
    if protection == "CSRFProtect":
        return str(current_app.config["WTF_CSRF_HEADERS"][0])
    return str(current_app.config.get("CSRF_HEADER_NAME", "X-CSRFToken"))


def _is_made_by(thing: Any, package: str) -> bool:
    return type(thing).__module__.split(".")[0] == package


def _is_exempt(endpoint: str) -> bool:
    """Return whether CSRFProtect skips the view of an endpoint."""
    protection = current_app.extensions["csrf"]
    view = current_app.view_functions[endpoint]
    blueprint = current_app.blueprints.get(endpoint.rpartition(".")[0])
    views = getattr(protection, "_exempt_views", ())
    return blueprint in getattr(protection, "_exempt_blueprints", ()) or f"{view.__module__}.{view.__name__}" in views
