"""The contacts with whom nobody has been in touch for longer than somebody wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.host_values import HostValues, ShownKeys, read_rows
from ..binding.hosts import SYSTEM, Hosts
from ..binding.paths import Viewer
from ..contacts import activity
from ..dumper import Rows
from ..paging import Order, Page, cut, ordered
from ..scopes import Scope, paged
from ..tables.build import Models
from ..tables.execute import dialect_of, execute
from . import assignees, last_contact

SHOWN = {"first_name": "first_name", "last_name": "last_name", "email": "email"}

PROBED_ROWS = 2_000
"""How many of the most overdue contacts are looked at to see how many of them are in the scope."""

WALKED_ROWS = 20_000
"""How many of the most overdue contacts may be read one after the other to fill a page."""


def read(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    users: Sequence[Any] | None,
    today: date,
    page: Page = Page(),  # noqa: B008 (immutable)
) -> tuple[Rows, str | None]:
    """Return neglected contacts, the most overdue first, and the cursor of the next page.

    A contact the viewer may not see is not there, nor one that is not active.

    :param users: the keys of the users whose contacts are shown; None for everybody's, and nobody's too.
    """
    table = models.Profile
    names, beside = dict(SHOWN), [HostValues(hosts.company, viewer, {"company_name": "name"})]
    if hosts.company is None:
        names["company_name"], beside = "company_name", []
    active = activity.joined_fields(hosts)
    links = [name for name in ("owner", "company") if name in hosts.contact.links]
    contacts = HostValues(hosts.contact, viewer, names | dict.fromkeys(active, "active"), *links)
    assigned = HostValues(hosts.user, viewer, {"assigned_to_name": "name"})
    keys = ShownKeys(hosts, viewer, table, {"assigned_to_user_id": hosts.user})
    whose = assignees.assignee(models, hosts, contacts, viewer)
    order = Order({"in_touch_due_day": table.in_touch_due_day, "profile_id": table.id})
    statement = sa.select(
        table.contact_id.label("id"),
        table.cadence_days,
        table.last_contact_at,
        table.last_contact_channel,
        keys.column("last_contact_by_user_id"),
        whose.label("assigned_to_user_id"),
        open_action(models).label("open_action_id"),
        *order.columns_beside([]),
        *contacts.columns,
        *assigned.columns,
        *(column for values in beside for column in values.columns),
    )
    assert contacts.table is not None  # noqa: S101 (our tables are in the contacts' own database)
    in_scope = sa.true() if users is None else whose.in_(users)
    mine = (contacts.table.c.key == table.contact_id, in_scope, activity.condition(hosts, contacts))
    theirs = sa.exists().where(*mine).correlate(sa.inspect(table).local_table)
    conditions, scope = [table.in_touch_due_day < today.toordinal(), theirs], Scope(None)
    if users is not None and "owner" not in hosts.contact.links:
        scope = Scope(table.cadence_set_by_user_id, users)
    elif users is not None and not _are_dense(session, models, conditions, order, page):
        conditions.append(_may_be_of(models, hosts, users, viewer, today))
    dialect = dialect_of(session, models.mapper)
    statement = paged(statement, table, order, page, scope, conditions, dialect=dialect)
    statement = contacts.join(statement, table.contact_id, inner=True)
    for values in beside:
        statement = values.join(statement, contacts.column("company") if "company" in links else sa.null())
    statement = assigned.join(statement, whose)
    rows = read_rows(session, models, statement, [contacts, assigned, *beside], keys)
    kept, cursor = cut(rows, order, page)
    return _told(activity.without_inactive(kept), today), cursor


def _are_dense(
    session: Session, models: Models, conditions: Sequence[sa.ColumnElement[bool]], order: Order, page: Page
) -> bool:
    """Whether reading the most overdue contacts in order will fill the page soon: so many of the first are shown."""
    table, (is_due, *others) = models.Profile, conditions
    first = ordered(sa.select(*order.columns_beside([])).where(is_due), order, Page(PROBED_ROWS, page.cursor))
    probed = sa.select(first.subquery("first").c.profile_id)
    found = sa.select(sa.func.count()).select_from(table).where(table.id.in_(probed), *others)
    shown = int(execute(session, models.mapper, found).scalar_one())
    return page.limit is not None and shown * (WALKED_ROWS // PROBED_ROWS) > page.limit


def _may_be_of(
    models: Models, hosts: Hosts, users: Sequence[Any], viewer: Viewer, today: date
) -> sa.ColumnElement[bool]:
    """Return the condition that a contact may be one of these users': it is owned, or its cadence set, by one of them.

    Each half is found by an index: ours on who set it, and the host's on the owner, where it has one.
    """
    table, owner = models.Profile, hosts.contact.links["owner"]
    is_due = table.in_touch_due_day < today.toordinal()
    asked = [sa.literal(user, table.cadence_set_by_user_id.type) for user in users]
    owned = hosts.contact.keys(viewer).where(sa.or_(sa.false(), *(owner.holds(user, viewer) for user in asked)))
    of_owners = sa.select(table.id).where(table.contact_id.in_(owned), is_due)
    of_setters = sa.select(table.id).where(table.cadence_set_by_user_id.in_(users), is_due)
    return table.id.in_(sa.select(of_owners.union_all(of_setters).subquery("concerned").c.id))


def neglectful(session: Session, models: Models, hosts: Hosts, today: date) -> set[Any]:
    """Who would have to be in touch with somebody: perhaps some whose contacts are not active, which Python tells."""
    table, links = models.Profile, [name for name in ("owner",) if name in hosts.contact.links]
    contacts = HostValues(hosts.contact, SYSTEM, {}, *links, *activity.joined_fields(hosts))
    whose = assignees.assignee(models, hosts, contacts, SYSTEM)
    late = (table.in_touch_due_day < today.toordinal(), activity.condition(hosts, contacts), whose.is_not(None))
    asked = contacts.join(sa.select(whose).distinct().select_from(table), table.contact_id, inner=True)
    return set(execute(session, models.mapper, asked.where(*late)).scalars())


def open_action(models: Models) -> sa.ColumnElement[Any]:
    """The id of the pending action that reminds of keeping in touch, in a select of profiles.

    It is ordered by the id too: by the occurrence alone MariaDB walks all of an index that has them in order.
    """
    action, profile = models.Action, models.Profile
    mine = sa.select(action.id).where(action.profile_id == profile.id, action.status == "pending")
    return mine.order_by(action.occurrence_key.desc(), action.id.desc()).limit(1).correlate(profile).scalar_subquery()


def _told(rows: Rows, today: date) -> Rows:
    names = ("last_contact_at", "last_contact_channel", "last_contact_by_user_id", "in_touch_due_day")
    at, channel, by, day = (rows.names.index(name) for name in names)

    def compute(row: Any) -> tuple[Any, ...]:
        contact = last_contact.written(row[at], row[by], row[channel])
        return contact, date.fromordinal(row[day]), today.toordinal() - row[day]

    return rows.extended(("last_contact", "in_touch_due", "days_overdue"), compute)
