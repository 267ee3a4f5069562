"""The blueprints of one application: the routes of the API, the check before each request, and the error handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, default_exceptions

from ..api import openapi
from ..api.application import state
from ..api.invalid_members import encode_problem
from ..api.permissions import permit, require_user
from ..api.security_schemes import csrf_header_name
from ..api.view import required_permission
from ..db.statements import is_unavailable, lacks_schema
from ..domain.action_centre import views as action_centre
from ..domain.actions import views as actions
from ..domain.consent import views as consent
from ..domain.feeds import vcard_views as vcards
from ..domain.feeds import views as feeds
from ..domain.feeds.calendar_views import make_blueprint as calendars_blueprint
from ..domain.keeping_in_touch import views as keeping_in_touch
from ..domain.life_events import views as life_events
from ..domain.messages import unmatched_views as unmatched
from ..domain.messages import views as messages
from ..domain.messages.webhook_views import make_blueprint as webhooks_blueprint
from ..domain.partners import client_profile_views as client_profiles
from ..domain.partners import views as partners
from ..domain.profiles import views as profiles
from ..domain.runs import views as running
from ..domain.summary import views as summary
from ..errors import (
    BodyTooLarge,
    ConfigurationError,
    DatabaseUnavailable,
    InternalError,
    Misconfigured,
    NotFound,
    OtherProblem,
    Problem,
    TooManyRequests,
    place_of,
)
from ..errors import MethodNotAllowed as MethodNotAllowedProblem

CHILDREN = (
    profiles,
    life_events,
    actions,
    messages,
    consent,
    unmatched,
    partners,
    client_profiles,
    summary,
    action_centre,
    keeping_in_touch,
    feeds,
    vcards,
    running,
    openapi,
)

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
"""The methods that routes of ours may have."""

ALL_METHODS = [*METHODS, "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY"]
"""The methods that are answered with an error of ours if no route has them."""

PROBLEMS: dict[int, type[Problem]] = {
    404: NotFound,
    405: MethodNotAllowedProblem,
    413: BodyTooLarge,
    429: TooManyRequests,
}
"""The HTTP errors that have a problem of their own."""


def make_blueprints(name: str, url_prefix: str, complete_setup: Callable[[], None]) -> tuple[Blueprint, ...]:
    """Return the blueprints of the API, the webhooks and the calendars.

    :param name: name of the API's blueprint, and prefix of the other names.
    :param complete_setup: called before every request, ahead of the permission check.
    """
    webhooks = webhooks_blueprint(f"{name}_webhooks", url_prefix, complete_setup)
    calendars = calendars_blueprint(f"{name}_calendars", url_prefix, complete_setup)
    for blueprint in (webhooks, calendars):
        add_handlers(blueprint)
    return _api_blueprint(name, url_prefix, complete_setup), webhooks, calendars


def _api_blueprint(name: str, url_prefix: str, complete_setup: Callable[[], None]) -> Blueprint:
    parent = Blueprint(name, __name__, url_prefix=url_prefix)
    for child in CHILDREN:
        parent.register_blueprint(child.blueprint)
    unrouted: dict[str, Any] = {"endpoint": "unrouted", "view_func": _unrouted, "methods": ALL_METHODS}
    parent.add_url_rule("", **unrouted, defaults={"rest": ""}, strict_slashes=False)
    parent.add_url_rule("/<path:rest>", **unrouted)
    parent.before_request(complete_setup)
    parent.before_request(_guard)
    add_handlers(parent)
    return parent


def add_handlers(blueprint: Blueprint) -> None:
    """Add security headers to every response of a blueprint, and answer every error with a problem."""
    blueprint.after_request(_protect)
    blueprint.register_error_handler(Problem, _answer_problem)
    # Per status code, because an application's handler of a code takes precedence over one of the class.
    for status in default_exceptions:
        blueprint.register_error_handler(status, _answer_http)
    blueprint.register_error_handler(HTTPException, _answer_http)
    blueprint.register_error_handler(OperationalError, _answer_database)
    blueprint.register_error_handler(PoolTimeout, _answer_database)
    blueprint.register_error_handler(Exception, _answer_unexpected)


def _guard() -> None:
    """Require a logged-in user (401) with the permission of the route (403).

    OPTIONS is public: browsers send it without cookies and tokens, and the documentation says the same.
    """
    if request.method == "OPTIONS":
        return
    require_user()
    if request.endpoint is not None and not request.endpoint.endswith(".unrouted"):
        permit(required_permission())


def _unrouted(rest: str) -> Response:
    """Answer OPTIONS, methods that a route lacks, and unknown paths."""
    del rest
    allowed = _allowed_methods()
    if not allowed:
        raise NotFound
    headers = {"Allow": ", ".join(sorted(allowed))}
    if request.method == "OPTIONS":
        return Response(status=200, headers=headers)
    raise MethodNotAllowedProblem(headers=headers)


def _allowed_methods() -> set[str]:
    """Return the methods that routes have at this path, with OPTIONS; an empty set if there is no route."""
    adapter = current_app.create_url_adapter(request)
    allowed = {method for method in METHODS if not _endpoint(adapter, method).endswith(".unrouted")}
    if "GET" in allowed:
        allowed.add("HEAD")
    return allowed and allowed | {"OPTIONS"}


def _endpoint(adapter: Any, method: str) -> str:
    """Return the endpoint of a method at this path, which is ours for every path below our prefix."""
    try:
        return str(adapter.match(method=method)[0])
    except HTTPException:
        return ".unrouted"


def _protect(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer_problem(problem: Problem) -> Response:
    return Response(encode_problem(problem), problem.status, problem.headers, content_type="application/problem+json")


def _answer_http(error: HTTPException) -> Response:
    """Answer an HTTP error that Flask, an extension or a hook of the host raised inside our routes."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status, original = error.code or 500, getattr(error, "original_exception", None)
    if status >= 500 and original is not None:
        return _answer_unexpected(original)
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    if status in PROBLEMS:
        return _answer_problem(PROBLEMS[status](headers=headers))
    return _answer_problem(OtherProblem(status, error.name, _description(error), headers))


