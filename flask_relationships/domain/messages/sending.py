"""Send messages: never twice, and never lost without a trace. Requests, scheduled jobs and Celery call `send`.

Twilio's message creation has no idempotency key. A message is therefore committed as ``sending`` before the provider
call, no transaction is open during the call, and only the attempt that made the call stores its result. A message that
may or may not have left is ``unconfirmed``. It is never sent again automatically.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from blinker import NamedSignal

from ... import signals
from ...context import Context
from ...errors import Problem, ProviderUnavailable, TwilioDisabled, TwilioNotConfigured, place_of
from ...hosts.bound import SYSTEM
from ...providers.base import (
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
from ..actions import service as actions
from ..consent import service as consent
from . import policy, queries, quiet_hours, reports, senders
from .callbacks import status_callback
from .statuses import NOT_SENT_RANK, STATUS_RANKS, WAITING_RANK
from .transport_problems import problem_of
from .units import run_unit

if TYPE_CHECKING:
    from ..actions.models import ActionTable
    from ..consent.models import ConsentEntryTable

logger = logging.getLogger(__name__)

MAX_BACKGROUND_ATTEMPTS = 5
"""How often a background send calls the provider for one message that was certainly not taken."""

TEMPORARY_ERRORS = (TransportUnavailable, TransportNotConfigured, TransportDisabled)
"""Errors that concern every message. They are likely to pass, or to be fixed by an administrator."""

TEMPORARY_PROBLEM_CODES = (ProviderUnavailable.code, TwilioNotConfigured.code, TwilioDisabled.code)

OUTBOUND_COLUMNS = (
    *("id", "channel", "to_number", "body", "media_url", "content_sid", "content_variables", "attempt"),
    *("contact_id", "sent_by_user_id", "auto_action_id", "sender_number", "messaging_service_sid"),
)
"""The columns that a provider call and its result need."""

Found = tuple[Any, dict[str, Any]]
"""A message, and the members of its answer that depend on the viewer."""

SendSignal = Callable[[NamedSignal, Any], object]
"""Sends a signal about a row that is committed."""


class Sent(NamedTuple):
    """What `send` did.

    ``is_begun``: whether this call sent the message. ``problem``: why the provider has not taken the message, which
    has failed or waits for another attempt. ``found``: the message, and the members of its answer that depend on the
    viewer; None if it was deleted meanwhile.
    """

    is_begun: bool
    problem: Problem | None = None
    found: Found | None = None


class Outcome(NamedTuple):
    """The result of a provider call: a problem, the action that it closed, and the new entry of the consent ledger."""

    problem: Problem | None = None
    action: ActionTable | None = None
    entry: ConsentEntryTable | None = None


def send(ctx: Context, message_id: UUID, *, attempt: int | None = None, after_commit: SendSignal | None = None) -> Sent:
    """Send a message, commit the result, and send its signals.

    :param attempt: the attempt that a request has committed with the message. None: send in the background, and only
        if the message is queued, is due, and no other process has begun to send it.
    :param after_commit: sends the signals of a message that was not refused after the commit of the caller. None: they
        are sent at once. The signals of a refusal are always sent at once.
    :raises SQLAlchemyError: the result could not be stored. A scheduled job looks for the message at the provider.
    """
    system, is_awaited = ctx.seen_by(SYSTEM), attempt is not None
    if attempt is None:
        attempt = run_unit(system, _claim, message_id)
    if attempt is None:
        return Sent(False)
    outcome = _call_and_store(system, message_id, attempt, is_awaited=is_awaited)
    found = _find(ctx, message_id)
    user = None if ctx.viewer is SYSTEM else ctx.viewer
    for signal, row in _signals_of(outcome, found):
        if after_commit is None or outcome.problem is not None:
            signals.send(signal, ctx.sender, row=row, user=user)
        else:
            after_commit(signal, row)
    if after_commit is None:
        ctx.commit()
    return Sent(True, outcome.problem, found)


def _find(ctx: Context, message_id: UUID) -> Found | None:
    table = ctx.models.Message
    if ctx.viewer is not SYSTEM:
        return queries.find(ctx, table.id == message_id)
    message = ctx.session.get(table, message_id, populate_existing=True)
    return None if message is None else (message, {})


def _signals_of(outcome: Outcome, found: Found | None) -> list[tuple[NamedSignal, Any]]:
    """Return the signals about the committed result, each with its row."""
    rows = [(signals.action_closed, outcome.action), (signals.consent_changed, outcome.entry)]
    message = None if found is None else found[0]
    if message is not None and message.status == "failed":
        rows.insert(0, (signals.message_failed, message))
    elif message is not None and message.provider_sid is not None:
        rows.insert(0, (signals.message_sent, message))
    return [(signal, row) for signal, row in rows if row is not None]


def _claim(ctx: Context, message_id: UUID) -> int | None:
    """Begin to send a queued message that is due. Return the number of the attempt, or None.

    A conditional update decides between two processes. A message that is claimed in quiet hours waits for their end. A
    message whose channel cannot send waits until it can.
    """
    table, now = ctx.models.Message, ctx.now()
    due = sa.or_(table.not_before.is_(None), table.not_before <= now)
    waiting = (table.id == message_id, table.status == "queued", table.provider_sid.is_(None))
    sender = (table.sender_number, table.messaging_service_sid)
    columns = sa.select(table.attempt, table.to_number, table.channel, *sender)
    found = ctx.execute(columns.where(*waiting, due)).first()
    if found is None or not senders.can_send(ctx, found.channel, senders.sender_of_row(found)):
        return None
    later, attempt = quiet_hours.end_of(ctx, found.to_number, now), found.attempt + 1
    values: dict[str, Any] = {"not_before": later}
    if later is None:
        rank = STATUS_RANKS["sending"]
        values = {"status": "sending", "status_rank": rank, "attempt": attempt, "attempted_at": now}
    claiming = sa.update(table).where(*waiting, table.attempt == found.attempt)
    is_claimed = ctx.update_where(claiming.values(values))
    return attempt if is_claimed and later is None else None


def _call_and_store(ctx: Context, message_id: UUID, attempt: int, *, is_awaited: bool) -> Outcome:
    """Call the provider for a message that is committed as ``sending``, and commit the result.

    Skip the call if the number was suppressed, or the contact opted out or was deleted, after the message was created.
    """
    row = _read_outbound(ctx, message_id, attempt)
    ctx.commit()  # the call holds no transaction and no connection
    if row is None:
        logger.error("message %s does not exist, or another attempt sends it", message_id)
        return Outcome()
    is_present = is_awaited or _is_present(ctx, row.contact_id)
    refusal = policy.refusal_before_call(row.suppressed, opted_in=row.opted_in, is_present=is_present)
    result: Receipt | TransportError
    if refusal is None:
        result = _call(ctx, row)
    else:
        result = TransportRefused(refusal.detail, status=refusal.status, code=refusal.code)
    return run_unit(ctx, _store, row, result, is_awaited=is_awaited)


def _is_present(ctx: Context, contact: Any) -> bool:
    """Return whether the contact still exists: the host may delete it while a message waits. Commits."""
    present = ctx.hosts.contact.values(ctx.session, [contact], (), SYSTEM)
    ctx.commit()
    return contact in present


def _read_outbound(ctx: Context, message_id: UUID, attempt: int) -> Any:
    table, profile = ctx.models.Message, ctx.models.Profile
    suppressed = consent.live_suppression(ctx.models, table.address_key, table.to_number, of=table)
    opted_in = sa.select(profile.twilio_opt_in).where(profile.contact_id == table.contact_id).correlate(table)
    statement = sa.select(
        *(getattr(table, name) for name in OUTBOUND_COLUMNS),
        suppressed.label("suppressed"),
        opted_in.scalar_subquery().label("opted_in"),
    )
    return ctx.execute(statement.where(*_is_attempt(ctx, message_id, attempt))).first()


def _is_attempt(ctx: Context, message_id: UUID, attempt: int) -> tuple[sa.ColumnElement[bool], ...]:
    table = ctx.models.Message
    return (table.id == message_id, table.status == "sending", table.attempt == attempt)


def outbound(ctx: Context, row: Any) -> OutboundMessage:
    """Return the message of a row as a transport takes it."""
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


def _call(ctx: Context, row: Any) -> Receipt | TransportError:
    """Return the provider's answer. After any unexpected error it is unknown whether the message left."""
    message = outbound(ctx, row)
    try:
        return ctx.transport.send(message)
    except TransportError as error:
        return error
    except Exception as error:  # a custom transport may raise anything, before or after it has sent
        logger.error("the transport raised, message %s is unconfirmed: %s", message.id, place_of(error))
        return TransportUnclear("the transport raised")


