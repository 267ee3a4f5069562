"""Everything about a client company on one page, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...db.filters import Narrowing
from ...db.rows import Rows
from ...hosts.joins import HostValues, ShownKeys, read_rows
from ...hosts.paths import Viewer
from ..actions import queries as actions
from ..contacts import activity
from ..keeping_in_touch import last_contact
from ..life_events import queries as life_events
from ..messages import queries as messages
from ..partners import queries as partner_queries

NAMES = {"first_name": "first_name", "last_name": "last_name"}

NEXT_EVENT_MEMBERS = ("id", "event_type", "title", "next_occurrence", "days_until")
"""The members of ``next_event``, which the columns of a coming event fill."""


class Summary(NamedTuple):
    contacts: Rows
    events: Rows
    actions: Rows
    partners: Rows
    messages: Rows


def read(ctx: Context, company: Any, today: date) -> Summary:
    """Return what is known of a company: of the contacts linked to it now, and of what names it itself.

    At most `RELATIONSHIPS_MAX_ROWS` of each kind: the first ones in the order of the answer.

    :param today: the viewer's.
    """
    link, values = ctx.hosts.contact.links.get("company"), {"company": company}
    asked = sa.bindparam("company", company, ctx.models.Action.company_id.type)
    linked = sa.false() if link is None else link.holds(asked, ctx.viewer)
    contact_keys = ctx.hosts.contact.keys(ctx.viewer).where(linked)

    def concerns(table: Any, *narrowed: sa.ColumnElement[bool]) -> Any:
        """By ids, each half of which an index finds: databases scan the table for an OR of the two.

        MariaDB asks a UNION once for each row of the table, and a table that is made of it once.
        """
        of_company = sa.select(table.id).where(table.company_id == asked, *narrowed)
        of_contacts = sa.select(table.id).where(table.contact_id.in_(contact_keys), *narrowed)
        return table.id.in_(sa.select(of_company.union_all(of_contacts).subquery("concerned").c.id))

    events = _events(ctx, concerns(ctx.models.LifeEvent), values, today)
    pending = concerns(ctx.models.Action, ctx.models.Action.status == "pending")
    narrowing = Narrowing([pending], values, ("of a company",))
    action_rows, _ = actions.read(ctx, narrowing, most=ctx.settings.max_rows)
    partner_rows = partner_queries.read_of_client(ctx, company)
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
    """The day on which an event comes next, ``MMDD``, and 2000 more where that is in the next year."""
    dated = sa.extract("month", table.event_date) * 100 + sa.extract("day", table.event_date)
    day = sa.func.coalesce(table.month_day, sa.cast(dated, sa.Integer))
    return sa.case((day < from_day, day + 2000), else_=day)


def _first_events(events: Rows) -> dict[Any, dict[str, Any]]:
    """The next event of each contact, of events in the order of their occurrences."""
    contact, coming = events.names.index("contact_id"), events.names.index("next_occurrence")
    first: dict[Any, Any] = {}
    for row in events.rows:
        if row[coming] is not None:
            first.setdefault(row[contact], row)
    places = [events.names.index(name) for name in NEXT_EVENT_MEMBERS]
    return {key: dict(zip(NEXT_EVENT_MEMBERS, (row[at] for at in places), strict=True)) for key, row in first.items()}


def _contacts(
    ctx: Context, linked: sa.ColumnElement[bool], values: Mapping[str, Any], first_events: dict[Any, dict[str, Any]]
) -> Rows:
    """The contacts linked to the company, by name, with what their profiles say of messages."""
    table = ctx.models.Profile

    def make(viewer: Viewer) -> tuple[sa.Select[Any], HostValues, ShownKeys]:
        shown = HostValues(ctx.hosts.contact, viewer, {**NAMES, "email": "email"}, only=[linked])
        assert shown.table is not None  # noqa: S101 (our tables are in the contacts' own database)
        shown.on, keys = shown.table.c.key, ShownKeys(ctx.hosts, viewer, table)
        listed = sa.select(
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
        listed = listed.select_from(shown.table.outerjoin(table, table.contact_id == shown.on))
        listed = listed.order_by(shown.column("last_name"), shown.column("first_name"), shown.on)
        listed = listed.limit(ctx.settings.max_rows)
        return listed, shown, keys

    listed, shown, keys = ctx.hosts.once(("contacts of a company",), make, ctx.viewer)
    rows = read_rows(ctx.session, ctx.models, listed, [shown], keys, values)
    if shown.filled_later:  # the statement could not put in order what it could not tell
        by = [rows.names.index(name) for name in ("last_name", "first_name", "id")]
        rows = Rows(rows.names, sorted(rows.rows, key=lambda row: [str(row[at] or "") for at in by]))
    place = rows.names.index("id")
    told = [rows.names.index(name) for name in ("last_contact_at", "last_contact_by_user_id", "last_contact_channel")]
    return rows.extended(
        ["next_event", "last_contact"],
        lambda row: (first_events.get(row[place]), last_contact.written(*(row[at] for at in told))),
    )
