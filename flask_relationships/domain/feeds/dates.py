"""Read the entries of a calendar: the life events and pending actions that its user may see at this moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.filters import ListFilter
from ...db.pagination import Page
from ...db.rows import Rows
from ...hosts.joins import HostValues, read_rows
from ..actions import queries as actions
from ..contacts import activity
from ..life_events.occurrences import LeapDay, in_year
from ..life_events.subjects import is_anniversary, title_with_person
from .occurrences import name_occurrence

InScope = Callable[[Any], sa.ColumnElement[bool]]

PAST_PERIOD = timedelta(days=366)
"""How long a date that does not recur stays in a calendar."""

EARLIEST_YEAR = 1970
"""The year in which older events begin, because calendar programs handle earlier dates badly."""

LEAP_DAY_RULES: dict[LeapDay, dict[str, Any]] = {
    "feb28": {"FREQ": "YEARLY", "BYMONTH": 2, "BYMONTHDAY": -1},
    "mar01": {"FREQ": "YEARLY", "BYYEARDAY": 60},
}
"""The rules for 29 February: a plain yearly rule would only match leap years."""


class Dated(NamedTuple):
    """One entry: its first day, its recurrence rule, and when it was last changed (naive UTC)."""

    id: UUID
    title: str
    day: date
    rule: dict[str, Any] | None
    changed_at: datetime


class Dates(NamedTuple):
    """The entries of a calendar, and whether older ones are left out."""

    entries: list[Dated]
    cut: bool


def read(ctx: Context, company: Any, in_scope: InScope, today: date) -> Dates:
    """Return all dates of a company, or those in the user's scope.

    At most ``RELATIONSHIPS_MAX_ROWS`` events and as many actions: the newest.

    :param company: the key of the company; None: the dates in the user's scope.
    :param today: the present day of the user.
    """
    linked: Any = None
    if company is not None:
        link = ctx.hosts.contact.links.get("company")
        linked = ctx.hosts.contact.keys(ctx.viewer).where(
            sa.false() if link is None else link.holds(company, ctx.viewer)
        )

    def concerns(table: Any, assignee: Any) -> sa.ColumnElement[bool]:
        if company is None:
            return in_scope(assignee)
        return sa.or_(table.company_id == company, table.contact_id.in_(linked))

    events, cut = _events(ctx, lambda assignee: concerns(ctx.models.LifeEvent, assignee), today)
    table = ctx.models.Action
    pending = sa.and_(table.status == "pending", table.due_date.is_not(None))
    mine = sa.and_(pending, concerns(table, table.assigned_to_user_id))
    page = Page(ctx.settings.max_rows)
    rows, more = actions.read(ctx, ListFilter([mine]), sort="-created_at", page=page)
    found = sorted(_of_actions(rows.names, rows.rows), key=lambda entry: (entry.day, entry.id))
    return Dates([*events, *found], cut or more is not None)


def _events(ctx: Context, concerning: InScope, today: date) -> tuple[list[Dated], bool]:
    """Return the events in the order of their creation, and whether older ones are left out."""
    table, most = ctx.models.LifeEvent, ctx.settings.max_rows
    names = {"first_name": "first_name", "last_name": "last_name"}
    fields = ["owner"] if "owner" in ctx.hosts.contact.links else []
    active = activity.joined_fields(ctx.hosts)
    contacts = HostValues(ctx.hosts.contact, ctx.viewer, names | dict.fromkeys(active, "active"), *fields)
    creator = ctx.hosts.user.shown_key(table.created_by_user_id, ctx.viewer)
    assignee = sa.func.coalesce(contacts.column("owner"), creator) if fields else creator
    names_of_columns = ("id", "event_type", "title", "about", "event_date", "month_day", "created_at", "updated_at")
    columns = [getattr(table, name) for name in names_of_columns]
    statement = contacts.join(sa.select(*columns, *contacts.columns).select_from(table), table.contact_id, inner=True)
    dated = sa.or_(table.month_day.is_not(None), table.event_date >= today - PAST_PERIOD)
    statement = statement.where(dated, concerning(assignee), activity.condition(ctx.hosts, contacts))
    rows = read_rows(ctx.session, ctx.models, statement.order_by(table.id.desc()).limit(most + 1), [contacts])
    kept = activity.without_inactive(Rows(rows.names, rows.rows[:most])).rows
    events = [_of_event(dict(zip(rows.names, row, strict=True)), ctx.settings.leap_day) for row in reversed(kept)]
    return events, len(rows.rows) > most


def _of_event(event: dict[str, Any], leap_day: LeapDay) -> Dated:
    name = " ".join(filter(None, (event["first_name"], event["last_name"])))
    title = title_with_person(event["title"], event["about"])
    title = f"{name}: {title}" if name else title
    anniversary = is_anniversary(event["event_type"])
    day, rule = first_day(event["event_date"], event["month_day"], event["created_at"], leap_day, anniversary)
    return Dated(event["id"], title, day, rule, event["updated_at"])


def first_day(
    event_date: date | None,
    month_and_day: int | None,
    created_at: datetime,
    leap_day: LeapDay,
    anniversary: bool = False,
) -> tuple[date, dict[str, Any] | None]:
    """Return the first day of an event in a calendar, and its recurrence rule.

    A birthday without a year begins in the year in which it was stored, because calendars need a year. An anniversary
    begins a year after its date.
    """
    if month_and_day is None:
        assert event_date is not None  # noqa: S101 (an event without either is not selected)
        return event_date, None
    year = created_at.year if event_date is None else max(event_date.year + anniversary, EARLIEST_YEAR)
    year = min(year, date.max.year)
    rule = LEAP_DAY_RULES[leap_day] if month_and_day == 229 else {"FREQ": "YEARLY"}
    return in_year(year, month_and_day, leap_day), rule


def _of_actions(names: tuple[str, ...], rows: Any) -> Iterator[Dated]:
    for row in rows:
        action = dict(zip(names, row, strict=True))
        name = " ".join(filter(None, (action["first_name"], action["last_name"])))
        title, first_name = action["title"], action["first_name"]
        if name and not (first_name and first_name in title):
            title = f"{title} ({name})"
        if occurrence := name_occurrence(action, action["due_date"]):
            title = f"{title}, {occurrence}"
        yield Dated(action["id"], title, action["due_date"], None, action["updated_at"])