def _store(ctx: Context, row: Any, result: Receipt | TransportError, *, is_awaited: bool) -> Outcome:
    """Store the result of a provider call."""
    if isinstance(result, Receipt):
        return _store_receipt(ctx, row, result)
    if isinstance(result, TransportUnclear):
        _conclude(ctx, row, "unconfirmed", STATUS_RANKS["unconfirmed"])
        return Outcome()
    problem = problem_of(result)
    if not is_awaited and isinstance(result, TEMPORARY_ERRORS) and row.attempt < MAX_BACKGROUND_ATTEMPTS:
        minutes = 2 ** (row.attempt - 1)
        _conclude(ctx, row, "queued", WAITING_RANK, not_before=ctx.now() + timedelta(minutes=minutes))
        return Outcome(problem)
    return Outcome(problem, None, _store_refusal(ctx, row, result, problem))


def _store_receipt(ctx: Context, row: Any, receipt: Receipt) -> Outcome:
    """Store that the provider accepted the message, unless a status callback was faster."""
    status = receipt.status
    if status not in STATUS_RANKS:
        logger.error("unknown status of the provider for message %s", row.id)
        status = "accepted"
    report = Report(status, receipt.provider_sid, receipt.from_number, receipt.num_segments)
    return Outcome(None, reports.take(ctx, row.id, report, now=ctx.now()).action)


def _store_refusal(ctx: Context, row: Any, error: TransportError, problem: Problem) -> ConsentEntryTable | None:
    """Store that the message was not sent. Return the new entry of the consent ledger."""
    code = getattr(error, "provider_code", None)
    error_code = problem.code if code is None else str(code)
    _conclude(ctx, row, "failed", NOT_SENT_RANK, error_code=error_code, error_message=problem.detail)
    actions.release(ctx, row.id)
    effect = error.effect if isinstance(error, TransportRefused) else None
    return reports.apply_effect(ctx, effect, row, ctx.now())


def _conclude(ctx: Context, row: Any, status: str, rank: int, **values: Any) -> None:
    """Set the status after an attempt, unless there is a newer attempt or report, or the message was deleted."""
    concluded = sa.update(ctx.models.Message).where(*_is_attempt(ctx, row.id, row.attempt))
    ctx.update_where(concluded.values(status=status, status_rank=rank, **values))
