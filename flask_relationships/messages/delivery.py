"""Sending: nothing twice, nothing silently lost, every unclear send visible.

Twilio's message creation has no idempotency key, so a message is committed as ``sending`` before the call, no
transaction is open during it, and its result is only taken by the attempt that made it. What may or may not have
left is ``unconfirmed`` and never sent again by itself.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..actions import service as actions
from ..consent import service as consent
from ..errors import (
    InvalidPhoneNumber,
    OptedOutByRecipient,
    Problem,
    ProviderRefused,
    ProviderUnavailable,
    TwilioDisabled,
    TwilioNotConfigured,
    place_of,
)
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, execute, retried
from ..transports.base import (
    MessageTransport,
    OutboundMessage,
    Receipt,
    Report,
    TransportDisabled,
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
    TransportUnclear,
)
from . import reports
from .callbacks import status_callback
from .statuses import NOT_SENT, RANKS

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

Outcome = tuple[Problem | None, "ActionTable | None"]
"""The problem to answer with, or None where the message was accepted or it is unclear; and the action it has done."""


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


def deliver(session: Session, models: Models, message_id: UUID) -> Outcome:
    """Call the provider for a message that was committed as ``sending``, and commit what came of it.

    Nobody is called for a number that has said STOP since the message was written.
    """
    row = _waiting(session, models, message_id)
    session.commit()  # no transaction and no connection is held over the call
    if row is None:
        logger.error("message %s is not there to be sent", message_id)
        return None, None
    outcome: Receipt | TransportError
    if row.suppressed is not None:
        opted_out = OptedOutByRecipient()
        outcome = TransportRefused(opted_out.detail, status=opted_out.status, code=opted_out.code)
    else:
        outcome = _call(state.transport, outbound(row))
    return retried(session, lambda: _saved(session, models, row, outcome), ATTEMPTS, unless=lambda: False)


def _waiting(session: Session, models: Models, message_id: UUID) -> Any:
    table = models.Message
    names = (
        *("id", "channel", "to_number", "body", "media_url", "attempt"),
        *("contact_id", "sent_by_user_id", "auto_action_id"),
    )
    suppressed = consent.live_suppression(models, table.to_number, of=table).label("suppressed")
    statement = sa.select(*(getattr(table, name) for name in names), suppressed)
    return execute(session, models.mapper, statement.where(table.id == message_id, table.status == "sending")).first()


def outbound(row: Any) -> OutboundMessage:
    """What the provider is told of a message of ours."""
    return OutboundMessage(
        id=str(row.id),
        channel=row.channel,
        to=row.to_number,
        body=row.body,
        media_url=row.media_url,
        status_callback=status_callback(row.id),
    )


def _call(transport: MessageTransport, message: OutboundMessage) -> Receipt | TransportError:
    """The provider's answer. Whatever a transport raises that is no clear refusal leaves it unclear."""
    try:
        return transport.send(message)
    except TransportError as error:
        return error
    except Exception as error:  # a transport of the host's own may raise anything, after sending or before
        logger.error("the transport raised, message %s is unconfirmed: %s", message.id, place_of(error))
        return TransportUnclear("the transport raised")


def _saved(session: Session, models: Models, row: Any, outcome: Receipt | TransportError) -> Outcome:
    """Commit what came of the call: by itself, so that it may be begun again."""
    if isinstance(outcome, Receipt):
        return None, _accepted(session, models, row, outcome)
    if isinstance(outcome, TransportUnclear):
        _conclude(session, models, row, {"status": "unconfirmed", "status_rank": RANKS["unconfirmed"]})
        session.commit()
        return None, None
    return _refused(session, models, row, outcome), None


def _conclude(session: Session, models: Models, row: Any, values: dict[str, Any]) -> bool:
    """Take the result of one attempt, unless another has been made, more is known already, or the message is gone."""
    table = models.Message
    mine = (table.id == row.id, table.status == "sending", table.attempt == row.attempt)
    return bool(changed(session, models.mapper, sa.update(table).where(*mine).values(**values)))


def _accepted(session: Session, models: Models, row: Any, receipt: Receipt) -> ActionTable | None:
    """A status callback may have been quicker than the reply: then nothing is left to be changed."""
    status = receipt.status if receipt.status in RANKS else "accepted"
    if status is not receipt.status:
        logger.error("the provider's status for message %s is not one we know", row.id)
    report = Report(status, receipt.provider_sid, receipt.from_number, receipt.num_segments)
    taken = reports.take(session, models, row.id, report, now=state.now())
    session.commit()
    return taken.action


def _refused(session: Session, models: Models, row: Any, error: TransportError) -> Problem:
    problem, now = problem_of(error), state.now()
    code = getattr(error, "provider_code", None)
    values = {
        "status": "failed",
        "status_rank": NOT_SENT,
        "error_code": problem.code if code is None else str(code),
        "error_message": problem.detail,
    }
    _conclude(session, models, row, values)
    actions.release(session, models, row.id)
    if isinstance(error, TransportRefused) and error.effect == "suppress":
        reports.suppress(session, models, row.contact_id, row.to_number, row.channel, now)
    session.commit()
    return problem
