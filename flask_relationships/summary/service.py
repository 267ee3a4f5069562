"""Everything about a client company on one page, in a constant number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..actions import lists as actions
from ..binding.host_values import HostValues, ShownKeys, read_rows
from ..binding.hosts import Hosts
from ..binding.paths import Viewer
from ..dumper import Rows, dump_rows
from ..life_events import service as life_events
from ..messages import service as messages
from ..paging import Page
from ..partners import service as partners
from ..state import state
from ..tables.build import Models
from .schemas import NextEvent

NAMES = {"first_name": "first_name", "last_name": "last_name"}


@dataclass(frozen=True, slots=True)
class Summary:
    contacts: Rows
    events: Rows
    actions: Rows
    partners: Rows
    messages: Rows


def read(session: Session, models: Models, hosts: Hosts, company: Any, viewer: Viewer) -> Summary:
    """What is known of a company: of the contacts linked to it now, and of what names it itself."""
    link = hosts.contact.links.get("company")
    linked = sa.false() if link is None else link.holds(company, viewer)
    contact_keys = hosts.contact.keys(viewer).where(linked)

    def concerns(table: Any) -> sa.ColumnElement[bool]:
        return sa.or_(table.company_id == company, table.contact_id.in_(contact_keys))

    events = _events(session, models, hosts, viewer, concerns(models.LifeEvent))
    pending = sa.and_(models.Action.status == "pending", concerns(models.Action))
    action_rows, _ = actions.read(session, models, hosts, viewer, lambda statement: statement.where(pending))
    partner_rows, _ = partners.read(session, models, hosts, viewer, company)
    theirs = models.Message.contact_id.in_(contact_keys)
    recent = Page(limit=state.settings.recent_messages)
    message_rows, _ = messages.read(session, models, ShownKeys(hosts, viewer, models.Message), theirs, recent)
    contacts = _contacts(session, models, hosts, viewer, linked, _first_events(events))
    return Summary(contacts, events, action_rows, partner_rows, message_rows)


def _events(session: Session, models: Models, hosts: Hosts, viewer: Viewer, concerning: sa.ColumnElement[bool]) -> Rows:
    """One-off events from today to the end of the window, and every annual one, by next occurrence."""
    table, today = models.LifeEvent, state.today()
    soon = table.event_date.between(today, today + timedelta(days=state.settings.upcoming_days))
    names = HostValues(hosts.contact, viewer, NAMES)
    keys = ShownKeys(hosts, viewer, table)
    statement = sa.select(*life_events.columns(models, keys), *names.columns).select_from(table)
    statement = names.join(statement, table.contact_id, inner=True)
    statement = statement.where(concerning, sa.or_(table.recurs_annually, soon))
    rows = life_events.with_dates(read_rows(session, models, statement, [names], keys))
    coming, own = rows.names.index("next_occurrence"), rows.names.index("id")
    return Rows(rows.names, sorted(rows.rows, key=lambda row: (row[coming] or date.max, row[own])))


def _first_events(events: Rows) -> dict[Any, dict[str, Any]]:
    """The next event of each contact, of events in the order of their occurrences."""
    contact, coming = events.names.index("contact_id"), events.names.index("next_occurrence")
    first: dict[Any, Any] = {}
    for row in events.rows:
        if row[coming] is not None:
            first.setdefault(row[contact], row)
    return {key: dump_rows(NextEvent, Rows(events.names, [row]))[0] for key, row in first.items()}


def _contacts(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    linked: sa.ColumnElement[bool],
    first_events: dict[Any, dict[str, Any]],
) -> Rows:
    """The contacts linked to the company, by name, with what their profiles say of messages."""
    table = models.Profile
    shown = HostValues(hosts.contact, viewer, {**NAMES, "email": "email"}, only=[linked])
    assert shown.table is not None  # noqa: S101 (our tables are in the contacts' own database)
    key = shown.table.c.key
    listed = sa.select(
        key.label("id"),
        *shown.columns,
        table.communication_preference,
        table.communication_notes,
        table.preferred_name,
        table.twilio_opt_in,
    )
    shown.on = key
    listed = listed.select_from(shown.table.outerjoin(table, table.contact_id == key))
    listed = listed.order_by(shown.column("last_name"), shown.column("first_name"), key)
    rows = read_rows(session, models, listed, [shown])
    if shown.filled_later:  # the statement could not put in order what it could not tell
        by = [rows.names.index(name) for name in ("last_name", "first_name", "id")]
        rows = Rows(rows.names, sorted(rows.rows, key=lambda row: [str(row[at] or "") for at in by]))
    place = rows.names.index("id")
    return rows.extended(["next_event"], lambda row: (first_events.get(row[place]),))
