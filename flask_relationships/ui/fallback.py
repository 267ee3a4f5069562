"""What stands inside an element until its module has run, or where no module ever runs: a few lines of text."""

from __future__ import annotations

import sqlalchemy as sa
from flask import render_template
from markupsafe import Markup

from ..api.application import state
from ..api.permissions import current_user
from ..db.filters import ListFilter
from ..db.pagination import Page
from ..db.statements import execute
from ..domain.actions import queries as actions
from ..domain.contacts import activity
from ..domain.life_events import queries as life_events
from ..domain.partners import queries as partners
from ..domain.profiles import queries as profiles
from ..hosts.bound import HostRow
from ..hosts.paths import Viewer
from ..translations import plural_text, text

OF_CONTACTS = ("contact-panel", "profile", "timeline", "contact-actions", "thread")

SHOWN = 8
"""How many lines of a list there are."""


def name_of(row: HostRow) -> str | None:
    """What a contact or company is called, by its mapping."""
    if "first_name" in row.values or "last_name" in row.values:
        parts = (row.values.get("first_name"), row.values.get("last_name"))
        return " ".join(part for part in parts if part) or None
    return row.values.get("name")


def of(element: str, row: HostRow | None, viewer: Viewer) -> Markup:
    if row is None:
        lines = _of_board(viewer)
    elif element in OF_CONTACTS:
        lines = _of_contact(row)
    else:
        lines = _of_partners(row) if element == "partners" else _of_company(row)
    return Markup(render_template("relationships/fallback.html", lines=lines, text=text))  # noqa: S704 (escaped there)


def _of_board(viewer: Viewer) -> list[str]:
    """The next few of the caller's own."""
    table = state.models.Action
    mine = sa.and_(table.status == "pending", table.assigned_to_user_id == current_user().key)
    rows, _ = actions.read(state.context(viewer), ListFilter([mine]), page=Page(SHOWN))
    names = {name: rows.names.index(name) for name in ("title", "due_date", "first_name", "last_name")}
    lines = []
    for row in rows.rows:
        title, due, *contact = (row[place] for place in names.values())
        lines.append(" · ".join(filter(None, [title, " ".join(filter(None, contact)), due and due.isoformat()])))
    return lines or [text("You have no open follow-ups.")]


def _of_company(row: HostRow) -> list[str]:
    session, models, hosts = state.session, state.models, state.hosts
    link = hosts.contact.links.get("company")
    keys = hosts.contact.keys(row.viewer).where(sa.false() if link is None else link.holds(row.key, row.viewer))
    table = models.Action
    theirs = sa.or_(table.company_id == row.key, table.contact_id.in_(keys))
    people = execute(
        session, hosts.contact.mapper, sa.select(sa.func.count()).select_from(keys.subquery())
    ).scalar_one()
    return [plural_text("{count} contact", "{count} contacts", people), _open_follow_ups(_count_open(theirs))]


def _of_partners(row: HostRow) -> list[str]:
    if not partners.is_client(state.context(row.viewer), row.key):
        return [text("This company is not a client yet. Partners are kept for clients.")]
    rows, _ = partners.read(state.context(row.viewer), row.key, Page(SHOWN))
    name, kind = rows.names.index("partner_company_name"), rows.names.index("relationship_type")
    return [" · ".join(filter(None, [partner[name], partner[kind]])) for partner in rows.rows]


def _of_contact(row: HostRow) -> list[str]:
    """Read, and never written: to look at a page makes no profile."""
    models = state.models
    found = profiles.find(state.context(), row.key)
    lines = []
    if found is not None:
        agreed = found.profile.twilio_opt_in
        lines.append(text("Has agreed to messages") if agreed else text("Has not agreed to messages"))
    list_filter = ListFilter([])
    list_filter.equal("of_contact", models.LifeEvent.contact_id, row.key)
    rows, _ = life_events.read(state.context(row.viewer), list_filter, state.today(current_user().key))
    title, coming = rows.names.index("title"), rows.names.index("next_occurrence")
    dated = [(event[coming], event[title]) for event in rows.rows if event[coming] is not None]
    if dated:
        day, words = min(dated)
        lines.append(text("Next: {title}, {date}", title=words, date=day.isoformat()))
    if count := _count_open(models.Action.contact_id == row.key):
        lines.append(_open_follow_ups(count))
    return lines


def _count_open(whose: sa.ColumnElement[bool]) -> int:
    table = state.models.Action
    shown = activity.is_shown(state.hosts, table)
    pending = sa.select(sa.func.count()).where(table.status == "pending", whose, *shown)
    found: int = execute(state.session, state.models.mapper, pending).scalar_one()
    return found


def _open_follow_ups(count: int) -> str:
    return plural_text("{count} follow-up is open", "{count} follow-ups are open", count)
