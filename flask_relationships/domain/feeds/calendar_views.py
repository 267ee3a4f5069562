"""The calendars, in a blueprint of their own: the secret address replaces the login.

Only GET is allowed, which CSRF protection ignores. All failures return the same 404: an unknown or revoked secret, a
user who was deleted, deactivated or has no permission, a company that the user may not view. Each request checks them.
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
from . import dates, queries, service
from .models import CalendarFeedTable
from .readers import reading_as

logger = logging.getLogger(__name__)

TITLE = marked("Relationships")
"""The default name of a calendar."""


def make_blueprint(name: str, url_prefix: str, before_request: Callable[[], None]) -> Blueprint:
    """Return the blueprint of the calendars of one application."""
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)
    blueprint.before_request(before_request)
    blueprint.add_url_rule("/calendars/<secret>.ics", "show", _show, methods=["GET"])
    return blueprint


def address_of(secret: str) -> str:
    """Return the address of a calendar; only its path where the public address of the application is unknown."""
    return public_addresses.address_of(f"{state.settings.blueprint_name}_calendars.show", secret=secret)


def _show(secret: str) -> Response:
    ctx = state.context()
    feed = queries.find(ctx, secret)
    if feed is None:
        raise NotFound
    try:
        with reading_as(feed.user_id) as user:
            title, found = _read(feed, user)
    except (Forbidden, PermissionCallbackMissing):
        raise NotFound from None
    try:
        from .calendar_file import build  # of an optional extra
    except ModuleNotFoundError:
        logger.error("calendars need an extra: pip install 'flask-relationships[calendar]'")
        raise NotFound from None
    service.note_reading(ctx, feed, ctx.now())
    ctx.commit()
    headers = {"Content-Disposition": 'inline; filename="relationships.ics"', "X-Robots-Tag": "noindex"}
    note = None
    if found.cut:
        logger.warning("a calendar has more than RELATIONSHIPS_MAX_ROWS rows; older ones are left out")
        note = text("There is more than fits here.")
    answer = Response(build(title, found.entries, note), 200, headers, content_type="text/calendar; charset=utf-8")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _read(feed: CalendarFeedTable, user: CurrentUser) -> tuple[str, dates.Dates]:
    viewer, today = user.given, state.today(user.key)
    hosts, title, company = state.hosts, state.settings.calendar_name or text(TITLE), None
    if feed.scope != queries.OWN_SCOPE:
        found = None if hosts.company is None else hosts.company.find(state.session, str(feed.company_id), viewer)
        if found is None:
            raise Forbidden
        permit("view", found.row)
        company, title = found.key, str(found.values.get("name") or title)
    scope = action_scope()
    return title, dates.read(state.context(viewer), company, lambda column: in_scope(column, scope), today)
