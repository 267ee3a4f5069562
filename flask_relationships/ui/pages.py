"""The blueprint of the interface: the modules, and pages inside the application's own base template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from jinja2 import Template
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response as AnyResponse

from ..api.application import state
from ..api.locale import locale_of_request
from ..api.permissions import permit, require_user
from ..errors import NotAuthenticated, Problem, RelationshipsError
from ..hosts.bound import Host, HostRow
from ..translations import text
from . import api_page, assets, framing
from .embedding import Embedding
from .fallback import name_of


def register(app: Flask, name: str, url_prefix: str, template_name: str, complete_setup: Callable[[], None]) -> None:
    """Register pages and modules at ``url_prefix``, and the helpers as ``template_name`` in every template."""
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix, template_folder="templates")
    blueprint.before_request(complete_setup)
    blueprint.before_request(_guard)
    blueprint.add_url_rule("/", "actions", _actions)
    blueprint.add_url_rule("/contacts/<relationships_key:contact_id>", "contact", _contact)
    blueprint.add_url_rule("/clients/<relationships_key:company_id>", "client", _client)
    blueprint.add_url_rule("/api", "api", _api)
    blueprint.add_url_rule("/api/<name>", "api_asset", api_page.asset)
    blueprint.add_url_rule("/token", "token", _token)
    blueprint.add_url_rule("/static/<requested>/<name>", "asset", assets.asset)
    blueprint.add_url_rule("/static/<requested>/locales/<name>.json", "locale", assets.locale)
    app.register_blueprint(blueprint)
    framing.forbid_frames(app, name)
    embedding = Embedding(name)
    # The second name is for our own templates, which must not depend on the first.
    app.context_processor(lambda: {template_name: embedding, "relationships_helpers": embedding})


PUBLIC_ENDPOINTS = frozenset({"asset", "locale"})
"""The package's own files, which contain no data. A script tag sends no token in a header, so they are public."""


def _guard() -> AnyResponse | None:
    """Check the permission as the API does, but send an anonymous user to the application's log-in page."""
    if (request.endpoint or "").rpartition(".")[2] in PUBLIC_ENDPOINTS:
        return None
    try:
        require_user()
        permit("view")
    except NotAuthenticated:
        return _send_to_log_in()
    except Problem as problem:
        _refuse(problem)
    return None


def _send_to_log_in() -> AnyResponse:
    """Return the login manager's response for an anonymous user; 401 if it has none."""
    manager: Any = getattr(current_app, "login_manager", None)
    if not callable(getattr(manager, "unauthorized", None)):
        abort(401)
    try:
        answer: AnyResponse = current_app.make_response(manager.unauthorized())
        return answer
    except BuildError:
        # Flask-AppBuilder sets login_view to "login", which is the last part of an endpoint's name.
        view = _endpoint_ending_in(getattr(manager, "login_view", None))
        if view is None:
            abort(401)
        return redirect(url_for(view, next=request.full_path.rstrip("?")))


def _endpoint_ending_in(name: str | None) -> str | None:
    """Return the only endpoint that shows a page and ends with this name, if there is exactly one."""
    found = {
        rule.endpoint
        for rule in current_app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[2] == name and "GET" in (rule.methods or ()) and not rule.arguments
    }
    return found.pop() if len(found) == 1 else None


def _refuse(problem: Problem) -> NoReturn:
    """Raise the problem as an error of the application, which its error pages show."""
    abort(problem.status, description=problem.detail)


def _token() -> Response:
    """Return a new CSRF token, for a page that is open longer than its own token is valid."""
    make: Any = current_app.jinja_env.globals.get("csrf_token")
    answer = jsonify(csrf_token=make() if callable(make) else None)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _api() -> Response:
    api_page.swagger_ui()
    return _page("api", swagger=api_page.Swagger(request.blueprint or ""))


def _actions() -> Response:
    return _page("actions")


def _contact(contact_id: str) -> Response:
    row = _row(state.hosts.contact, contact_id)
    return _page("contact", contact_id=row.key, name=name_of(row))


def _client(company_id: str) -> Response:
    row = _row(state.hosts.company, company_id)
    return _page("client", company_id=row.key, name=name_of(row))


def _row(host: Host | None, text: str) -> HostRow:
    if host is None:
        abort(404)
    try:
        row = host.find(state.session, text, require_user().given)
        if row is None:
            abort(404)
        permit("view", row.row)
    except Problem as problem:
        _refuse(problem)
    return row


def _base() -> Template | str:
    """Return the template that pages extend: the base template, with its block for pages renamed to ours."""
    name, block = state.settings.base_template, state.settings.base_block
    if block == "content":
        return name
    source = (
        "{% extends relationships_host_base %}{% block " + block + " %}{% block content %}{% endblock %}{% endblock %}"
    )
    return current_app.jinja_env.from_string(source)


def _page(template: str, **values: Any) -> Response:
    page = render_template(
        f"relationships/{template}.html",
        relationships_base=_base(),
        relationships_host_base=state.settings.base_template,
        relationships_locale=locale_of_request() or "en",
        text=text,
        **values,
    )
    if template != "api" and "relationships_modules" not in g:  # the template lacks the block of the element
        raise RelationshipsError(
            f"RELATIONSHIPS_BASE_TEMPLATE: {state.settings.base_template} has no block '{state.settings.base_block}'. "
            "Fix: write {% block " + state.settings.base_block + " %}{% endblock %} into it, or set "
            "RELATIONSHIPS_BASE_BLOCK to the name of the block that holds a page."
        )
    return current_app.make_response((page, {"Cache-Control": "no-store"}))
