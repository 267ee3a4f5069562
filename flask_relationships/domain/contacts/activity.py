"""The rule which contacts are active, for reminders, lists, the summary, digests and calendars.

The mapping's ``active`` decides. Without it, or where it is NULL, a contact is active. Open auto-actions of an inactive
contact are not shown; a scheduled job dismisses them. Actions that a person added stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.rows import Rows
from ...hosts.bound import SYSTEM, Host, HostRow, Hosts
from ...hosts.joins import HostValues


def is_active_value(value: Any) -> bool:
    """Return whether a value of ``active`` means that its contact is active."""
    return value is None or bool(value)


def is_active(contact: HostRow) -> bool:
    """Return whether a contact that was read is active."""
    return is_active_value(contact.values.get("active"))


def is_mapped(hosts: Hosts) -> bool:
    """Return whether a contact may be inactive at all."""
    return "active" in hosts.contact.fields


def is_known_in_sql(contact: Host) -> bool:
    """Return whether SQL can say which contacts are active: ``active`` is missing, or a boolean of the database."""
    field = contact.fields.get("active")
    return field is None or (field.expression is not None and isinstance(field.type, sa.Boolean))


def _is_filtered_in_sql(hosts: Hosts) -> bool:
    """Return whether statements leave out inactive contacts."""
    return is_mapped(hosts) and is_known_in_sql(hosts.contact)


def joined_fields(hosts: Hosts) -> list[str]:
    """Return the fields that a join of contacts needs for `condition`."""
    return ["active"] if is_mapped(hosts) else []


def condition(hosts: Hosts, contacts: HostValues) -> sa.ColumnElement[bool]:
    """Return the condition that a joined contact is active, true where SQL cannot say."""
    if not _is_filtered_in_sql(hosts):
        return sa.true()
    active = contacts.column("active")
    return sa.or_(active.is_(None), active == sa.true())


def find_inactive(ctx: Context, contacts: Iterable[Any]) -> set[Any]:
    """Return those of these contacts, given as keys, that are not active."""
    if not is_mapped(ctx.hosts):
        return set()
    found = ctx.hosts.contact.values(ctx.session, contacts, ("active",), SYSTEM)
    return {key for key, (active,) in found.items() if not is_active_value(active)}


def is_inactive(hosts: Hosts, contact_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a column of any table leads to an inactive contact, false where SQL cannot say."""
    if not _is_filtered_in_sql(hosts):
        return sa.false()
    contact = hosts.contact
    found = sa.select(contact.key).where(contact.key == contact_id, contact.expression("active", SYSTEM) == sa.false())
    return found.correlate(sa.inspect(contact_id.class_).local_table).exists()


def outlives_its_contact(table: Any) -> sa.ColumnElement[bool]:
    """Return the condition that an action is one that only an active contact has: an open auto-action."""
    return sa.and_(table.status == "pending", table.source == "auto")


def is_shown(hosts: Hosts, table: Any) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that an action is no open auto-action of an inactive contact, as far as SQL can say."""
    if not _is_filtered_in_sql(hosts):
        return []
    return [sa.or_(sa.not_(outlives_its_contact(table)), sa.not_(is_inactive(hosts, table.contact_id)))]


def without_outlived(ctx: Context, rows: Rows) -> Rows:
    """Return rows of actions without the open auto-actions of inactive contacts, where SQL could not say."""
    if is_known_in_sql(ctx.hosts.contact):
        return rows
    contact, source, status = (rows.names.index(name) for name in ("contact_id", "source", "status"))
    opened = [row[contact] for row in rows.rows if (row[source], row[status]) == ("auto", "pending")]
    inactive = find_inactive(ctx, opened)
    left_out = (True, "auto", "pending")
    kept = [row for row in rows.rows if (row[contact] in inactive, row[source], row[status]) != left_out]
    return Rows(rows.names, kept)


def without_inactive(rows: Rows) -> Rows:
    """Return rows that hold ``active`` of their contact without those whose contact is not active."""
    if "active" not in rows.names:
        return rows
    place = rows.names.index("active")
    return Rows(rows.names, [row for row in rows.rows if is_active_value(row[place])])
