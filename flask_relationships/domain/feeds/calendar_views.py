"""The calendars themselves, in a blueprint beside the API's own: nobody logs in here, the secret address lets in.

Only GET is answered, which CSRF protection ignores. Every refusal is the same 404: an unknown or revoked secret, a
user who is gone, deactivated or without permission, a company that the user may not view. It is decided at each
request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, Response, request

from ...api import public_url as public_addresses
from ...api.application import state
from ...api.permissions import action_scope, in_scope, permit
from ...context import CurrentUser
from ...errors import Forbidden, NotFound, PermissionCallbackMissing
from ...translations import marked, text
from . import dates, service
from .models import CalendarFeedTable
from .readers import reading_as

logger = logging.getLogger(__name__)

TITLE = marked("Relationships")
"""The name of a calendar, unless the company or the configuration names it."""


def make_blueprint(name: str, url_prefix: str, complete_setup: Callable[[], None]) -> Blueprint:
    """The calendars of one application."""
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)
    blueprint.before_request(complete_setup)
    blueprint.add_url_rule("/calendars/<secret>.ics", "show", _show, methods=["GET"])
    return blueprint


def address_of(secret: str) -> str:
    """Return the address of a calendar: absolute, or its path where no address of the application is trusted."""
    return public_addresses.address_of(f"{state.settings.blueprint_name}_calendars.show", secret=secret)


def _show(secret: str) -> Response:
    session = state.session
    feed = service.find(state.context(), secret)
    if feed is None:
        raise NotFound
    try:
        with reading_as(feed.user_id) as user:
            title, found = _read(feed, user)
    except (Forbidden, PermissionCallbackMissing):
        raise NotFound from None
    try:
        from .calendar_file import build  # of an extra that not everybody has installed
    except ModuleNotFoundError:
        logger.error("a calendar was asked for: pip install 'flask-relationships[calendar]'")
        raise NotFound from None
    service.note_reading(state.context(), feed, state.now())
    session.commit()
    headers = {"Content-Disposition": 'inline; filename="relationships.ics"', "X-Robots-Tag": "noindex"}
    note = None
    if found.cut:
        logger.warning("a calendar holds RELATIONSHIPS_MAX_ROWS rows: older ones are left out")
        note = text("There is more than fits here.")
    answer = Response(build(title, found.entries, note), 200, headers, content_type="text/calendar; charset=utf-8")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _read(feed: CalendarFeedTable, user: CurrentUser) -> tuple[str, dates.Dates]:
    viewer, today = user.given, state.today(user.key)
    hosts, title, company = state.hosts, state.settings.calendar_name or text(TITLE), None
    if feed.scope != service.OWN:
        found = None if hosts.company is None else hosts.company.find(state.session, str(feed.company_id), viewer)
        if found is None:
            raise Forbidden
        permit("view", found.row)
        company, title = found.key, str(found.values.get("name") or title)
    scope = action_scope()
    whose: dates.InScope = lambda column: in_scope(column, scope)  # noqa: E731
    return title, dates.read(state.context(viewer), company, whose, today)
