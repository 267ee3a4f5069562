"""Find the unmatched messages that a viewer may see, and the contacts that each may be from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.rows import Rows
from ...errors import Forbidden, UnmatchedCallbackMissing, place_of
from ..contacts import numbers
from . import senders

logger = logging.getLogger(__name__)

MAX_CANDIDATES = 20
"""How many candidate contacts are shown for one message."""

MAX_KEYS = 300
"""Addresses in one statement, which has each three times; the oldest SQLite allows 999 parameters."""

NAME_FIELDS = ("first_name", "last_name")


def is_unmatched(table: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a message is inbound and has no contact."""
    return sa.and_(table.direction == "inbound", table.contact_id.is_(None))


def is_shown(ctx: Context) -> sa.ColumnElement[bool]:
    """Return the condition that a viewer may see an unmatched message.

    If contacts have a tenant, the viewer sees the messages to senders of their tenant. The application's callback
    filters further. It is required if contacts have `visible` and no tenant.

    :raises UnmatchedCallbackMissing: the required callback is missing.
    :raises Forbidden: the callback failed.
    """
    table, mapping, callback = ctx.models.Message, ctx.hosts.contact.mapping, ctx.callbacks.unmatched
    conditions = [is_unmatched(table)]
    if mapping.tenant is not None:
        conditions.append(_of_tenant(ctx, table))
    elif mapping.visible is not None and callback is None:
        logger.error("no unmatched callback: unmatched messages are refused; see relationships.unmatched_callback")
        raise UnmatchedCallbackMissing
    if callback is not None:
        conditions.append(table.id.in_(_filtered(ctx, callback).with_only_columns(table.id)))
    return sa.and_(*conditions)


def _of_tenant(ctx: Context, table: Any) -> sa.ColumnElement[bool]:
    host = ctx.hosts.contact
    if host.tenant is None or host.tenant_of is None:
        raise Forbidden
    tenant = senders.tenant_text(host.tenant.value_of(host.tenant_of(ctx.viewer)))
    return sa.false() if tenant is None else table.tenant == tenant


def _filtered(ctx: Context, callback: Callable[[Any, Any], Any]) -> sa.Select[Any]:
    """Return the messages that the application's callback lets the viewer see."""
    try:
        filtered: Any = callback(sa.select(ctx.models.Message), ctx.viewer)
    except Exception as error:  # a callback that raises permits nothing
        logger.error("the unmatched callback raised, access is refused: %s", place_of(error))
        raise Forbidden from None
    if not isinstance(filtered, sa.Select):
        logger.error("the unmatched callback returned no select, access is refused")
        raise Forbidden
    return filtered


def with_candidates(ctx: Context, rows: Rows) -> Rows:
    """Return unmatched messages with their candidate contacts: those with the number whom the viewer may see."""
    place = rows.names.index("from_number")
    keys = {row[place]: numbers.inbound_key(ctx, row[place]) for row in rows.rows if row[place]}
    holders = _holders(ctx, list(dict.fromkeys(keys.values())))
    contacts = {contact for found in holders.values() for contact in found}
    shown = ctx.hosts.contact.values(ctx.session, contacts, NAME_FIELDS, ctx.viewer)

    def of_row(row: Sequence[Any]) -> tuple[Any]:
        found = [contact for contact in holders.get(keys.get(row[place], ""), ()) if contact in shown]
        candidates = [
            {"contact_id": str(contact), **dict(zip(NAME_FIELDS, shown[contact], strict=True))}
            for contact in found[:MAX_CANDIDATES]
        ]
        return (candidates,)

    return rows.extended(("candidate_contacts",), of_row)


def _holders(ctx: Context, keys: Sequence[str]) -> dict[str, list[Any]]:
    """Return the contacts who have each of these addresses, by its comparison key."""
    profile, number = ctx.models.Profile, ctx.models.ContactNumber
    found: dict[str, list[Any]] = {}
    for start in range(0, len(keys), MAX_KEYS):
        some = keys[start : start + MAX_KEYS]
        statement: Any = sa.union(
            sa.select(profile.phone_key, profile.contact_id).where(profile.phone_key.in_(some)),
            sa.select(profile.whatsapp_key, profile.contact_id).where(profile.whatsapp_key.in_(some)),
            sa.select(number.number_key, number.contact_id).where(
                number.number_key.in_(some), ~sa.exists().where(profile.contact_id == number.contact_id)
            ),
        )
        rows: Any = ctx.execute(statement)
        for key, contact in rows:
            found.setdefault(key, []).append(contact)
    return {key: sorted(contacts, key=str) for key, contacts in found.items()}
