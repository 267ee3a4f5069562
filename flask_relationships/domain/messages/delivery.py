"""Sending: nothing twice, nothing silently lost, every unclear send visible.

Twilio's message creation has no idempotency key, so a message is committed as ``sending`` before the call, no
transaction is open during it, and its result is only taken by the attempt that made it. What may or may not have
left is ``unconfirmed`` and never sent again by itself.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.statements import retried
from ...errors import Problem, ProviderUnavailable, TwilioDisabled, TwilioNotConfigured, place_of
from ...hosts.bound import SYSTEM
from ...providers.base import (
    Channel,
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
from ...providers.senders import Sender
from ..actions import service as actions
from ..consent import service as consent
from . import policy, quiet_hours, reports, senders
from .callbacks import status_callback
from .statuses import NOT_SENT, RANKS, WAITING
from .transport_problems import problem_of

if TYPE_CHECKING:
    from ..actions.models import ActionTable
    from ..consent.models import ConsentEntryTable

logger = logging.getLogger(__name__)

PATIENCE = 5
"""How many calls a message is worth that was certainly not taken, and that nobody waits for."""

NOT_ABOUT_IT = (TransportUnavailable, TransportNotConfigured, TransportDisabled)
"""What keeps every message from leaving, and is likely to pass or to be put right."""

NOT_ABOUT_IT_CODES = (ProviderUnavailable.code, TwilioNotConfigured.code, TwilioDisabled.code)

ATTEMPTS = 6
"""How often a result is saved before it is given up: it is all that is known of a message that has left."""


class Outcome(NamedTuple):
    """The problem to answer with, or None where the message was accepted or it is unclear; the action that it has done,
    and the line that a refusal has added to the ledger of consent."""

    problem: Problem | None = None
    action: ActionTable | None = None
    entry: ConsentEntryTable | None = None


NOTHING = Outcome()


def claim(ctx: Context, message_id: UUID) -> int | None:
    """Begin to send a message that waits and is due: the number of the attempt, or None where it is not ours to send.

    A conditional update decides between two who claim it at once. What is claimed late, in quiet hours again, waits
    for their end; where nothing can be sent on its channel, until that is put right. Commits.
    """
    table, now = ctx.models.Message, ctx.now()
    due = sa.or_(table.not_before.is_(None), table.not_before <= now)
    waiting = (table.id == message_id, table.status == "queued", table.provider_sid.is_(None))
    sender = (table.sender_number, table.messaging_service_sid)
    columns = sa.select(table.attempt, table.to_number, table.channel, *sender)
    found = ctx.execute(columns.where(*waiting, due)).first()
    if found is None or not is_ready(ctx, found.channel, senders.sender_of_row(found)):
        ctx.session.commit()
        return None
    later, attempt = quiet_hours.end_of(ctx, found.to_number, now), found.attempt + 1
    values: dict[str, Any] = {"not_before": later}
    if later is None:
        values = {"status": "sending", "status_rank": RANKS["sending"], "attempt": attempt, "attempted_at": now}
    claiming = sa.update(table).where(*waiting, table.attempt == found.attempt)
    claimed = ctx.update_where(claiming.values(values))
    ctx.session.commit()
    return attempt if claimed and later is None else None


def is_ready(ctx: Context, channel: Channel, sender: Sender | None) -> bool:
    """Return whether the transport says that it can send on this channel from this sender."""
    try:
        senders.require_ready(ctx.transport, channel, sender)
    except Exception:  # whatever a transport of the host's own raises here: it does not say that it can send
        return False
    return True


def deliver(ctx: Context, message_id: UUID, attempt: int, *, awaited: bool = True) -> Outcome:
    """Call the provider for a message that was committed as ``sending``, and commit what came of it.

    Nobody is called for a number that has said STOP since the message was written, or a contact who is opted out or
    gone. ``awaited``: somebody waits for the answer. Where nobody does, a message that was certainly not taken, for a
    reason that is not its own, waits for another call.
    """
    row = _claimed(ctx, message_id, attempt)
    ctx.session.commit()  # no transaction and no connection is held over the call
    if row is None:
        logger.error("message %s is not there to be sent", message_id)
        return NOTHING
    outcome: Receipt | TransportError
    is_present = awaited or _is_present(ctx, row.contact_id)
    unwanted = policy.refusal_before_call(row.suppressed, opted_in=row.opted_in, is_present=is_present)
    if unwanted is not None:
        outcome = TransportRefused(unwanted.detail, status=unwanted.status, code=unwanted.code)
    else:
        outcome = _call(ctx.transport, outbound(ctx, row))
    if not awaited and isinstance(outcome, NOT_ABOUT_IT) and row.attempt < PATIENCE:
        return retried(ctx.session, lambda: _put_back(ctx, row, outcome), ATTEMPTS, unless=lambda: False)
    return retried(ctx.session, lambda: _saved(ctx, row, outcome), ATTEMPTS, unless=lambda: False)


def _is_present(ctx: Context, contact: Any) -> bool:
    """Whether the contact is still there: one may be deleted by the host while a message waits. Commits."""
    present = ctx.hosts.contact.values(ctx.session, [contact], (), SYSTEM)
    ctx.session.commit()
    return contact in present


def _claimed(ctx: Context, message_id: UUID, attempt: int) -> Any:
    table, profile = ctx.models.Message, ctx.models.Profile
    names = (
        *("id", "channel", "to_number", "body", "media_url", "content_sid", "content_variables", "attempt"),
        *("contact_id", "sent_by_user_id", "auto_action_id", "sender_number", "messaging_service_sid"),
    )
    suppressed = consent.live_suppression(ctx.models, table.address_key, table.to_number, of=table).label("suppressed")
    opted_in = sa.select(profile.twilio_opt_in).where(profile.contact_id == table.contact_id).correlate(table)
    statement = sa.select(
        *(getattr(table, name) for name in names), suppressed, opted_in.scalar_subquery().label("opted_in")
    )
    mine = (table.id == message_id, table.status == "sending", table.attempt == attempt)
    return ctx.execute(statement.where(*mine)).first()


def outbound(ctx: Context, row: Any) -> OutboundMessage:
    """What the provider is told of a message of ours."""
    return OutboundMessage(
        id=str(row.id),
        channel=row.channel,
        to=row.to_number,
        body=row.body,
        media_url=row.media_url,
        content_sid=row.content_sid,
        content_variables=row.content_variables,
        status_callback=status_callback(ctx, row.id),
        sender=senders.sender_of_row(row),
        validity_period=quiet_hours.validity_period(ctx, row.to_number, ctx.now()),
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


def _saved(ctx: Context, row: Any, outcome: Receipt | TransportError) -> Outcome:
    """Commit what came of the call: by itself, so that it may be begun again."""
    if isinstance(outcome, Receipt):
        return _accepted(ctx, row, outcome)
    if isinstance(outcome, TransportUnclear):
        _conclude(ctx, row, {"status": "unconfirmed", "status_rank": RANKS["unconfirmed"]})
        ctx.session.commit()
        return NOTHING
    return _refused(ctx, row, outcome)


def _put_back(ctx: Context, row: Any, error: TransportError) -> Outcome:
    """It waits again: a minute, then two, four and eight."""
    later = ctx.now() + timedelta(minutes=2 ** (row.attempt - 1))
    _conclude(ctx, row, {"status": "queued", "status_rank": WAITING, "not_before": later})
    ctx.session.commit()
    return Outcome(problem_of(error))


def _conclude(ctx: Context, row: Any, values: dict[str, Any]) -> bool:
    """Take the result of one attempt, unless another has been made, more is known already, or the message is gone."""
    table = ctx.models.Message
    mine = (table.id == row.id, table.status == "sending", table.attempt == row.attempt)
    return bool(ctx.update_where(sa.update(table).where(*mine).values(**values)))


def _accepted(ctx: Context, row: Any, receipt: Receipt) -> Outcome:
    """A status callback may have been quicker than the reply: then nothing is left to be changed."""
    status = receipt.status if receipt.status in RANKS else "accepted"
    if status is not receipt.status:
        logger.error("the provider's status for message %s is not one we know", row.id)
    report = Report(status, receipt.provider_sid, receipt.from_number, receipt.num_segments)
    taken = reports.take(ctx, row.id, report, now=ctx.now())
    ctx.session.commit()
    return Outcome(None, taken.action)


def _refused(ctx: Context, row: Any, error: TransportError) -> Outcome:
    problem, now = problem_of(error), ctx.now()
    code = getattr(error, "provider_code", None)
    values = {
        "status": "failed",
        "status_rank": NOT_SENT,
        "error_code": problem.code if code is None else str(code),
        "error_message": problem.detail,
    }
    _conclude(ctx, row, values)
    actions.release(ctx, row.id)
    entry = None
    if isinstance(error, TransportRefused):
        entry = reports.heed(ctx, error.effect, row, now)
    ctx.session.commit()
    return Outcome(problem, None, entry)
