"""Whole addresses of this application. The Host header of a request is used only where it is trusted."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.utils import host_is_trusted

from ..api.application import state

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def address_of(endpoint: str, **values: Any) -> str:
    """Return the address of a route: absolute where the application's own address is known, else the path alone.

    The application's address is `RELATIONSHIPS_PUBLIC_URL`, or the host of the request where it is one of Flask's
    `TRUSTED_HOSTS`, is `SERVER_NAME`, or is this machine itself. Any other Host header may be made up: a client
    resolves the path against the address that it called.
    """
    public = state.settings.public_url
    if public is not None:
        return public + url_for(endpoint, **values)
    return url_for(endpoint, **values, _external=_is_host_trusted())


def _is_host_trusted() -> bool:
    config = current_app.config
    trusted = config.get("TRUSTED_HOSTS") or request.trusted_hosts
    try:
        host = request.host
    except HTTPException:
        return False
    if trusted:
        return host_is_trusted(host, trusted)
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return host == config.get("SERVER_NAME") or name in LOOPBACK