def _description(error: HTTPException) -> str | None:
    """Return the description of an error as text. It may be lazy text, or an object for the host's handlers."""
    description: Any = error.description
    # By name, because Flask-WTF need not be installed.
    if "CSRFError" in (base.__name__ for base in type(error).__mro__):
        return f"{description} Send the token in the header {csrf_header_name(current_app)}."
    if description is None or isinstance(description, (Mapping, list, tuple)):
        return None  # an object may repeat what a client sent
    return str(description)


def _answer_database(error: DBAPIError | PoolTimeout) -> Response:
    if isinstance(error, DBAPIError) and lacks_schema(error):
        return _answer_missing_schema(error)
    current_app.logger.error("the database did not answer: %s", place_of(error))
    return _answer_problem(DatabaseUnavailable(headers={"Retry-After": "1"}))


def _answer_missing_schema(error: DBAPIError) -> Response:
    """Log the database's text, which names what is missing and contains no value of a row."""
    missing = str(error.orig).splitlines()[0]
    current_app.logger.error(
        "the database lacks a table or column (%s): run your migrations, or `flask %s init-db` if you have none",
        missing,
        state.settings.cli_name,
    )
    return _answer_problem(Misconfigured())


def _answer_unexpected(error: Exception) -> Response:
    """Answer an error of ours or of a callback. It is raised in development, otherwise its place is logged."""
    if isinstance(error, DBAPIError) and (lacks_schema(error) or is_unavailable(error)):
        return _answer_database(error)
    propagate = current_app.config["PROPAGATE_EXCEPTIONS"]
    if propagate or (propagate is None and (current_app.testing or current_app.debug)):
        raise error
    if isinstance(error, ConfigurationError):
        current_app.logger.error("%s", error)
        return _answer_problem(Misconfigured())
    current_app.logger.error("%s %s failed: %s", request.method, request.endpoint, place_of(error))
    return _answer_problem(InternalError())
