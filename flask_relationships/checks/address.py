"""The application's public address, and whether it knows its own behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from ..api.application import state
from .examination import Examination
from .findings import Finding, Kind

PAGE = "configuration.md#the-public-address"

ADDRESS = Kind("public_url", "ok", "The public address.", PAGE)
ADDRESS_MISSING = Kind(
    "public_url_missing",
    "ok",
    "There is no public address: nobody outside can report to the application.",
    PAGE,
    "Set RELATIONSHIPS_PUBLIC_URL before delivery reports are wanted.",
)
ADDRESS_LOCAL = Kind(
    "public_url_local",
    "warning",
    "The public address is one of this machine or network alone.",
    PAGE,
    "Set RELATIONSHIPS_PUBLIC_URL to the address that the internet knows the application by.",
)
ADDRESS_INSECURE = Kind(
    "public_url_insecure",
    "warning",
    "The public address is not https: what is sent there can be read on its way.",
    PAGE,
    "Serve the application by https, and give RELATIONSHIPS_PUBLIC_URL so.",
)
PROXY_FIX_MISSING = Kind(
    "proxy_fix_missing",
    "ok",
    "The public address is https, and nothing tells the application so where a proxy is before it.",
    PAGE,
    "Behind a proxy: app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1).",
)
SCHEME_DIFFERS = Kind(
    "url_scheme_differs",
    "ok",
    "Addresses made outside a request are http, and the public address is https.",
    PAGE,
    'Set PREFERRED_URL_SCHEME to "https".',
)


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    address = state.settings.public_url
    if address is None:
        yield ADDRESS_MISSING.found("RELATIONSHIPS_PUBLIC_URL is not set.")
        return
    parts = urlsplit(address)
    if is_local(parts.hostname or ""):
        yield ADDRESS_LOCAL.found(f"RELATIONSHIPS_PUBLIC_URL is {address}, which only this machine or network knows.")
    elif parts.scheme != "https":
        yield ADDRESS_INSECURE.found(f"RELATIONSHIPS_PUBLIC_URL is {address}, which is not https.")
    else:
        yield ADDRESS.found(f"The public address is {address}.")
        yield from _behind_proxy()


def _behind_proxy() -> Iterator[Finding]:
    if not _has_proxy_fix(current_app.wsgi_app):
        yield PROXY_FIX_MISSING.found("The public address is https, and there is no ProxyFix in app.wsgi_app.")
    if current_app.config["PREFERRED_URL_SCHEME"] != "https":
        yield SCHEME_DIFFERS.found("PREFERRED_URL_SCHEME is not https, and the public address is.")


def _has_proxy_fix(wsgi_app: Any) -> bool:
    """Looks through the middleware, which keeps what it wraps as ``app`` or ``wsgi_app``."""
    seen: list[Any] = []
    while wsgi_app is not None and not any(wsgi_app is one for one in seen):
        if isinstance(wsgi_app, ProxyFix):
            return True
        seen.append(wsgi_app)
        kept = vars(wsgi_app) if hasattr(wsgi_app, "__dict__") else {}
        wsgi_app = kept.get("app", kept.get("wsgi_app"))
    return False


def is_local(host: str) -> bool:
    """Whether a host name means this machine, or a network that the internet does not reach."""
    if host in ("", "localhost") or host.endswith((".localhost", ".local", ".internal", ".test")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host
