"""The last contact: a message that was delivered or received, or an action that a person did.

Failed, queued and future messages do not count. The moment only moves forward, except where an action turns out not to
be done: then it is computed again from all messages and actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ...context import Context
from ..texts import written_time
from .cadence import counted

NOT_BY_A_PERSON = ("message", "plugin")
"""Values of ``closed_by`` that are no contact: a message counts itself, once it has arrived."""


class LastContact(NamedTuple):
    """The moment (naive UTC), the channel or type of action, and the user; None if the contact wrote."""

    at: datetime
    channel: str
    by: Any


def day_of(ctx: Context, at: datetime) -> int:
    """Return the ordinal of the date of a moment in the application's time zone."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(ctx.settings.timezone)).date().toordinal()


def columns(ctx: Context, found: LastContact | None) -> dict[str, Any]:
    """Return the columns of a profile for its last contact, or for none."""
    at, channel, by = found or (None, None, None)
    return {
        "last_contact_at": at,
        "last_contact_day": None if at is None else day_of(ctx, at),
        "last_contact_channel": channel,
        "last_contact_by_user_id": by,
    }


def written(at: datetime | None, by: Any, channel: str | None) -> dict[str, Any] | None:
    """Return the JSON member for stored values; ``by`` as the viewer may see it."""
    if at is None:
        return None
    return {"at": written_time(at), "by": None if by is None else str(by), "channel": channel}


def note(ctx: Context, contact: Any, found: LastContact) -> None:
    """Store a contact. Changes nothing if a later one is stored, or there is no profile."""
    table, day = ctx.models.Profile, day_of(ctx, found.at)
    older = sa.or_(table.last_contact_at.is_(None), table.last_contact_at < found.at)
    values = {**columns(ctx, found), **counted(sa.literal(day), table.cadence_days)}
    ctx.update_where(sa.update(table).where(table.contact_id == contact, older).values(values))


def note_done(ctx: Context, changes: Iterable[UUID | None], contacts: Iterable[Any], at: datetime, by: Any) -> None:
    """Store that a person did the actions with one of these ``change_id``, in one statement."""
    table, action, day = ctx.models.Profile, ctx.models.Action, day_of(ctx, at)
    mine = (action.contact_id == table.contact_id, action.change_id.in_(list(changes)))
    channel = sa.select(sa.func.max(action.action_type)).where(*mine).correlate(table).scalar_subquery()
    older = sa.or_(table.last_contact_at.is_(None), table.last_contact_at < at)
    values = {**columns(ctx, LastContact(at, "", by)), "last_contact_channel": channel}
    theirs = sa.update(table).where(table.contact_id.in_(list(contacts)), older)
    ctx.update_where(theirs.values({**values, **counted(sa.literal(day), table.cadence_days)}))


def withdraw(ctx: Context, done: Mapping[Any, Collection[datetime]]) -> None:
    """Correct the last contact of contacts whose actions turned out not to be done, in three statements.

    :param done: the moments of those actions, by contact.
    """
    table = sa.inspect(ctx.models.Profile).local_table
    stored = sa.select(table.c.contact_id, table.c.last_contact_at).where(table.c.contact_id.in_(list(done)))
    rows = [row for row in ctx.execute(stored).all() if row.last_contact_at in done[row.contact_id]]
    if not rows:
        return
    found = latest_of(ctx, [row.contact_id for row in rows])
    mine = (table.c.contact_id == sa.bindparam("of"), table.c.last_contact_at == sa.bindparam("withdrawn"))
    new: dict[str, Any] = {name: sa.bindparam(name) for name in columns(ctx, None)}
    day = sa.func.coalesce(sa.bindparam("last_contact_day", type_=sa.Integer), table.c.cadence_since_day)
    changing = sa.update(table).where(*mine).values({**new, **counted(day, table.c.cadence_days)})
    each = [
        columns(ctx, found.get(row.contact_id)) | {"of": row.contact_id, "withdrawn": row.last_contact_at}
        for row in rows
    ]
    ctx.session.execute(changing, each, bind_arguments={"mapper": ctx.models.mapper})


def latest_of(ctx: Context, contacts: Sequence[Any]) -> dict[Any, LastContact]:
    """Return the last contact of these contacts, as far as they had any, in one statement."""
    message, action = ctx.models.Message, ctx.models.Action
    moments = [
        (message.delivered_at, message.direction == "outbound"),
        (message.read_at, message.direction == "outbound"),
        (message.created_at, message.direction == "inbound"),
    ]
    of_message = (message.channel.label("channel"), message.sent_by_user_id.label("by"))
    found = [
        sa.select(message.contact_id, moment.label("at"), *of_message).where(
            message.contact_id.in_(contacts), moment.is_not(None), condition
        )
        for moment, condition in moments
    ]
    by_people = (action.status == "done", action.closed_by.not_in(NOT_BY_A_PERSON), action.completed_at.is_not(None))
    of_action = (action.completed_at, action.action_type, action.completed_by_user_id)
    found.append(sa.select(action.contact_id, *of_action).where(action.contact_id.in_(contacts), *by_people))
    every = sa.union_all(*found).subquery()
    place = sa.func.row_number().over(partition_by=every.c.contact_id, order_by=every.c.at.desc())
    placed = sa.select(every, place.label("place")).subquery()
    last = sa.select(placed.c.contact_id, placed.c.at, placed.c.channel, placed.c.by).where(placed.c.place == 1)
    rows = ctx.execute(last).all()
    return {row.contact_id: LastContact(row.at, row.channel, row.by) for row in rows}
