"""Messages: writing one that may be sent, and listing them. `delivery` sends them."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ..actions import service as actions
from ..binding.host_values import ShownKeys, read_rows
from ..binding.hosts import HostRow
from ..dumper import Rows, members_of
from ..errors import (
    InvalidMember,
    NoPhoneNumber,
    NotOptedIn,
    OptedOutByRecipient,
    ValidationFailed,
)
from ..paging import Order, Page, cut, ordered
from ..profiles import service as profiles
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed
from ..transports.base import (
    Channel,
    TransportError,
)
from . import delivery
from .schemas import Message
from .segments import segments
from .statuses import RANKS
from .tables import MessageTable

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)


def prepare(
    session: Session,
    models: Models,
    contact: HostRow,
    values: dict[str, Any],
    action_id: UUID | None,
    *,
    user: Any,
) -> MessageTable:
    """Check that a message may be sent, and insert it as ``sending`` with its action claimed. The caller commits.

    Raises, in this order: 403 not opted in or suppressed, 400 no usable number, 500 not configured, 503 disabled, 422
    by the rules of the channel, 404 or 409 for the linked action.
    """
    channel = cast(Channel, values["channel"])
    found = profiles.find_or_create(session, models, contact)
    number, suppressed = profiles.number_for(found, channel)
    if not found.profile.twilio_opt_in:
        raise NotOptedIn
    if suppressed is not None:
        raise OptedOutByRecipient
    if number is None:
        raise NoPhoneNumber
    try:
        state.transport.require_ready(channel)
    except TransportError as error:
        raise delivery.problem_of(error) from None
    _check_media(channel, values["media_url"])
    message_id = uuid7()
    if action_id is not None:
        actions.claim(session, models, action_id, contact.key, message_id)
    now = state.now()
    message = models.Message(
        id=message_id,
        auto_action_id=action_id,
        contact_id=contact.key,
        direction="outbound",
        channel=channel,
        body=values["body"],
        media_url=values["media_url"],
        to_number=number,
        status="sending",
        status_rank=RANKS["sending"],
        num_segments=segments(values["body"]).count,
        attempt=1,
        attempted_at=now,
        sent_by_user_id=user,
        created_at=now,
    )
    session.add(message)
    session.flush()
    return message


def _check_media(channel: str, media_url: str | None) -> None:
    if media_url is None:
        return
    if channel != "mms":
        words = "Only an MMS carries media."
    elif not _is_public_https(media_url):
        words = "A media address is an https:// address that anybody may fetch, without a user in it."
    else:
        return
    raise ValidationFailed(errors=[InvalidMember("#/media_url", "invalid_url", words)])


def _is_public_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.scheme == "https" and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return False
    return bool(named) and not re.search(r"[\s\\\x00-\x1f]", url)


def is_unmatched(table: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.direction == "inbound", table.contact_id.is_(None))


def match(session: Session, models: Models, message_id: UUID, contact: Any, at: datetime) -> bool:
    """Give an unmatched message, written ``at``, to a contact; False where it has one already."""
    table = models.Message
    matching = sa.update(table).where(table.id == message_id, is_unmatched(table))
    if not changed(session, models.mapper, matching.values(contact_id=contact)):
        return False
    profiles.note_message(session, models, contact, at)
    return True


def read(
    session: Session, models: Models, keys: ShownKeys, condition: sa.ColumnElement[bool], page: Page
) -> tuple[Rows, str | None]:
    """Messages, newest first, and the cursor of the next page. ``keys`` are those of the table of messages."""
    table = models.Message
    statement = sa.select(*(keys.column(name) for name in members_of(Message))).where(condition)
    order = Order({"created_at": table.created_at, "id": table.id}, descending=True)
    return cut(read_rows(session, models, ordered(statement, order, page), keys=keys), order, page)
