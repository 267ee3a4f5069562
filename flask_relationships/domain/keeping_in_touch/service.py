"""The contacts with whom nobody has been in touch for longer than somebody wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.pagination import WHOLE_LIST, Order, Page, cut
from ...db.rows import Rows
from ...db.scoped_pages import Scope, paged
from ...db.statements import dialect_of
from ...hosts.bound import SYSTEM
from ...hosts.joins import HostValues, ShownKeys, read_rows
from ..contacts import activity
from ..models import Models
from . import assignees, last_contact

SHOWN = {"first_name": "first_name", "last_name": "last_name", "email": "email"}


def read(ctx: Context, users: Sequence[Any] | None, today: date, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    """Return neglected contacts, the most overdue first, and the cursor of the next page.

    A contact the viewer may not see is not there, nor one that is not active.

    :param users: the keys of the users whose contacts are shown; None for everybody's, and nobody's too.
    """
    table = ctx.models.Profile
    names, beside = dict(SHOWN), [HostValues(ctx.hosts.company, ctx.viewer, {"company_name": "name"})]
    if ctx.hosts.company is None:
        names["company_name"], beside = "company_name", []
    active = activity.joined_fields(ctx.hosts)
    links = [name for name in ("owner", "company") if name in ctx.hosts.contact.links]
    shown = names | dict.fromkeys(active, "active")
    contacts = HostValues(ctx.hosts.contact, ctx.viewer, shown, *links, of_system=assignees.joined_fields(ctx.hosts))
    assigned = HostValues(ctx.hosts.user, ctx.viewer, {"assigned_to_name": "name"})
    keys = ShownKeys(ctx.hosts, ctx.viewer, table, {"assigned_to_user_id": ctx.hosts.user})
    whose = assignees.assignee(ctx, contacts)
    order = Order({"in_touch_due_day": table.in_touch_due_day, "profile_id": table.id})
    statement = sa.select(
        table.contact_id.label("id"),
        table.cadence_days,
        table.last_contact_at,
        table.last_contact_channel,
        keys.column("last_contact_by_user_id"),
        ctx.hosts.user.shown_key(whose, ctx.viewer).label("assigned_to_user_id"),
        open_action(ctx.models).label("open_action_id"),
        *order.columns_beside([]),
        *contacts.columns,
        *assigned.columns,
        *(column for values in beside for column in values.columns),
    )
    assert contacts.table is not None  # noqa: S101 (our tables are in the contacts' own database)
    contact = (contacts.table.c.key == table.contact_id, activity.condition(ctx.hosts, contacts))
    is_late, scope = table.in_touch_due_day < today.toordinal(), Scope(None)
    conditions = [is_late, _is_shown(ctx.models, contact, None if users is None else whose.in_(users))]
    if users is not None:
        scope = Scope(assignees.indexed_column(ctx), users)
        if assignees.are_copied(ctx.hosts):
            scope = scope._replace(also=lambda keys: assignees.with_unknown(keys, ctx.models))
    dialect = dialect_of(ctx.session, ctx.models.mapper)
    statement = paged(statement, table, order, page, scope, conditions, dialect=dialect)
    statement = contacts.join(statement, table.contact_id, inner=True)
    for values in beside:
        statement = values.join(statement, contacts.column("company") if "company" in links else sa.null())
    statement = assigned.join(statement, whose)
    rows = read_rows(ctx.session, ctx.models, statement, [contacts, assigned, *beside], keys)
    kept, cursor = cut(rows, order, page)
    return _told(activity.without_inactive(kept), today), cursor


def _is_shown(
    models: Models, contact: Sequence[sa.ColumnElement[bool]], in_scope: sa.ColumnElement[bool] | None
) -> sa.ColumnElement[bool]:
    """Return the condition that a profile's contact is there for the viewer, and in the scope where one is given.

    Candidates that an index has found for a scope nearly all are in it. PostgreSQL takes a comparison with a joined
    owner to be rare, reads all candidates and sorts them. Of the value of a subquery it expects nothing.
    """
    profile = sa.inspect(models.Profile).local_table
    if in_scope is None:
        return sa.exists().where(*contact).correlate(profile)
    return sa.func.coalesce(sa.select(in_scope).where(*contact).correlate(profile).scalar_subquery(), sa.false())


def neglectful(ctx: Context, today: date) -> set[Any]:
    """Who would have to be in touch with somebody: perhaps some whose contacts are not active, which Python tells."""
    table = ctx.models.Profile
    contacts = HostValues(
        ctx.hosts.contact, SYSTEM, {}, *assignees.joined_fields(ctx.hosts), *activity.joined_fields(ctx.hosts)
    )
    whose = assignees.assignee(ctx, contacts)
    late = (table.in_touch_due_day < today.toordinal(), activity.condition(ctx.hosts, contacts), whose.is_not(None))
    asked = contacts.join(sa.select(whose).distinct().select_from(table), table.contact_id, inner=True)
    return set(ctx.execute(asked.where(*late)).scalars())


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
