"""Sending: nothing twice, nothing silently lost, every unclear send visible.

Twilio's message creation has no idempotency key, so a message is committed as ``sending`` before the call, no
transaction is open during it, and its result is only taken by the attempt that made it. What may or may not have
left is ``unconfirmed`` and never sent again by itself.
"""

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
from ..consent import service as consent
from ..dumper import Rows, members_of
from ..errors import (
    InvalidMember,
    InvalidPhoneNumber,
    NoPhoneNumber,
    NotOptedIn,
    OptedOutByRecipient,
    Problem,
    ProviderRefused,
    ProviderUnavailable,
    TwilioDisabled,
    TwilioNotConfigured,
    ValidationFailed,
    place_of,
)
from ..paging import Order, Page, cut, ordered
from ..profiles import service as profiles
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, execute, retried
from ..transports.base import (
    Channel,
    MessageTransport,
    OutboundMessage,
    Receipt,
    TransportDisabled,
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
    TransportUnclear,
)
from .schemas import Message
from .statuses import FAILED, RANKS
from .tables import MessageTable

if TYPE_CHECKING:
    from ..actions.tables import ActionTable

logger = logging.getLogger(__name__)

ATTEMPTS = 6
"""How often a result is saved before it is given up: it is all that is known of a message that has left."""

REFUSALS: dict[str, type[Problem]] = {
    problem.code: problem
    for problem in (OptedOutByRecipient, InvalidPhoneNumber, TwilioNotConfigured, TwilioDisabled, ProviderUnavailable)
}
"""What a transport's refusal may be answered with instead of 502."""


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
        raise problem_of(error) from None
    _check_media(channel, values["media_url"])
    message_id = uuid7()
    if action_id is not None:
        actions.claim(session, models, action_id, contact.key, message_id)
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
        attempt=1,
        sent_by_user_id=user,
        created_at=state.now(),
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


def problem_of(error: TransportError) -> Problem:
    """What a caller is told of a transport's error."""
    if isinstance(error, TransportNotConfigured):
        return TwilioNotConfigured()
    if isinstance(error, TransportDisabled):
        return TwilioDisabled()
    if isinstance(error, TransportUnavailable):
        later = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return ProviderUnavailable(error.detail, headers=later)
    if isinstance(error, TransportRefused):
        problem = REFUSALS.get(error.code, ProviderRefused)(error.detail)
        if error.provider_code is not None:
            problem.extra["provider_code"] = error.provider_code
        return problem
    return ProviderRefused()


def deliver(session: Session, models: Models, message_id: UUID) -> tuple[Problem | None, ActionTable | None]:
    """Call the provider for a message that was committed as ``sending``, and commit what came of it.

    Returns the problem to answer with, or None where the message was accepted or it is unclear, and the action that
    is done by it.
    """
    table = models.Message
    columns = (table.id, table.channel, table.to_number, table.body, table.media_url, table.attempt)
    waiting = sa.select(*columns, table.contact_id, table.sent_by_user_id, table.auto_action_id)
    row = execute(session, models.mapper, waiting.where(table.id == message_id, table.status == "sending")).first()
    session.commit()  # no transaction and no connection is held over the call
    if row is None:
        logger.error("message %s is not there to be sent", message_id)
        return None, None
    outbound = OutboundMessage(str(row.id), row.channel, row.to_number, row.body, row.media_url)
    outcome = _call(state.transport, outbound)
    return retried(session, lambda: _saved(session, models, row, outcome), ATTEMPTS, unless=lambda: False)


def _saved(
    session: Session, models: Models, row: Any, outcome: Receipt | TransportError
) -> tuple[Problem | None, ActionTable | None]:
    """Commit what came of the call: by itself, so that it may be begun again."""
    if isinstance(outcome, Receipt):
        return None, _accepted(session, models, row, outcome)
    if isinstance(outcome, TransportUnclear):
        _conclude(session, models, row, {"status": "unconfirmed", "status_rank": RANKS["unconfirmed"]})
        session.commit()
        return None, None
    return _refused(session, models, row, outcome), None


def _call(transport: MessageTransport, outbound: OutboundMessage) -> Receipt | TransportError:
    """The provider's answer. Whatever a transport raises that is no clear refusal leaves it unclear."""
    try:
        return transport.send(outbound)
    except TransportError as error:
        return error
    except Exception as error:  # a transport of the host's own may raise anything, after sending or before
        logger.error("the transport raised, message %s is unconfirmed: %s", outbound.id, place_of(error))
        return TransportUnclear("the transport raised")


def _conclude(session: Session, models: Models, row: Any, values: dict[str, Any]) -> bool:
    """Take the result of one attempt, unless another has been made or the message is gone."""
    table = models.Message
    mine = (table.id == row.id, table.status == "sending", table.attempt == row.attempt)
    if changed(session, models.mapper, sa.update(table).where(*mine).values(**values)):
        return True
    logger.error("the result of message %s, attempt %s, came too late", row.id, row.attempt)
    return False


def _accepted(session: Session, models: Models, row: Any, receipt: Receipt) -> ActionTable | None:
    now = state.now()
    known = receipt.status in RANKS
    if not known:
        logger.error("the provider's status for message %s is not one we know", row.id)
    status = receipt.status if known else "accepted"
    values = {
        "provider_sid": receipt.provider_sid,
        "status": status,
        "status_rank": RANKS[status],
        "from_number": receipt.from_number,
        "sent_at": now,
    }
    action = None
    if _conclude(session, models, row, values):
        if row.auto_action_id is not None and status in FAILED:
            actions.release(session, models, row.id)
        elif row.auto_action_id is not None:
            action = actions.fulfil(session, models, row.id, user=row.sent_by_user_id, now=now)
        profiles.note_message(session, models, row.contact_id, now)
    session.commit()
    return action


def _refused(session: Session, models: Models, row: Any, error: TransportError) -> Problem:
    problem = problem_of(error)
    code = getattr(error, "provider_code", None)
    values = {
        "status": "failed",
        "status_rank": RANKS["failed"],
        "error_code": problem.code if code is None else str(code),
        "error_message": problem.detail,
    }
    _conclude(session, models, row, values)
    actions.release(session, models, row.id)
    if isinstance(error, TransportRefused) and error.effect == "suppress":
        _suppress(session, models, row, state.now())
    session.commit()
    return problem


def _suppress(session: Session, models: Models, row: Any, now: datetime) -> None:
    """The provider says that the recipient has unsubscribed: we believe it, and write it down."""
    reason = {"channel": row.channel, "now": now}
    consent.suppress(session, models, row.to_number, reason="refused", **reason)
    consent.record(
        session,
        models,
        contact=row.contact_id,
        number=row.to_number,
        event="refused",
        source="provider",
        **reason,
    )


def read(
    session: Session, models: Models, keys: ShownKeys, condition: sa.ColumnElement[bool], page: Page
) -> tuple[Rows, str | None]:
    """Messages, newest first, and the cursor of the next page. ``keys`` are those of the table of messages."""
    table = models.Message
    statement = sa.select(*(keys.column(name) for name in members_of(Message))).where(condition)
    order = Order({"created_at": table.created_at, "id": table.id}, descending=True)
    return cut(read_rows(session, models, ordered(statement, order, page), keys=keys), order, page)
