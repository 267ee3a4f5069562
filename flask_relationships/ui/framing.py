"""Restrict which sites may show the pages in a frame: none by default, against clickjacking."""

from __future__ import annotations

from flask import Flask, Response, request

from ..api.application import state_of

DIRECTIVE = "frame-ancestors"


def forbid_frames(app: Flask, blueprint: str) -> None:
    """Add the headers to all pages of a blueprint, after every other hook of the application.

    Otherwise a hook that sets a Content-Security-Policy only if there is none would take ours for the whole policy.
    """
    ancestors = state_of(app).settings.frame_ancestors

    def add(response: Response) -> Response:
        if request.blueprint == blueprint and ancestors != "any":
            _add_headers(response, ancestors)
        return response

    app.after_request_funcs.setdefault(None, []).insert(0, add)  # Flask runs the first one last


def _add_headers(response: Response, ancestors: str) -> None:
    policies = response.headers.getlist("Content-Security-Policy")
    if any(DIRECTIVE in policy for policy in policies):
        return
    named = f"'{ancestors}'" if ancestors in ("none", "self") else ancestors
    response.headers.add("Content-Security-Policy", f"{DIRECTIVE} {named}")
    options = {"none": "DENY", "self": "SAMEORIGIN"}.get(ancestors)
    if options is not None:  # the header cannot name other sites
        response.headers.setdefault("X-Frame-Options", options)
