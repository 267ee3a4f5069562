from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from flask import Blueprint

from ..binding.host_values import ShownKeys
from ..dumper import dump_row, dump_rows
from ..errors import CalendarsNotInstalled, CompaniesNotMapped, FeedUnreadable, Forbidden
from ..fields import Text
from ..http import Answer, Call, operation
from . import service
from .calendars import address_of
from .readers import reading_as
from .schemas import CalendarFeed

blueprint = Blueprint("feeds", __name__)

MADE: dict[str, Any] = {
    "answers": {"feed": CalendarFeed, "url": Text(nullable=False)},
    "status": 201,
    "also": {200: "There was one: it has another address now, and the old one finds nothing"},
    "problems": (CalendarsNotInstalled, CompaniesNotMapped, FeedUnreadable),
}


OWN = {"problems": (CalendarsNotInstalled, FeedUnreadable)}


@blueprint.get("/calendar-feeds")
@operation("The calendars that the caller subscribes to", answers={"feeds": [CalendarFeed]})
def index(call: Call) -> Answer:
    models = call.state.models
    keys = ShownKeys(call.state.hosts, call.user.given, models.CalendarFeed)
    return Answer({"feeds": dump_rows(CalendarFeed, service.read(call.session, models, keys, call.user.key))})


@blueprint.put("/calendar-feed")
@operation("Make a calendar of the caller's own dates, or exchange its address", **MADE | OWN)
def subscribe(call: Call) -> Answer:
    return _subscribed(call, None)


@blueprint.delete("/calendar-feed")
@operation("Revoke the calendar of the caller's own dates", answers={"ok": True})
def revoke(call: Call) -> Answer:
    service.revoke(call.session, call.state.models, call.user.key, None)
    return Answer({"ok": True})


@blueprint.put("/companies/<company_id>/calendar-feed")
@operation("Make a calendar of a company's dates for the caller, or exchange its address", **MADE)
def subscribe_to_company(call: Call) -> Answer:
    return _subscribed(call, call.company.key)


@blueprint.delete("/companies/<company_id>/calendar-feed")
@operation("Revoke the caller's calendar of a company's dates", answers={"ok": True}, problems=(CompaniesNotMapped,))
def revoke_of_company(call: Call) -> Answer:
    service.revoke(call.session, call.state.models, call.user.key, call.company.key)
    return Answer({"ok": True})


def _subscribed(call: Call, company: Any) -> Answer:
    if find_spec("icalendar") is None:
        raise CalendarsNotInstalled
    _require_reader(call.user.key)
    made = service.subscribe(call.session, call.state.models, call.user.key, company, call.state.now())
    body = {"feed": dump_row(CalendarFeed, made.feed), "url": address_of(made.secret)}
    return Answer(body, 201 if made.created else 200)


def _require_reader(key: Any) -> None:
    """Raise `FeedUnreadable` if a calendar of this user would always be 404."""
    try:
        with reading_as(key):
            pass
    except Forbidden:
        raise FeedUnreadable from None
