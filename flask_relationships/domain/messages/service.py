"""Messages: writing one that may be sent, and listing them. `delivery` sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.filters import Narrowing
from ...db.pagination import Order, Page, cut, ordered, values_after
from ...db.rows import Rows
from ...db.scoped_pages import Scope, paged
from ...db.statements import dialect_of
from ...hosts.bound import HostRow
from ...hosts.joins import HostValues, ShownKeys, read_rows
from ...hosts.paths import Viewer
from ..actions import service as actions
from ..contacts.addresses import address_key
from ..models import Models
from ..profiles import service as profiles
from . import limits, policy, quiet_hours, senders, whatsapp_window
from .models import MESSAGE_COLUMNS, MessageTable
from .statuses import FIRST, RANKS, WAITING


def prepare(
    ctx: Context,
    contact: HostRow,
    values: dict[str, Any],
    action_id: UUID | None,
    *,
    user: Any,
    announce: profiles.Announce,
) -> MessageTable:
    """Check that a message may be sent, and insert it with its action claimed. The caller commits.

    It is ``sending`` where the dispatcher sends at once; else ``queued``, in quiet hours until they are over.

    Raises what `policy.destination_of` does, then 422 or 409 for the linked action, then 429 for a limit.
    """
    now, channel = ctx.now(), values["channel"]
    found = profiles.find_or_create(ctx, contact, announce)
    outside = None
    if channel == "whatsapp":
        to_number = profiles.number_for(found, channel)[0]
        outside = whatsapp_window.is_closed(ctx, contact.key, to_number, now)
    number, sender = policy.destination_of(ctx, contact, found, values, outside_window=outside)
    message_id, counted = uuid7(), policy.segments_of(values)
    if action_id is not None:
        actions.claim(ctx, action_id, contact.key, message_id)
    limits.count(ctx, contact.key, user, now)
    not_before = quiet_hours.end_of(ctx, number, now)
    at_once = ctx.dispatcher.immediate and not_before is None
    message = ctx.models.Message(
        id=message_id,
        auto_action_id=action_id,
        contact_id=contact.key,
        direction="outbound",
        channel=channel,
        body=values["body"],
        media_url=values["media_url"],
        content_sid=values["content_sid"],
        content_variables=values["content_variables"],
        outside_whatsapp_window=outside,
        to_number=number,
        address_key=address_key(number),
        **senders.columns_of(sender, channel),
        num_segments=1 if counted is None else counted.count,
        status="sending" if at_once else "queued",
        status_rank=RANKS["sending"] if at_once else WAITING,
        attempt=FIRST if at_once else 0,
        attempted_at=now if at_once else None,
        not_before=not_before,
        sent_by_user_id=user,
        created_at=now,
    )
    ctx.session.add(message)
    ctx.session.flush()
    return message


def read(ctx: Context, narrowing: Narrowing, page: Page) -> tuple[Rows, str | None]:
    """Return messages, newest first, and the cursor of the next page."""
    order = _newest(ctx.models)

    def make(viewer: Viewer) -> _Statement:
        made = _statement(ctx.seen_by(viewer))
        return made._replace(statement=ordered(made.statement.where(*narrowing.conditions), order, page))

    form = narrowing.form and (ctx.models.Message, narrowing.form, page.limit, page.cursor is None)
    made = ctx.hosts.once(form, make, ctx.viewer)
    values = {**narrowing.values, **values_after(order, page)}
    return cut(read_rows(ctx.session, ctx.models, made.statement, [made.authors], made.keys, values), order, page)


def read_newest(ctx: Context, contacts: sa.Select[Any], values: Mapping[str, Any], most: int) -> Rows:
    """The newest messages of all the contacts of these keys. ``values`` are those that have a name in the select."""
    table, order, page = ctx.models.Message, _newest(ctx.models), Page(most)
    dialect = dialect_of(ctx.session, ctx.models.mapper)

    def make(viewer: Viewer) -> _Statement:
        keys, scope = ShownKeys(ctx.hosts, viewer, table), Scope(table.contact_id, among=contacts)
        authors = _authors(ctx.seen_by(viewer))
        selected = sa.select(*_columns(keys), *authors.columns)
        statement = paged(selected, table, order, page, scope, [], dialect=dialect)
        return _Statement(authors.join(statement, table.sent_by_user_id), authors, keys)

    made = ctx.hosts.once(("newest messages", dialect, most), make, ctx.viewer)
    return cut(read_rows(ctx.session, ctx.models, made.statement, [made.authors], made.keys, values), order, page)[0]


def find(ctx: Context, keys: ShownKeys, *conditions: sa.ColumnElement[bool]) -> tuple[Any, dict[str, Any]] | None:
    """Return one message, and the members of its answer that depend on the viewer."""
    author = keys.table.sent_by_user_id
    return keys.find(ctx.session, *conditions, beside=_authors(ctx.seen_by(keys.viewer)), on=author)


def unread_members(keys: ShownKeys) -> dict[str, None]:
    """Return the members that depend on the viewer, as null: of a message that cannot be read again."""
    return dict.fromkeys((*keys.hooked, "sent_by_name"))


class _Statement(NamedTuple):
    """What a list is read with."""

    statement: sa.Select[Any]
    authors: HostValues
    keys: ShownKeys


def _authors(ctx: Context) -> HostValues:
    return HostValues(ctx.hosts.user, ctx.viewer, {"sent_by_name": "name"})


def _statement(ctx: Context) -> _Statement:
    table = ctx.models.Message
    authors, keys = _authors(ctx), ShownKeys(ctx.hosts, ctx.viewer, table)
    statement = sa.select(*_columns(keys), *authors.columns).select_from(table)
    return _Statement(authors.join(statement, table.sent_by_user_id), authors, keys)


def _newest(models: Models) -> Order:
    return Order({"created_at": models.Message.created_at, "id": models.Message.id}, descending=True)


def _columns(keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    return keys.columns(MESSAGE_COLUMNS)
