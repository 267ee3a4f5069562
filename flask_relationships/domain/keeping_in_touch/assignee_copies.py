"""Keep the profiles' copies of assignees in line with the host's owners.

A copy is forgotten when the cadence is set, when the owner is changed through the host's session, and by a pass over
all profiles that compares them, every `PERIOD`. A scheduled job reads forgotten ones anew.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ...context import Context
from ...db.statements import collided, retried
from ...errors import place_of
from ...hosts.bound import BATCH, SYSTEM, Hosts
from ...hosts.joins import HostValues
from . import assignees

logger = logging.getLogger(__name__)

PERIOD = timedelta(hours=1)
"""How long an owner that was changed by a bulk update or by SQL may stay unknown to lists of assignees."""

MAX_ROWS = 20_000
"""How many copies one run reads anew: after an upgrade all of them are to be read."""

ATTEMPTS = 6

UNKNOWN: dict[str, Any] = {"in_touch_user_id": None, "in_touch_user_known": None}
"""The columns of a profile whose assignee is to be read anew."""


def fill(ctx: Context, stopped: Callable[[], bool] = lambda: False) -> int:
    """Read the assignees that are unknown. Commits in batches; returns how many it read."""
    filled = 0
    while assignees.are_copied(ctx.hosts) and filled < MAX_ROWS and not stopped():
        number = retried(ctx.session, lambda: _fill_batch(ctx), ATTEMPTS, unless=lambda: False)
        filled += number
        if number < BATCH:
            break
    return filled


def count_unknown(ctx: Context) -> int:
    """Return how many copies `fill` would read, at most `MAX_ROWS`."""
    if not assignees.are_copied(ctx.hosts):
        return 0
    unknown = sa.select(ctx.models.Profile.id).where(assignees.is_unknown(ctx.models)).limit(MAX_ROWS).subquery()
    return int(ctx.execute(sa.select(sa.func.count()).select_from(unknown)).scalar_one())


def forget_outdated(ctx: Context, stopped: Callable[[], bool]) -> bool:
    """Forget the copies that differ from the present assignee. Commits in batches; returns whether it read all."""
    if not assignees.are_copied(ctx.hosts):
        return True
    for outdated in _outdated(ctx):
        if outdated:
            forgetting = sa.update(ctx.models.Profile).where(ctx.models.Profile.id.in_(outdated)).values(UNKNOWN)
            retried(ctx.session, lambda: ctx.update_where(forgetting), ATTEMPTS, unless=lambda: False)  # noqa: B023
        ctx.commit()
        if stopped():
            return False
    return True


def forget_changed_owners(ctx: Context) -> None:
    """Forget the copies of contacts whose owner the session has changed. Call after a flush.

    The host's transaction does not wait for a profile that somebody is changing: the next pass forgets its copy.
    """
    if not ctx.hosts.read or not assignees.are_copied(ctx.hosts):
        return
    keys = _keys_with_other_owner(ctx.session, ctx.hosts)
    try:
        if keys:
            with ctx.session.connection(bind_arguments={"mapper": ctx.models.mapper}).begin_nested():
                for start in range(0, len(keys), BATCH):
                    _forget_unlocked(ctx, keys[start : start + BATCH])
    except Exception as error:  # the host's contacts are saved whatever becomes of ours
        if isinstance(error, DBAPIError) and collided(error):
            raise  # the database has ended the transaction, the host's changes with it
        logger.error("a changed owner was not noted, the next pass does it: %s", place_of(error))


def _keys_with_other_owner(session: Session, hosts: Hosts) -> list[Any]:
    """Return the keys of changed contacts. Where a path leads to the owner, only the pass sees what changes on it."""
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

    A contact that is not present has no owner in it. So it is known too, and read anew once it is back.
    """
    table = ctx.models.Profile
    contacts = HostValues(ctx.hosts.contact, SYSTEM, {}, *assignees.joined_fields(ctx.hosts))
    whose = sa.case((table.cadence_days.is_not(None), assignees.assignee(ctx, contacts)))
    columns = (table.id, table.in_touch_user_id, whose.label("assignee"))
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
    """Return each row with its assignee, None where a foreign key of ours could not hold it: the user is gone."""
    users = {row.assignee for row in rows}
    there = ctx.hosts.user.seen(ctx.session, users, SYSTEM) if ctx.models.hosts.user.foreign_key else users
    return [(row, row.assignee if row.assignee in there else None) for row in rows]


def _outdated(ctx: Context) -> Iterator[list[UUID]]:
    """Yield the ids of each batch whose copy is another than the present assignee."""
    table, last = ctx.models.Profile, None
    reading = _select_assignees(ctx).where(table.in_touch_user_known.is_not(None))
    while True:
        page = reading.order_by(table.id).limit(BATCH)
        rows = ctx.execute(page if last is None else page.where(table.id > last)).all()
        found = _with_existing(ctx, rows)
        yield [row.id for row, user in found if row.in_touch_user_id != user]
        if len(rows) < BATCH:
            return
        last = rows[-1].id
