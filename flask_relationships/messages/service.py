"""Messages: writing one that may be sent, and listing them. `delivery` sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ..actions import service as actions
from ..binding.host_values import ShownKeys, read_rows
from ..binding.hosts import HostRow, Hosts
from ..binding.paths import Viewer
from ..dumper import Rows, members_of
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import LastContact
from ..narrowing import Narrowing
from ..paged_rows import read_paged
from ..paging import Order, Page, cut
from ..profiles import service as profiles
from ..scopes import Scope, paged
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, dialect_of
from . import checks, limits, quiet_hours, whatsapp_window
from .schemas import Message
from .statuses import FIRST, RANKS, WAITING
from .tables import MessageTable


def prepare(
    session: Session,
    models: Models,
    contact: HostRow,
    values: dict[str, Any],
    action_id: UUID | None,
    *,
    user: Any,
) -> MessageTable:
    """Check that a message may be sent, and insert it with its action claimed. The caller commits.

    It is ``sending`` where the dispatcher sends at once; else ``queued``, in quiet hours until they are over.

    Raises what `checks.number_to_send_to` does, then 422 or 409 for the linked action, then 429 for a limit.
    """
    now, channel = state.now(), values["channel"]
    found = profiles.find_or_create(session, models, contact)
    outside = whatsapp_window.is_closed(session, models, contact.key, now) if channel == "whatsapp" else None
    number = checks.number_to_send_to(found, values, outside_window=outside)
    message_id, counted = uuid7(), checks.segments_of(values)
    if action_id is not None:
        actions.claim(session, models, action_id, contact.key, message_id)
    limits.count(session, models, contact.key, user, now)
    not_before = quiet_hours.end_of(number, now)
    at_once = state.dispatcher.immediate and not_before is None
    message = models.Message(
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
        num_segments=1 if counted is None else counted.count,
        status="sending" if at_once else "queued",
        status_rank=RANKS["sending"] if at_once else WAITING,
        attempt=FIRST if at_once else 0,
        attempted_at=now if at_once else None,
        not_before=not_before,
        sent_by_user_id=user,
        created_at=now,
    )
    session.add(message)
    session.flush()
    return message


def is_unmatched(table: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.direction == "inbound", table.contact_id.is_(None))


def match(session: Session, models: Models, message: Any, contact: Any) -> bool:
    """Give an unmatched message to a contact; False where it has one already."""
    table = models.Message
    matching = sa.update(table).where(table.id == message.id, is_unmatched(table))
    if not changed(session, models.mapper, matching.values(contact_id=contact)):
        return False
    profiles.note_message(session, models, contact, message.created_at)
    last_contact.note(session, models, contact, LastContact(message.created_at, message.channel, None))
    return True


def read(
    session: Session, models: Models, hosts: Hosts, viewer: Viewer, narrowing: Narrowing, page: Page
) -> tuple[Rows, str | None]:
    """Messages, newest first, and the cursor of the next page."""
    return read_paged(session, models, hosts, viewer, models.Message, _columns, narrowing, _newest(models), page)


def read_newest(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    contacts: sa.Select[Any],
    values: Mapping[str, Any],
    most: int,
) -> Rows:
    """The newest messages of all the contacts of these keys. ``values`` are those that have a name in the select."""
    table, order, page = models.Message, _newest(models), Page(most)
    dialect = dialect_of(session, models.mapper)

    def make(viewer: Viewer) -> tuple[sa.Select[Any], ShownKeys]:
        keys, scope = ShownKeys(hosts, viewer, table), Scope(table.contact_id, among=contacts)
        return paged(sa.select(*_columns(keys)), table, order, page, scope, [], dialect=dialect), keys

    statement, keys = hosts.once(("newest messages", dialect, most), make, viewer)
    return cut(read_rows(session, models, statement, keys=keys, values=values), order, page)[0]


def _newest(models: Models) -> Order:
    return Order({"created_at": models.Message.created_at, "id": models.Message.id}, descending=True)


def _columns(keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    return keys.columns(members_of(Message))
