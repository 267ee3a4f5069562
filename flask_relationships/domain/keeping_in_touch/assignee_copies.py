"""Keep the profiles' copies of assignees in sync with the host's owners.

A copy is cleared when the cadence is set, when the owner is changed through the host's session, and every `PERIOD` by a
job that compares all profiles. Another scheduled job fills cleared copies.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ...context import Context
from ...db.statements import collided
from ...errors import place_of
from ...hosts.bound import BATCH, SYSTEM, Hosts
from ...hosts.joins import HostValues
from ..batches import read_pages, retry
from . import assignees

logger = logging.getLogger(__name__)

PERIOD = timedelta(hours=1)
"""How long an owner that was changed by a bulk update or by SQL may stay unknown to lists of assignees."""

MAX_ROWS = 20_000
"""Copies that one run fills: after an upgrade all of them are empty."""

UNKNOWN: dict[str, Any] = {"in_touch_user_id": None, "in_touch_user_known": None}
"""The columns of a profile whose copy is to be filled."""


def fill(ctx: Context, stopped: Callable[[], bool] = lambda: False) -> int:
    """Fill the copies that are unknown. Commits in batches; returns how many it filled."""
    filled = 0
    while assignees.are_copied(ctx.hosts) and filled < MAX_ROWS and not stopped():
        number = retry(ctx, _fill_batch, ctx)
        filled += number
        if number < BATCH:
            break
    return filled


def count_unknown(ctx: Context) -> int:
    """Return how many copies `fill` would fill, at most `MAX_ROWS`."""
    if not assignees.are_copied(ctx.hosts):
        return 0
    unknown = sa.select(ctx.models.Profile.id).where(assignees.is_unknown(ctx.models)).limit(MAX_ROWS).subquery()
    return int(ctx.execute(sa.select(sa.func.count()).select_from(unknown)).scalar_one())


def forget_outdated(ctx: Context, stopped: Callable[[], bool]) -> bool:
    """Clear the copies that differ from the present assignee. Commits in batches; returns whether it read all."""
    if not assignees.are_copied(ctx.hosts):
        return True
    table = ctx.models.Profile
    known = _select_assignees(ctx).where(table.in_touch_user_known.is_not(None))
    for rows in read_pages(ctx, known, table.id):
        outdated = [row.id for row, user in _with_existing(ctx, rows) if row.in_touch_user_id != user]
        if outdated:
            retry(ctx, ctx.update_where, sa.update(table).where(table.id.in_(outdated)).values(UNKNOWN))
        ctx.commit()
        if stopped():
            return False
    return True


def forget_changed_owners(ctx: Context) -> None:
    """Clear the copies of contacts whose owner the session has changed. Call after a flush.

    Profiles that another transaction is changing are skipped: the next run of the job clears their copy.
    """
    if not ctx.hosts.read or not assignees.are_copied(ctx.hosts):
        return
    keys = _keys_with_other_owner(ctx.session, ctx.hosts)
    try:
        if keys:
            with ctx.session.connection(bind_arguments={"mapper": ctx.models.mapper}).begin_nested():
                for start in range(0, len(keys), BATCH):
                    _forget_unlocked(ctx, keys[start : start + BATCH])
    except Exception as error:  # the host's contacts are saved whatever happens here
        if isinstance(error, DBAPIError) and collided(error):
            raise  # the database has ended the transaction, with the host's changes
        logger.error("a changed owner was not noted; the next scheduled job does it: %s", place_of(error))


def _keys_with_other_owner(session: Session, hosts: Hosts) -> list[Any]:
    """Return the keys of contacts with another owner. Only the job sees changes on a path to the owner."""
    contact = hosts.contact
    attribute = contact.links["owner"].attribute
    changed_rows = [row for row in session.dirty if attribute is not None and isinstance(row, contact.model)]
    return [contact.key_of(row) for row in changed_rows if sa.inspect(row).attrs[attribute].history.has_changes()]


def _forget_unlocked(ctx: Context, contacts: Sequence[Any]) -> None:
    table = ctx.models.Profile
    of_contacts = sa.select(table.id).where(table.contact_id.in_(contacts), table.in_touch_user_known.is_not(None))
    free = ctx.execute(of_contacts.with_for_update(skip_locked=True)).scalars().all()
    if free:
        ctx.update_where(sa.update(table).where(table.id.in_(free)).values(UNKNOWN))


def _select_assignees(ctx: Context) -> sa.Select[Any]:
    """Return a select of profiles with their present assignee, NULL without a cadence.

    A contact that is not present has no owner in it. So its copy is known, and is filled again once it is back.
    """
    table = ctx.models.Profile
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *assignees.joined_fields(ctx.hosts))
    assignee = sa.case((table.cadence_days.is_not(None), assignees.assignee(ctx, contacts)))
    columns = (table.id, table.in_touch_user_id, assignee.label("assignee"))
    return contacts.join(sa.select(*columns).select_from(table), table.contact_id)


def _fill_batch(ctx: Context) -> int:
    table, of_user = ctx.models.Profile, defaultdict[Any, list[UUID]](list)
    unknown = _select_assignees(ctx).where(assignees.is_unknown(ctx.models)).limit(BATCH)
    rows = ctx.execute(unknown).all()
    for row, user in _with_existing(ctx, rows):
        of_user[user].append(row.id)
    for user, profiles in of_user.items():
        theirs = sa.update(table).where(table.id.in_(profiles), assignees.is_unknown(ctx.models))
        ctx.update_where(theirs.values(in_touch_user_id=user, in_touch_user_known=True))
    ctx.commit()
    return len(rows)


def _with_existing(ctx: Context, rows: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return each row with its assignee; None where the user was deleted, because of our foreign key."""
    users = {row.assignee for row in rows}
    present = ctx.hosts.user.seen(ctx.session, users, SYSTEM) if ctx.models.hosts.user.foreign_key else users
    return [(row, row.assignee if row.assignee in present else None) for row in rows]
