"""The query parameters of a request: those that its operation declares, and those that every route ignores."""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app, request

from ..errors import InvalidMember, ValidationFailed
from .invalid_members import MAX_NAME_LENGTH


def require_known_parameters(known: Collection[str], ignored: Collection[str]) -> None:
    """Refuse query parameters that an operation does not declare, and those that are given twice.

    :param known: the parameters of the operation.
    :param ignored: `RELATIONSHIPS_ALLOWED_PARAMETERS`.
    :raises ValidationFailed: with `unknown_parameter` or `repeated_parameter` for each.
    """
    if not request.query_string:
        return
    ignored = {*ignored, *_parameters_of_jwt()}
    errors = []
    for name, values in request.args.lists():
        pointer = f"?{name[:MAX_NAME_LENGTH]}"
        if name in known and len(values) > 1:
            errors.append(InvalidMember(pointer, "repeated_parameter", "This query parameter is given twice."))
        elif name not in known and name not in ignored:
            errors.append(InvalidMember(pointer, "unknown_parameter", "This query parameter is not known here."))
    if errors:
        raise ValidationFailed(errors=errors)


def _parameters_of_jwt() -> Collection[str]:
    """Return the parameter that Flask-JWT-Extended reads a token from, where the query string is such a place."""
    config = current_app.config
    places = config.get("JWT_TOKEN_LOCATION", ())
    if "flask-jwt-extended" not in current_app.extensions or "query_string" not in places:
        return ()
    return (config["JWT_QUERY_STRING_NAME"],)
