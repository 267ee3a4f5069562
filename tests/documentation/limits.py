"""A host with Flask-Limiter and a limit for the tool alone."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter


# start: limit
def limit_relationships(app: Flask, limiter: Limiter) -> None:
    limiter.limit("100 per minute")(app.blueprints["relationships"])


# end: limit
