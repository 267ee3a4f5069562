"""The blueprint: a fresh parent for each application, the resources' stateless children, one guard, one error shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolUsedUp
from werkzeug.exceptions import HTTPException, MethodNotAllowed, default_exceptions

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
"""The methods of our routes."""

ALL_METHODS = [*METHODS, "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY"]
"""Those that are answered with an error of ours where no route has them."""


def make_blueprints(name: str, url_prefix: str, complete_setup: Callable[[], None]) -> tuple[Blueprint, ...]:
    """The API, the webhooks and the calendars of one application, named and placed as its configuration says.

    ``complete_setup`` runs before every request, ahead of the guard.
    """
    webhooks = webhooks_blueprint(f"{name}_webhooks", url_prefix, complete_setup)
    calendars = calendars_blueprint(f"{name}_calendars", url_prefix, complete_setup)
    for beside in (webhooks, calendars):
        answer_in_our_shape(beside)
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
    answer_in_our_shape(parent)
    return parent


def answer_in_our_shape(blueprint: Blueprint) -> None:
    """What every answer below a blueprint of ours has: headers that protect it, and problems for errors."""
    blueprint.after_request(_protect)
    blueprint.register_error_handler(Problem, _answer_problem)
    # Per status code: an application's own handler of a code would win over a handler of the class.
    for status in default_exceptions:
        blueprint.register_error_handler(status, _answer_http)
    blueprint.register_error_handler(HTTPException, _answer_http)
    blueprint.register_error_handler(OperationalError, _answer_database)
    blueprint.register_error_handler(PoolUsedUp, _answer_database)
    blueprint.register_error_handler(Exception, _answer_unexpected)


def _guard() -> None:
    """Before every route of ours: somebody (401) who may use the tool this way at all (403).

    OPTIONS needs nobody: browsers send it without cookies and tokens, and it tells what the documentation tells.
    """
    if request.method == "OPTIONS":
        return
    require_user()
    if request.endpoint is not None and not request.endpoint.endswith(".unrouted"):
        permit(required_permission())


def _unrouted(rest: str) -> Response:
    """Answer what no route of ours answers: OPTIONS, other methods of a route's path, and unknown paths."""
    del rest
    allowed = _allowed_methods()
    if not allowed:
        raise NotFound
    headers = {"Allow": ", ".join(sorted(allowed))}
    if request.method == "OPTIONS":
        return Response(status=200, headers=headers)
    raise MethodNotAllowedProblem(headers=headers)


def _allowed_methods() -> set[str]:
    """Return the methods that routes answer at this path, with OPTIONS; an empty set where there is no route."""
    adapter = current_app.create_url_adapter(request)
    allowed: set[str] = set()
    for method in METHODS if adapter is not None else ():
        endpoint = _endpoint(adapter, method)
        if endpoint is not None and not endpoint.endswith(".unrouted"):
            allowed |= {method, "HEAD"} if method == "GET" else {method}
    return allowed and allowed | {"OPTIONS"}


def _endpoint(adapter: Any, method: str) -> str | None:
    try:
        endpoint: str = adapter.match(method=method)[0]
    except HTTPException:
        return None
    return endpoint


def _protect(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer_problem(problem: Problem) -> Response:
    return Response(encode_problem(problem), problem.status, problem.headers, content_type="application/problem+json")


def _answer_http(error: HTTPException) -> Response:
    """An HTTP error of Flask, of an extension or of the host's own hooks, inside our routes."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    known: dict[int, type[Problem]] = {404: NotFound, 413: BodyTooLarge, 429: TooManyRequests}
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    status = error.code or 500
    if isinstance(error, MethodNotAllowed):
        return _answer_problem(MethodNotAllowedProblem(headers=headers))
    if status >= 500 and getattr(error, "original_exception", None) is not None:
        return _answer_unexpected(error.original_exception)  # type: ignore[attr-defined]
    if status in known:
        return _answer_problem(known[status](headers=headers))
    description = _described(error.description)
    if any(kind.__name__ == "CSRFError" for kind in type(error).__mro__):  # Flask-WTF's, which need not be installed
        description = f"{description} Send the token in the header {csrf_header_name(current_app)}."
    return _answer_problem(OtherProblem(status, error.name, description, headers))


def _described(description: Any) -> str | None:
    """Return the description of a host's `abort()` as text: it may be lazy, or an object that its handlers write."""
    if description is None or isinstance(description, str):
        return description
    if isinstance(description, (Mapping, list, tuple)):
        return None  # its words are for the host's own handlers, and may repeat what a client sent
    return str(description)


def _answer_database(error: DBAPIError | PoolUsedUp) -> Response:
    if isinstance(error, DBAPIError) and lacks_schema(error):
        return _answer_unmade(error)
    current_app.logger.error("the database did not answer: %s", place_of(error))
    return _answer_problem(DatabaseUnavailable(headers={"Retry-After": "1"}))


def _answer_unmade(error: DBAPIError) -> Response:
    """The database's words name what is missing, and hold no value of a row."""
    missing = str(error.orig).splitlines()[0]
    current_app.logger.error(
        "the database lacks a table or column (%s): run your migrations, or `flask %s init-db` where there are none",
        missing,
        state.settings.cli_name,
    )
    return _answer_problem(Misconfigured())


def _answer_unexpected(error: Exception) -> Response:
    """A mistake of ours or of the host's callbacks: shown while developing, else logged by its place and hidden."""
    if isinstance(error, DBAPIError) and lacks_schema(error):
        return _answer_unmade(error)
    if isinstance(error, DBAPIError) and is_unavailable(error):
        return _answer_database(error)
    propagate = current_app.config["PROPAGATE_EXCEPTIONS"]
    if propagate or (propagate is None and (current_app.testing or current_app.debug)):
        raise error
    if isinstance(error, ConfigurationError):
        current_app.logger.error("%s", error)
        return _answer_problem(Misconfigured())
    current_app.logger.error("%s %s failed: %s", request.method, request.endpoint, place_of(error))
    return _answer_problem(InternalError())
