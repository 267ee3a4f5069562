"""Read the summary of a client company, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...db.filters import ListFilter
from ...db.rows import Rows
from ...hosts.joins import HostValues, ShownKeys, read_rows
from ...hosts.paths import Viewer
from ..actions import queries as actions
from ..contacts import activity
from ..keeping_in_touch import last_contact
from ..life_events import queries as life_events
from ..messages import queries as messages
from ..partners import queries as partners

NAMES = {"first_name": "first_name", "last_name": "last_name"}

NEXT_EVENT_MEMBERS = ("id", "event_type", "title", "next_occurrence", "days_until")
"""The members of ``next_event``."""


class Summary(NamedTuple):
    contacts: Rows
    events: Rows
    actions: Rows
    partners: Rows
    messages: Rows


def read(ctx: Context, company: Any, today: date) -> Summary:
    """Return the summary of a company: rows of its present contacts, and rows with its own key.

    At most `RELATIONSHIPS_MAX_ROWS` of each kind: the first ones in the order of the response.

    :param today: the present day of the viewer.
    """
    link, values = ctx.hosts.contact.links.get("company"), {"company": company}
    company_key = sa.bindparam("company", company, ctx.models.Action.company_id.type)
    linked = sa.false() if link is None else link.holds(company_key, ctx.viewer)
    contact_keys = ctx.hosts.contact.keys(ctx.viewer).where(linked)

    def concerns(table: Any, *conditions: sa.ColumnElement[bool]) -> Any:
        """Return the condition that a row belongs to the company or its contacts, by ids.

        An index finds each half; for an OR of the two databases scan the table. MariaDB would run a UNION for each row
        of the table, but runs a subquery in FROM once.
        """
        of_company = sa.select(table.id).where(table.company_id == company_key, *conditions)
        of_contacts = sa.select(table.id).where(table.contact_id.in_(contact_keys), *conditions)
        return table.id.in_(sa.select(of_company.union_all(of_contacts).subquery("concerned").c.id))

    events = _events(ctx, concerns(ctx.models.LifeEvent), values, today)
    pending = concerns(ctx.models.Action, ctx.models.Action.status == "pending")
    list_filter = ListFilter([pending], values, ("of a company",))
    action_rows, _ = actions.read(ctx, list_filter, most=ctx.settings.max_rows)
    partner_rows = partners.read_of_client(ctx, company)
    most = ctx.settings.recent_messages
    message_rows = messages.read_newest(ctx, contact_keys, values, most)
    contacts = _contacts(ctx, linked, values, _first_events(events))
    return Summary(contacts, events, action_rows, partner_rows, message_rows)


def _events(ctx: Context, concerning: sa.ColumnElement[bool], values: Mapping[str, Any], today: date) -> Rows:
    """Return one-off events from today to the end of the window and every annual one, by next occurrence.

    Events of inactive contacts are left out.
    """
    table = ctx.models.LifeEvent
    until = today + timedelta(days=ctx.settings.upcoming_days)

    def make(viewer: Viewer) -> tuple[sa.Select[Any], HostValues, ShownKeys]:
        soon = table.event_date.between(sa.bindparam("today", today), sa.bindparam("until", until))
        active = {name: name for name in activity.joined_fields(ctx.hosts)}
        names, keys = HostValues(ctx.hosts.contact, viewer, NAMES | active), ShownKeys(ctx.hosts, viewer, table)
        statement = sa.select(*life_events.columns(ctx.models, keys), *names.columns).select_from(table)
        statement = names.join(statement, table.contact_id, inner=True)
        dated = (concerning, sa.or_(table.recurs_annually, soon), activity.condition(ctx.hosts, names))
        comes = _day_of_year(table, sa.bindparam("from_day", 0, sa.Integer))
        statement = statement.where(*dated).order_by(comes, table.id).limit(ctx.settings.max_rows)
        return statement, names, keys

    statement, names, keys = ctx.hosts.once(("events of a company",), make, ctx.viewer)
    days = {"today": today, "until": until, "from_day": today.month * 100 + today.day}
    found = read_rows(ctx.session, ctx.models, statement, [names], keys, {**values, **days})
    rows = life_events.with_dates(ctx, activity.without_inactive(found), today)
    coming, own = rows.names.index("next_occurrence"), rows.names.index("id")
    return Rows(rows.names, sorted(rows.rows, key=lambda row: (row[coming] or date.max, row[own])))


def _day_of_year(table: Any, from_day: Any) -> sa.ColumnElement[int]:
    """Return the day of the next occurrence as ``MMDD``, plus 2000 where it is in the next year."""
    dated = sa.extract("month", table.event_date) * 100 + sa.extract("day", table.event_date)
    day = sa.func.coalesce(table.month_day, sa.cast(dated, sa.Integer))
    return sa.case((day < from_day, day + 2000), else_=day)


def _first_events(events: Rows) -> dict[Any, dict[str, Any]]:
    """Return the next event of each contact, from events in the order of their occurrences."""
    contact, coming = events.names.index("contact_id"), events.names.index("next_occurrence")
    first: dict[Any, Any] = {}
    for row in events.rows:
        if row[coming] is not None:
            first.setdefault(row[contact], row)
    places = {name: events.names.index(name) for name in NEXT_EVENT_MEMBERS}
    shown = {key: {name: row[place] for name, place in places.items()} for key, row in first.items()}
    return {key: {**members, "id": str(members["id"])} for key, members in shown.items()}


def _contacts(
    ctx: Context, linked: sa.ColumnElement[bool], values: Mapping[str, Any], first_events: dict[Any, dict[str, Any]]
) -> Rows:
    """Return the contacts of the company by name, with members of their profiles."""
    table = ctx.models.Profile

    def make(viewer: Viewer) -> tuple[sa.Select[Any], HostValues, ShownKeys]:
        shown = HostValues(ctx.hosts.contact, viewer, {**NAMES, "email": "email"}, only=[linked])
        assert shown.table is not None  # noqa: S101 (our tables are in the contacts' own database)
        shown.on, keys = shown.table.c.key, ShownKeys(ctx.hosts, viewer, table)
        contacts = sa.select(
            shown.on.label("id"),
            *shown.columns,
            table.communication_preference,
            table.communication_notes,
            table.preferred_name,
            table.twilio_opt_in,
            table.last_contact_at,
            table.last_contact_channel,
            keys.column("last_contact_by_user_id"),
        )
        contacts = contacts.select_from(shown.table.outerjoin(table, table.contact_id == shown.on))
        contacts = contacts.order_by(shown.column("last_name"), shown.column("first_name"), shown.on)
        contacts = contacts.limit(ctx.settings.max_rows)
        return contacts, shown, keys

    contacts, shown, keys = ctx.hosts.once(("contacts of a company",), make, ctx.viewer)
    rows = read_rows(ctx.session, ctx.models, contacts, [shown], keys, values)
    if shown.filled_later:  # the statement could not sort by values that Python computes
        by = [rows.names.index(name) for name in ("last_name", "first_name", "id")]
        rows = Rows(rows.names, sorted(rows.rows, key=lambda row: [str(row[at] or "") for at in by]))
    place = rows.names.index("id")
    names = ("last_contact_at", "last_contact_by_user_id", "last_contact_channel")
    last = [rows.names.index(name) for name in names]
    return rows.extended(
        ["next_event", "last_contact"],
        lambda row: (first_events.get(row[place]), last_contact.written(*(row[at] for at in last))),
    )
