"""Find the contacts that the scheduled job reminds of: the most overdue of each assignee, up to a limit a day.

Assignees who have reached the limit are left out before their contacts are read. An index finds the assignees, and the
contacts of each. One statement ranks the contacts whose assignee is unknown, see `assignees`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ...context import Context
from ...db.statements import dialect_of
from ...hosts.bound import SYSTEM
from ...hosts.joins import HostValues
from ..contacts import activity
from ..life_events.occurrences import days_from
from ..models import Models
from . import assignees


class Due(NamedTuple):
    """A contact to remind of, and the assignee."""

    in_touch_due_day: int
    id: UUID
    contact_id: Any
    cadence_days: int
    assignee: Any
    first_name: str | None


class Source(NamedTuple):
    """A part of the backlog in its order.

    ``statement`` takes an offset and a number of rows, both per assignee. ``assignee`` is a tuple of the one assignee
    of all rows; it is empty where each row has its own.
    """

    statement: Callable[[int, int], sa.Select[Any]]
    assignee: tuple[Any, ...] = ()


def find_due(ctx: Context, today: date, most: int) -> list[Due]:
    """Return the contacts to remind of, the most overdue first: at most ``most`` a day for each assignee."""
    made = count_made(ctx, today)
    sources = _sources(ctx, today, {assignee for assignee, number in made.items() if number >= most})
    active: list[Due] = []
    offset, width = 0, most
    while sources:
        rows = [(row, source) for source in sources for row in ctx.execute(source.statement(offset, width)).all()]
        new = _find_active(ctx, rows)
        made.update(due.assignee for due in new)
        active += new
        sources = [] if activity.is_known_in_sql(ctx.hosts.contact) else _unfinished(sources, rows, made, most)
        offset, width = offset + width, width * 2
    return _within_limit(ctx, active, today, most) if active else []


def _unfinished(
    sources: Sequence[Source], rows: Sequence[tuple[Any, Source]], made: Counter[Any], most: int
) -> list[Source]:
    """Return the sources that had rows, and whose assignee has not reached the limit."""
    read = {id(source) for _, source in rows}
    left = [source for source in sources if id(source) in read]
    return [source for source in left if not source.assignee or made[source.assignee[0]] < most]


def _within_limit(ctx: Context, found: list[Due], today: date, most: int) -> list[Due]:
    """Return the first contacts of each assignee, up to the limit.

    The reminders of today are counted after the backlog was read. So a reminder that another process creates at the
    same time is counted, or its contact is still in the backlog.
    """
    taken = count_made(ctx, today)
    chosen = []
    once = {due.id: due for due in found}  # two sources have a contact whose assignee was deleted between them
    for due in sorted(once.values(), key=lambda one: one[:2]):
        if taken[due.assignee] < most:
            taken[due.assignee] += 1
            chosen.append(due)
    return chosen


def is_open(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that a profile has an open reminder."""
    action = models.Action
    return sa.exists().where(action.profile_id == models.Profile.id, action.status == "pending")


def count_made(ctx: Context, today: date) -> Counter[Any]:
    """Return how many reminders each assignee got today, including those that were snoozed since."""
    action = ctx.models.Action
    zone = ZoneInfo(ctx.settings.timezone)
    midnights = (datetime.combine(day, time.min, zone) for day in (today, days_from(today, 1)))
    begins, ends = (midnight.astimezone(UTC).replace(tzinfo=None) for midnight in midnights)
    columns = sa.select(action.assigned_to_user_id.label("assignee")).where(action.profile_id.is_not(None))
    created = sa.and_(action.created_at >= begins, action.created_at < ends)
    # No row is in both halves, so the database need not compare them.
    made = sa.union_all(columns.where(action.due == today), columns.where(created, action.due != today)).subquery(
        "made"
    )
    counted = sa.select(made.c.assignee, sa.func.count().label("number")).group_by(made.c.assignee)
    return Counter({row.assignee: row.number for row in ctx.execute(counted).all()})


def _find_active(ctx: Context, rows: Sequence[tuple[Any, Source]]) -> list[Due]:
    """Return the rows whose contact is active, in the order of the backlog."""
    fields = ("first_name", "active")
    contacts = ctx.hosts.contact.values(ctx.session, (row.contact_id for row, _ in rows), fields, SYSTEM)
    found = []
    for row, source in rows:
        first_name, active = contacts.get(row.contact_id, (None, False))
        (assignee,) = source.assignee or (row.assignee,)
        if activity.is_active_value(active):
            found.append(Due(row.in_touch_due_day, row.id, row.contact_id, row.cadence_days, assignee, first_name))
    return sorted(found, key=lambda due: due[:2])


