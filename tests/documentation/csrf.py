"""A host with Flask-WTF whose API callers bring tokens, and no cookie that a foreign page could ride on."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

csrf = CSRFProtect()


# start: exempt
def exempt_relationships(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("relationships."):
            csrf.exempt(view)


# end: exempt
