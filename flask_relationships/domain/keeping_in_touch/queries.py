"""Read the contacts whose last contact is longer ago than their cadence."""

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

CONTACT_MEMBERS = {"first_name": "first_name", "last_name": "last_name", "email": "email"}
"""The members that come from the contact, and the mapping fields that they show."""


def read(ctx: Context, users: Sequence[Any] | None, today: date, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    """Return neglected contacts, the most overdue first, and the cursor of the next page.

    Contacts that are inactive, or that the viewer may not see, are left out.

    :param users: the keys of the users whose contacts are shown; None for all contacts.
    """
    table, company = ctx.models.Profile, ctx.hosts.company
    own_name = {"company_name": "company_name"} if company is None else {}
    companies = HostValues(company, ctx.viewer, {} if company is None else {"company_name": "name"})
    links = [name for name in ("owner", "company") if name in ctx.hosts.contact.links]
    shown = CONTACT_MEMBERS | own_name | dict.fromkeys(activity.joined_fields(ctx.hosts), "active")
    contacts = HostValues(ctx.hosts.contact, ctx.viewer, shown, *links, of_system=assignees.joined_fields(ctx.hosts))
    assigned = HostValues(ctx.hosts.user, ctx.viewer, {"assigned_to_name": "name"})
    keys = ShownKeys(ctx.hosts, ctx.viewer, table, {"assigned_to_user_id": ctx.hosts.user})
    assignee = assignees.assignee(ctx, contacts)
    order = Order({"in_touch_due_day": table.in_touch_due_day, "profile_id": table.id})
    statement = sa.select(
        table.contact_id.label("id"),
        table.cadence_days,
        table.last_contact_at,
        table.last_contact_channel,
        keys.column("last_contact_by_user_id"),
        ctx.hosts.user.shown_key(assignee, ctx.viewer).label("assigned_to_user_id"),
        open_action(ctx.models).label("open_action_id"),
        *order.columns_beside([]),
        *contacts.columns,
        *assigned.columns,
        *companies.columns,
    )
    assert contacts.table is not None  # noqa: S101 (our tables are in the contacts' own database)
    contact = (contacts.table.c.key == table.contact_id, activity.condition(ctx.hosts, contacts))
    in_scope = None if users is None else assignee.in_(users)
    conditions = [table.in_touch_due_day < today.toordinal(), _is_shown(ctx.models, contact, in_scope)]
    dialect = dialect_of(ctx.session, ctx.models.mapper)
    statement = paged(statement, table, order, page, _scope(ctx, users), conditions, dialect=dialect)
    statement = contacts.join(statement, table.contact_id, inner=True)
    if company is not None:
        statement = companies.join(statement, contacts.column("company") if "company" in links else sa.null())
    statement = assigned.join(statement, assignee)
    rows = read_rows(ctx.session, ctx.models, statement, [contacts, assigned, companies], keys)
    kept, cursor = cut(rows, order, page)
    return _with_members(activity.without_inactive(kept), today), cursor


def _scope(ctx: Context, users: Sequence[Any] | None) -> Scope:
    if users is None:
        return Scope(None)
    scope = Scope(assignees.indexed_column(ctx), users)
    if not assignees.are_copied(ctx.hosts):
        return scope
    return scope._replace(also=lambda keys: assignees.with_unknown(keys, ctx.models))


def _is_shown(
    models: Models, contact: Sequence[sa.ColumnElement[bool]], in_scope: sa.ColumnElement[bool] | None
) -> sa.ColumnElement[bool]:
    """Return the condition that the viewer may see a profile's contact, and that it is in the scope.

    Nearly all candidates that an index finds are in the scope. PostgreSQL estimates that few rows match a joined owner,
    and so reads and sorts all candidates. For the value of a subquery it makes no such estimate.
    """
    profile = sa.inspect(models.Profile).local_table
    if in_scope is None:
        return sa.exists().where(*contact).correlate(profile)
    return sa.func.coalesce(sa.select(in_scope).where(*contact).correlate(profile).scalar_subquery(), sa.false())


def find_assignees(ctx: Context, today: date) -> set[Any]:
    """Return the assignees of neglected contacts; also of inactive contacts where SQL cannot tell them."""
    table = ctx.models.Profile
    fields = [*assignees.joined_fields(ctx.hosts), *activity.joined_fields(ctx.hosts)]
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *fields)
    assignee = assignees.assignee(ctx, contacts)
    late = (table.in_touch_due_day < today.toordinal(), activity.condition(ctx.hosts, contacts), assignee.is_not(None))
    found = contacts.join(sa.select(assignee).distinct().select_from(table), table.contact_id, inner=True)
    return set(ctx.execute(found.where(*late)).scalars())


def open_action(models: Models) -> sa.ColumnElement[Any]:
    """Return the id of the open reminder of a profile, as a column of a select of profiles.

    It is ordered by the id too: by the occurrence alone MariaDB reads a whole index that has that order.
    """
    action, profile = models.Action, models.Profile
    mine = sa.select(action.id).where(action.profile_id == profile.id, action.status == "pending")
    return mine.order_by(action.occurrence_key.desc(), action.id.desc()).limit(1).correlate(profile).scalar_subquery()


def _with_members(rows: Rows, today: date) -> Rows:
    names = ("last_contact_at", "last_contact_channel", "last_contact_by_user_id", "in_touch_due_day")
    at, channel, by, day = (rows.names.index(name) for name in names)

    def compute(row: Any) -> tuple[Any, ...]:
        contact = last_contact.written(row[at], row[by], row[channel])
        return contact, date.fromordinal(row[day]), today.toordinal() - row[day]

    return rows.extended(("last_contact", "in_touch_due", "days_overdue"), compute)