def _sources(ctx: Context, today: date, full: set[Any]) -> list[Source]:
    dialect = dialect_of(ctx.session, ctx.models.mapper)
    holders = ctx.execute(_holders(ctx, today, dialect)).scalars().all()
    shown = ctx.hosts.user.seen(ctx.session, holders, SYSTEM) if ctx.hosts.user.hooked else set(holders)
    sources = []
    for holder in (*holders, None):
        assignee = holder if holder in shown else None
        if assignee not in full:
            sources.append(_source_of(ctx, today, holder, assignee))
    if assignees.are_copied(ctx.hosts):
        sources.append(Source(lambda offset, width: _ranked(ctx, today, full, offset, width)))
    return sources


def _source_of(ctx: Context, today: date, holder: Any, assignee: Any) -> Source:
    """Return the contacts that are due of one user, or unassigned ones, found by an index.

    :param holder: the user in the indexed column. A copy must equal the present assignee.
    :param assignee: the holder, or None where the holder is not present.
    """
    table = ctx.models.Profile
    contacts = _join(ctx)
    due = sa.select(table.id, table.contact_id, table.cadence_days, table.in_touch_due_day).select_from(table)
    due = contacts.join(due, table.contact_id, inner=True)
    due = due.where(*assignees.is_candidate_of(ctx, holder), *_to_remind(ctx, contacts, today))
    if assignees.are_copied(ctx.hosts):
        owner = assignees.assignee(ctx, contacts)
        due = due.where(owner.is_(None) if holder is None else owner == holder)
    due = due.order_by(table.in_touch_due_day, table.id)
    if holder is None:
        due = assignees.with_index(due, ctx.models, assignees.remind_index(ctx.hosts))
    return Source(lambda offset, width: due.offset(offset).limit(width), (assignee,))


def _join(ctx: Context) -> HostValues:
    """Return a join of contacts with the fields that decide about reminders."""
    fields = [*assignees.joined_fields(ctx.hosts), *activity.joined_fields(ctx.hosts)]
    return HostValues(ctx.hosts.contact, SYSTEM, {}, *fields)


def _to_remind(ctx: Context, contacts: HostValues, today: date) -> list[sa.ColumnElement[bool]]:
    has_come = ctx.models.Profile.in_touch_remind_day <= today.toordinal()
    return [has_come, ~is_open(ctx.models), activity.condition(ctx.hosts, contacts)]


def _holders(ctx: Context, today: date, dialect: str) -> sa.Select[Any]:
    """Return a select of the users in the indexed column who have a contact that is due: one index lookup for each.

    A LIMIT reads one due contact of each: MariaDB turns EXISTS into a join, and reads all of them. Without the ORDER
    BY PostgreSQL reads the table from its beginning until it finds one.
    """
    column = assignees.indexed_column(ctx)
    remind_day = ctx.models.Profile.in_touch_remind_day
    holders = _distinct(column, dialect)
    theirs = sa.select(column).where(column == holders.c.holder, remind_day <= today.toordinal())
    due = theirs.order_by(remind_day).limit(1).correlate(holders).scalar_subquery()
    return sa.select(holders.c.holder).where(holders.c.holder.is_not(None), due.is_not(None))


def _distinct(column: Any, dialect: str) -> Any:
    """Return the different values of the first column of an index, as ``holder``.

    MariaDB and MySQL skip from one value to the next for DISTINCT. Others read all rows for it, so that a recursive
    query reads the next value in each step there.
    """
    if dialect in ("mysql", "mariadb"):
        return sa.select(column.label("holder")).distinct().subquery("holders")
    first = sa.select(column).where(column.is_not(None)).order_by(column).limit(1).scalar_subquery()
    holders = sa.select(first.label("holder")).cte("holders", recursive=True)
    later = sa.select(column).where(column > holders.c.holder).order_by(column).limit(1).correlate(holders)
    return holders.union_all(sa.select(later.scalar_subquery()).where(holders.c.holder.is_not(None)))


def _ranked(ctx: Context, today: date, full: set[Any], offset: int, width: int) -> sa.Select[Any]:
    """Return a select of contacts whose copy of the assignee is unknown, ranked for each assignee.

    :param full: the assignees whose contacts are left out.
    :param offset: how many contacts of each assignee to skip.
    """
    table = ctx.models.Profile
    contacts = _join(ctx)
    owner = assignees.assignee(ctx, contacts)
    named = owner.not_in([one for one in full if one is not None])
    with_room = sa.and_(owner.is_not(None), named) if None in full else sa.or_(owner.is_(None), named)
    order = (table.in_touch_due_day, table.id)
    place = sa.func.row_number().over(partition_by=owner, order_by=order).label("place")
    due = sa.select(table.id, table.contact_id, table.cadence_days, table.in_touch_due_day, owner.label("assignee"))
    due = contacts.join(due.add_columns(place).select_from(table), table.contact_id, inner=True)
    unknown = assignees.with_unknown(due.where(with_room, *_to_remind(ctx, contacts, today)), ctx.models)
    ranked = unknown.subquery("due")
    return sa.select(ranked).where(ranked.c.place > offset, ranked.c.place <= offset + width)
