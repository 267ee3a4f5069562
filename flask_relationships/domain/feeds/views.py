from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ...api.dumping import dump_row, dump_rows
from ...api.fields import Text
from ...api.pagination import page_answer, read_page
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...errors import (
    CalendarsNotInstalled,
    ChangedMeanwhile,
    CompaniesNotMapped,
    FeedUnreadable,
    Forbidden,
)
from ...hosts.joins import ShownKeys
from . import queries, service
from .calendar_views import address_of
from .models import CalendarFeedTable
from .readers import reading_as
from .schemas import CalendarFeed

blueprint = OperationBlueprint("feeds", __name__)


def _found(call: Call) -> CalendarFeedTable | None:
    company = None if call.company is None else call.company.key
    return queries.find_of_user(call.context, call.user.key, company)


def _current(call: Call) -> dict[str, Any] | None:
    found = _found(call)
    return None if found is None else dump_row(CalendarFeed, found)


SUBSCRIBE_OPTIONS: dict[str, Any] = {
    "current": _current,
    "answers": {"feed": CalendarFeed, "url": Text(nullable=False)},
    "status": 201,
    "also": {200: "There was one: it has another address now, and the old one finds nothing"},
    "problems": (CalendarsNotInstalled, CompaniesNotMapped, FeedUnreadable, ChangedMeanwhile),
}


OWN_OPTIONS = {"problems": (CalendarsNotInstalled, FeedUnreadable, ChangedMeanwhile)}


@blueprint.get("/calendar-feeds")
@operation(
    "The calendars that the caller subscribes to", permission="view", answers={"feeds": [CalendarFeed]}, paged=True
)
def index(call: Call) -> Answer:
    page, models = read_page(), call.state.models
    keys = ShownKeys(call.state.hosts, call.user.given, models.CalendarFeed)
    rows, cursor = queries.read(call.context, keys, call.user.key, page)
    return page_answer("feeds", dump_rows(CalendarFeed, rows), page, cursor)


@blueprint.put("/calendar-feed")
@operation(
    "Make a calendar of the caller's own dates, or exchange its address",
    permission="view",
    **SUBSCRIBE_OPTIONS | OWN_OPTIONS,
)
def subscribe(call: Call) -> Answer:
    return _subscribed(call, None)


@blueprint.delete("/calendar-feed")
@operation(
    "Revoke the calendar of the caller's own dates",
    permission="view",
    answers={"ok": True},
    problems=(ChangedMeanwhile,),
    current=_current,
)
def revoke(call: Call) -> Answer:
    return _revoked(call, None)


@blueprint.put("/companies/<relationships_key:company_id>/calendar-feed")
@operation(
    "Make a calendar of a company's dates for the caller, or exchange its address",
    permission="view",
    **SUBSCRIBE_OPTIONS,
)
def subscribe_to_company(call: Call) -> Answer:
    return _subscribed(call, call.company.key)


@blueprint.delete("/companies/<relationships_key:company_id>/calendar-feed")
@operation(
    "Revoke the caller's calendar of a company's dates",
    permission="view",
    answers={"ok": True},
    problems=(CompaniesNotMapped, ChangedMeanwhile),
    current=_current,
)
def revoke_of_company(call: Call) -> Answer:
    return _revoked(call, call.company.key)


def _revoked(call: Call, company: Any) -> Answer:
    if call.precondition is not None:
        call.require_match(_found(call))
    revoked = service.revoke(call.context, call.user.key, company, call.revisions)
    if call.precondition is not None and not revoked:
        raise ChangedMeanwhile
    return Answer({"ok": True})


def _subscribed(call: Call, company: Any) -> Answer:
    if find_spec("icalendar") is None:
        raise CalendarsNotInstalled
    try:
        with reading_as(call.user.key):
            pass
    except Forbidden:  # the calendar would always return 404
        raise FeedUnreadable from None
    if call.precondition is not None:
        call.require_match(_found(call))
    now = call.state.now()
    made = service.subscribe(call.context, call.user.key, company, now, call.revisions)
    body = {"feed": dump_row(CalendarFeed, made.feed), "url": address_of(made.secret)}
    return Answer(body, 201 if made.created else 200)
