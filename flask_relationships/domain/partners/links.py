"""The link of a partner to one of the host's contacts, and what goes when the host deletes that contact.

The partner stays. Its ``contact_id``, ``partner_contact_name`` and ``partner_contact_email`` are cleared: at once where
the deletion passes through the host's session, else by a scheduled job, which notices that a link is gone.
``linked_at`` is ``updated_at`` as it was when the partner last had a contact. A partner without a contact whose
``updated_at`` is still the same was changed by nobody: the database has cleared its ``contact_id``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.cascade import forgotten_contact
from ...db.statements import dialect_of, retried

BATCH = 500

ATTEMPTS = 6


def remember_link(values: Mapping[str, Any], contact: Any, now: datetime) -> dict[str, Any]:
    """Return the columns of a partner that is saved now, with whether it has a contact.

    :param contact: the key of the contact that it has unless ``values`` name another.
    """
    linked = values.get("contact_id", contact) is not None
    return {**values, "linked_at": now if linked else None}


def forget_deleted_contacts(ctx: Context, now: datetime) -> int:
    """Clear what is left of contacts that the host deleted past its session. Commits in batches.

    :returns: how many partners were cleared.
    """
    if ctx.models.hosts.company is None:
        return 0
    table = ctx.models.Partner
    in_step = {"linked_at": table.updated_at}
    _in_batches(ctx, _is_linked_anew(table), in_step)
    _in_batches(ctx, _is_unlinked_by_somebody(table), {"linked_at": None})
    return _in_batches(ctx, is_left_over(ctx), forgotten_contact(table, now))


def is_left_over(ctx: Context) -> sa.ColumnElement[bool]:
    """The condition that a partner's contact was deleted past the session.

    SQLite may enforce no foreign keys: there the key itself may have been left behind.
    """
    table, host = ctx.models.Partner, ctx.models.hosts.contact
    cleared = sa.and_(table.contact_id.is_(None), table.linked_at == table.updated_at)
    if dialect_of(ctx.session, ctx.models.mapper) != "sqlite" or not host.foreign_key:
        return cleared
    there = sa.select(host.key).where(host.key == table.contact_id).exists()
    return sa.or_(cleared, sa.and_(table.contact_id.is_not(None), ~there))


def _is_linked_anew(table: Any) -> sa.ColumnElement[bool]:
    """A process of 0.1 wrote it, or a request that began before the column was there."""
    return sa.and_(table.contact_id.is_not(None), table.linked_at.is_distinct_from(table.updated_at))


def _is_unlinked_by_somebody(table: Any) -> sa.ColumnElement[bool]:
    """A process of 0.1 took the contact away, and set ``updated_at``: its name stays."""
    return sa.and_(table.contact_id.is_(None), table.linked_at.is_not(None), table.linked_at != table.updated_at)


def _in_batches(ctx: Context, condition: sa.ColumnElement[bool], values: Mapping[str, Any]) -> int:
    table, done = ctx.models.Partner, 0

    def change_batch() -> tuple[int, int]:
        found = sa.select(table.id).where(condition).order_by(table.id).limit(BATCH)
        ids = ctx.execute(found).scalars().all()
        met = 0
        if ids:
            changing = sa.update(table).where(table.id.in_(ids), condition).values(values)
            met = ctx.update_where(changing)
        ctx.commit()
        return len(ids), met

    while True:
        found, met = retried(ctx.session, change_batch, ATTEMPTS, unless=lambda: False)
        done += met
        if found < BATCH:
            return done
