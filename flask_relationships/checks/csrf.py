"""Whether another site's page could speak to the API with the cookie of somebody who is logged in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app

from ..api.application import state
from ..api.openapi import routes
from .examination import Examination
from .findings import Finding, Kind

PAGE = "permissions.md#csrf"

CSRF = Kind("csrf", "ok", "What keeps other sites' pages out, and what a client must send.", PAGE)
CSRF_MISSING = Kind(
    "csrf_missing",
    "warning",
    "Log-in is by cookie, nothing checks CSRF tokens on the tool's views, and the cookie is sent with other sites' "
    "requests.",
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


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    checked, words = _checked()
    same_site = current_app.config.get("SESSION_COOKIE_SAMESITE")
    # With a callback of the host's own, a token in a header is as likely as a cookie.
    by_cookie = hasattr(current_app, "login_manager") and state.callbacks.current_user is None
    if not checked and _jwt_cookie_without_token():
        yield JWT_COOKIE.found(
            "Flask-JWT-Extended reads tokens from cookies, JWT_COOKIE_CSRF_PROTECT is False, and the cookie is sent "
            "with other sites' requests."
        )
        return
    if checked:
        yield CSRF.found(words)
    elif same_site in ("Lax", "Strict"):
        yield CSRF.found(f"{words} The session cookie is SameSite={same_site}: other sites' pages cannot send it.")
    elif by_cookie:
        yield CSRF_MISSING.found(f"{words} Flask-Login's cookie is sent with other sites' requests too.")
    else:
        yield CSRF.found(f"{words} That is well where callers bring a token in a header, not a cookie.")


def _jwt_cookie_without_token() -> bool:
    """Whether Flask-JWT-Extended takes a token from a cookie that other sites' requests carry, without a CSRF token."""
    if "flask-jwt-extended" not in current_app.extensions:
        return False
    config = current_app.config
    places = config.get("JWT_TOKEN_LOCATION", ("headers",))
    by_cookie = "cookies" in ((places,) if isinstance(places, str) else places)
    protected = config.get("JWT_COOKIE_CSRF_PROTECT", True) or config.get("JWT_COOKIE_SAMESITE") in ("Lax", "Strict")
    return by_cookie and not protected


def _checked() -> tuple[bool, str]:
    """Whether tokens are checked on all views of ours, and that in words."""
    config = current_app.config
    protection: Any = current_app.extensions.get("csrf")
    if protection is not None and _made_by(protection, "flask_wtf"):
        if not config.get("WTF_CSRF_ENABLED", True):
            return False, "CSRFProtect is switched off by WTF_CSRF_ENABLED."
        if not config.get("WTF_CSRF_CHECK_DEFAULT", True):
            return False, "WTF_CSRF_CHECK_DEFAULT is False: CSRFProtect checks only where your code calls protect()."
        exempt = [endpoint for endpoint in _endpoints() if _is_exempt(protection, endpoint)]
        if exempt:
            return False, f"{len(exempt)} of {len(_endpoints())} views are exempt from CSRFProtect."
        return True, f"CSRFProtect checks every change: a client sends its token as {config['WTF_CSRF_HEADERS'][0]}."
    if any(_made_by(getattr(hook, "__self__", None), "flask_seasurf") for hook in _before_requests()):
        header = config.get("CSRF_HEADER_NAME", "X-CSRFToken")
        return True, f"Flask-SeaSurf checks every change: a client sends its token as {header}."
    return False, "Nothing checks CSRF tokens."


def _before_requests() -> list[Any]:
    return list(current_app.before_request_funcs.get(None, ()))


def _made_by(thing: Any, package: str) -> bool:
    return type(thing).__module__.split(".")[0] == package


def _endpoints() -> list[str]:
    return sorted({rule.endpoint for rule, _, _ in routes(current_app._get_current_object())})  # type: ignore[attr-defined]


def _is_exempt(protection: Any, endpoint: str) -> bool:
    view = current_app.view_functions[endpoint]
    blueprint = current_app.blueprints.get(endpoint.rpartition(".")[0])
    views = getattr(protection, "_exempt_views", ())
    return blueprint in getattr(protection, "_exempt_blueprints", ()) or f"{view.__module__}.{view.__name__}" in views
