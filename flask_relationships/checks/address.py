"""Check the application's public address, and whether the application knows it behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from ..api.application import state
from .check_run import CheckRun
from .results import CheckResult, Kind

PAGE = "configuration.md#the-public-address"

ADDRESS = Kind("public_url", "ok", "The public address.", PAGE)
ADDRESS_MISSING = Kind(
    "public_url_missing",
    "ok",
    "No public address is set. The provider cannot call the application.",
    PAGE,
    "Set RELATIONSHIPS_PUBLIC_URL to receive delivery reports.",
)
ADDRESS_LOCAL = Kind(
    "public_url_local",
    "warning",
    "The public address can only be reached from this machine or network.",
    PAGE,
    "Set RELATIONSHIPS_PUBLIC_URL to the application's address on the internet.",
)
ADDRESS_INSECURE = Kind(
    "public_url_insecure",
    "warning",
    "The public address does not use https. Callbacks can be read in transit.",
    PAGE,
    "Serve the application over https, and set RELATIONSHIPS_PUBLIC_URL to the https address.",
)
PROXY_FIX_MISSING = Kind(
    "proxy_fix_missing",
    "ok",
    "The public address uses https, and ProxyFix is not installed.",
    PAGE,
    "Behind a proxy, set app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1).",
)
SCHEME_DIFFERS = Kind(
    "url_scheme_differs",
    "ok",
    "URLs built outside a request use http, but the public address uses https.",
    PAGE,
    'Set PREFERRED_URL_SCHEME to "https".',
)

LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".test")


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check RELATIONSHIPS_PUBLIC_URL, ProxyFix and PREFERRED_URL_SCHEME."""
    del run
    address = state.settings.public_url
    if address is None:
        yield ADDRESS_MISSING.result("RELATIONSHIPS_PUBLIC_URL is not set.")
        return
    parts = urlsplit(address)
    if is_local(parts.hostname or ""):
        yield ADDRESS_LOCAL.result(f"RELATIONSHIPS_PUBLIC_URL is {address}, an address of this machine or network.")
    elif parts.scheme != "https":
        yield ADDRESS_INSECURE.result(f"RELATIONSHIPS_PUBLIC_URL is {address}, which does not use https.")
    else:
        yield ADDRESS.result(f"The public address is {address}.")
        if not _has_proxy_fix(current_app.wsgi_app):
            yield PROXY_FIX_MISSING.result("The public address uses https, and app.wsgi_app has no ProxyFix.")
        if current_app.config["PREFERRED_URL_SCHEME"] != "https":
            yield SCHEME_DIFFERS.result("PREFERRED_URL_SCHEME is not https, but the public address is.")


def _has_proxy_fix(wsgi_app: Any) -> bool:
    """Search the middleware, which usually stores the wrapped application as ``app`` or ``wsgi_app``."""
    seen: set[int] = set()
    while wsgi_app is not None and id(wsgi_app) not in seen:
        if isinstance(wsgi_app, ProxyFix):
            return True
        seen.add(id(wsgi_app))
        attributes = getattr(wsgi_app, "__dict__", {})
        wsgi_app = attributes.get("app", attributes.get("wsgi_app"))
    return False


def is_local(host: str) -> bool:
    """Return whether a host name is one of this machine or of a private network."""
    if host in ("", "localhost") or host.endswith(LOCAL_SUFFIXES):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host
