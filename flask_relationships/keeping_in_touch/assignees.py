"""Whose it is to be in touch with a contact, and of which contacts anybody wants to be reminded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.host_values import HostValues
from ..binding.hosts import SYSTEM, Host, Hosts
from ..binding.paths import Viewer
from ..tables.build import Models


def assignee(models: Models, hosts: Hosts, contacts: HostValues, viewer: Viewer) -> sa.ColumnElement[Any]:
    """The contact's owner, else whoever set the cadence; ``contacts`` has ``owner`` joined where there is one."""
    setter = hosts.user.shown_key(models.Profile.cadence_set_by_user_id, viewer)
    owner = [contacts.column("owner")] if "owner" in hosts.contact.links else []
    return sa.func.coalesce(*owner, setter) if owner else setter


def is_active(hosts: Hosts, contacts: HostValues) -> sa.ColumnElement[bool]:
    """That a contact is active, as far as SQL can tell; `tells_later` says whether only the values do."""
    return sa.true() if not _has(hosts.contact) or tells_later(hosts.contact) else _truth(contacts.column("active"))


def inactive(session: Session, hosts: Hosts, contacts: Iterable[Any]) -> set[Any]:
    """Those of these contacts that are not active."""
    if not _has(hosts.contact):
        return set()
    told = hosts.contact.values(session, contacts, ("active",), SYSTEM)
    return {key for key, (active,) in told.items() if active is not None and not active}


def active_field(hosts: Hosts) -> list[str]:
    return ["active"] if _has(hosts.contact) else []


def tells_later(contact: Host) -> bool:
    """Whether ``active`` is there and no boolean of the database, so that only Python knows what is true of it."""
    return _has(contact) and not _is_boolean(contact)


def _has(contact: Host) -> bool:
    return "active" in contact.fields


def _is_boolean(contact: Host) -> bool:
    field = contact.fields["active"]
    return field.expression is not None and isinstance(field.type, sa.Boolean)


def _truth(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.or_(column.is_(None), column == sa.true())
