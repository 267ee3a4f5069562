"""Clear the link of a partner to a contact that the host has deleted. The partner stays.

Its ``contact_id``, ``partner_contact_name`` and ``partner_contact_email`` are cleared: at once where the deletion
passes through the host's session, else by a scheduled job. ``linked_at`` is ``updated_at`` at the last moment when the
partner had a contact. If both are equal and there is no contact, the database has cleared the key, not a user.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.cascade import forgotten_contact
from ...db.statements import dialect_of
from ...hosts.bound import BATCH
from ..batches import retry


def remember_link(values: Mapping[str, Any], contact: Any, now: datetime) -> dict[str, Any]:
    """Return the columns of a partner that is saved now, with ``linked_at``.

    :param contact: the present key of the contact, which ``values`` may replace.
    """
    linked = values.get("contact_id", contact) is not None
    return {**values, "linked_at": now if linked else None}


def forget_deleted_contacts(ctx: Context, now: datetime) -> int:
    """Clear the links to contacts that the host deleted past its session. Commits in batches.

    :returns: how many partners were cleared.
    """
    if ctx.models.hosts.company is None:
        return 0
    table = ctx.models.Partner
    # Version 0.1 does not write linked_at. First correct it for contacts that it has added, and then removed.
    linked = sa.and_(table.contact_id.is_not(None), table.linked_at.is_distinct_from(table.updated_at))
    _in_batches(ctx, linked, {"linked_at": table.updated_at})
    unlinked = sa.and_(table.contact_id.is_(None), table.linked_at.is_not(None), table.linked_at != table.updated_at)
    _in_batches(ctx, unlinked, {"linked_at": None})
    return _in_batches(ctx, is_left_over(ctx), forgotten_contact(table, now))


def is_left_over(ctx: Context) -> sa.ColumnElement[bool]:
    """Return the condition that a partner's contact was deleted past the session.

    SQLite may not enforce foreign keys, so that the key may still be there.
    """
    table, host = ctx.models.Partner, ctx.models.hosts.contact
    cleared = sa.and_(table.contact_id.is_(None), table.linked_at == table.updated_at)
    if dialect_of(ctx.session, ctx.models.mapper) != "sqlite" or not host.foreign_key:
        return cleared
    existing = sa.select(host.key).where(host.key == table.contact_id).exists()
    return sa.or_(cleared, sa.and_(table.contact_id.is_not(None), ~existing))


def _in_batches(ctx: Context, condition: sa.ColumnElement[bool], values: Mapping[str, Any]) -> int:
    done, found = 0, BATCH
    while found == BATCH:
        found, changed = retry(ctx, _change_batch, ctx, condition, values)
        done += changed
    return done


def _change_batch(ctx: Context, condition: sa.ColumnElement[bool], values: Mapping[str, Any]) -> tuple[int, int]:
    """Change partners that meet a condition; return how many were found, and how many changed."""
    table, changed = ctx.models.Partner, 0
    ids = ctx.execute(sa.select(table.id).where(condition).order_by(table.id).limit(BATCH)).scalars().all()
    if ids:
        changed = ctx.update_where(sa.update(table).where(table.id.in_(ids), condition).values(values))
    ctx.commit()
    return len(ids), changed
