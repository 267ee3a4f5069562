"""Find out whether unconfirmed messages were sent. Nothing is ever sent again here.

A process that dies leaves its message ``sending``; a timeout leaves it ``unconfirmed``. Both are looked for in the
provider's list. Every change is a conditional update, so that any number of processes may run this at once, and may be
killed.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...providers.base import MessageLookup, MessageSearch, OutboundMessage, Report
from ...providers.twilio.texts import is_same_text
from ..contacts.comparison import has_address
from ..texts import written_time
from . import reports, senders
from .sending import outbound
from .settlement import fail
from .statuses import STATUS_RANKS, UNRESOLVED_STATUSES, known_status
from .transport_problems import loggable
from .units import run_unit

if TYPE_CHECKING:
    from ..actions.models import ActionTable
    from ..consent.models import ConsentEntryTable

logger = logging.getLogger(__name__)

MIN_LEASE = timedelta(minutes=5)
"""The least time that a process has for sending a message before it counts as dead."""

MAX_DELAY = timedelta(hours=1)
"""The provider never had a message that is not in its list after this time."""

MAX_TWIN_DISTANCE = timedelta(days=1)
"""How far apart two messages may be that cannot be distinguished: clocks may be hours apart."""

MAX_TWINS = 50
"""How many similar messages are compared. With more of them no message is adopted."""

MAX_CANDIDATES = 10
"""How many messages of the provider's list are stored to be shown."""

MAX_SEARCH_AGE = timedelta(days=7)
"""How long an ambiguous message is looked for. Later only a report or a user settles it."""

NEVER_AT_PROVIDER = "The message provider never had this message. It can be sent again."

Fate = Literal["found", "not_sent", "unclear", "unreadable"]
"""Found at the provider, never sent, still unconfirmed; or the provider's list could not be read."""


class Looked(NamedTuple):
    """The result for one message, the action that it closed or reopened, and the new consent entry."""

    fate: Fate
    action: ActionTable | None = None
    entry: ConsentEntryTable | None = None


UNCONFIRMED = Looked("unclear")


def lease(ctx: Context) -> timedelta:
    """Return twice the time of three attempts that each wait for a connection and for an answer."""
    return max(MIN_LEASE, timedelta(seconds=2 * 3 * sum(ctx.settings.twilio_timeout)))


def is_dead(ctx: Context) -> sa.ColumnElement[bool]:
    """Return the condition that the process that was sending a message had all the time that it may take."""
    table = ctx.models.Message
    begun = sa.func.coalesce(table.attempted_at, table.created_at)
    sending = (table.status_rank == STATUS_RANKS["sending"], table.status == "sending")
    return sa.and_(*sending, table.direction == "outbound", begun < ctx.now() - lease(ctx))


def is_looked_for(ctx: Context) -> sa.ColumnElement[bool]:
    """Return the condition that a message is unconfirmed, and may yet be found."""
    table = ctx.models.Message
    unconfirmed = (table.status_rank == STATUS_RANKS["unconfirmed"], table.status == "unconfirmed")
    return sa.and_(*unconfirmed, table.created_at > ctx.now() - MAX_SEARCH_AGE)


def lapse(ctx: Context, *conditions: sa.ColumnElement[bool]) -> int:
    """Make messages ``unconfirmed`` that a dead process left ``sending``. Commits.

    :param conditions: which of them; all by default.
    :returns: how many there were.
    """
    dead = sa.update(ctx.models.Message).where(is_dead(ctx), *conditions)
    lapsing = dead.values(status="unconfirmed", status_rank=STATUS_RANKS["unconfirmed"])
    return run_unit(ctx, lambda ctx: ctx.update_where(lapsing))


def unconfirmed(ctx: Context, most: int) -> list[UUID]:
    """Return the unconfirmed messages to look for, the oldest first. Commits."""
    table = ctx.models.Message
    lost = sa.select(table.id).where(is_looked_for(ctx))
    found = list(ctx.execute(lost.order_by(table.created_at, table.id).limit(most)).scalars())
    ctx.commit()
    return found


class _Lost(NamedTuple):
    """An unconfirmed message: what was sent, when, and the candidates that it has."""

    id: UUID
    attempt: int
    sent: OutboundMessage
    attempted_at: datetime
    candidates: Any
    tenant: str | None


def look_for(ctx: Context, message_id: UUID) -> Looked:
    """Look for one unconfirmed message at the provider. Commits; no transaction is open during the request.

    The message is found if exactly one at the provider can be it and no other of ours. It was not sent if nothing went
    to that recipient about that time. Else it stays unconfirmed, with the messages that went there as candidates.
    """
    transport, table = ctx.transport, ctx.models.Message
    row = ctx.execute(sa.select(table).where(table.id == message_id)).scalar_one_or_none()
    if row is None or row.status != "unconfirmed" or not isinstance(transport, (MessageSearch, MessageLookup)):
        ctx.commit()
        return UNCONFIRMED
    attempted_at = row.attempted_at or row.created_at
    lost = _Lost(message_id, row.attempt, outbound(ctx, row), attempted_at, row.candidates, row.tenant)
    ctx.commit()
    try:
        if isinstance(transport, MessageSearch):
            found = transport.search(lost.sent, attempted_at, ctx.now())
        else:
            found = transport.find(lost.sent, attempted_at)
    except Exception as error:  # a custom transport may raise anything, with personal data in its text
        logger.warning("message %s could not be looked for: %s", message_id, loggable(error))
        return Looked("unreadable")
    return _settle(ctx, lost, _unknown(ctx, found))


def _settle(ctx: Context, lost: _Lost, new: list[Report]) -> Looked:
    """Decide from the messages at the provider that are not known to be others of ours. Commits."""
    alike = [report for report in new if report.is_alike]
    if len(alike) == 1 and not _has_twin(ctx, lost):
        taken = reports.store(ctx, lost.id, replace(alike[0], status=known_status(alike[0].status)))
        return Looked("found", taken.action, taken.entry) if taken is not None and taken.changed else UNCONFIRMED
    if new:
        logger.warning("message %s may be any of %d at the provider, and stays unconfirmed", lost.id, len(new))
    elif lost.attempted_at < ctx.now() - MAX_DELAY:
        failed = fail(ctx, lost.id, lost.attempt, NEVER_AT_PROVIDER)
        ctx.commit()
        return Looked("not_sent") if failed.changed else UNCONFIRMED
    _show_candidates(ctx, lost, new)
    ctx.commit()
    return UNCONFIRMED


def _show_candidates(ctx: Context, lost: _Lost, new: list[Report]) -> None:
    """Store what the provider's list shows, so that a user can compare it with our text."""
    own = [report for report in new if _is_of_sender(ctx, report, lost)]
    candidates = [
        {
            "provider_sid": report.provider_sid,
            "body": report.text,
            "status": report.status,
            "created_at": written_time(report.created_at),
        }
        for report in own[:MAX_CANDIDATES]
    ] or None
    if candidates != lost.candidates:
        table = ctx.models.Message
        showing = sa.update(table).where(table.id == lost.id, table.status == "unconfirmed")
        ctx.update_where(showing.values(candidates=candidates))


def _is_of_sender(ctx: Context, report: Report, lost: _Lost) -> bool:
    """Return whether a user may see the text of a message at the provider: not if another tenant sent it."""
    sender, address = lost.sent.sender, report.from_number or ""
    if sender is None or sender.owns(address, None):
        return True
    owner = ctx.senders.owner_of(address, None)
    return owner is not None and senders.tenant_text(owner.tenant) == lost.tenant


def _has_twin(ctx: Context, lost: _Lost) -> bool:
    """Return whether another message of ours may be the one that was found.

    It has the same text and the same number, and is unconfirmed or being sent.
    """
    table, sent = ctx.models.Message, lost.sent
    earliest, latest = lost.attempted_at - MAX_TWIN_DISTANCE, lost.attempted_at + MAX_TWIN_DISTANCE
    alike = (has_address(table.address_key, table.to_number, sent.to), table.channel == sent.channel)
    unsettled = (table.direction == "outbound", table.provider_sid.is_(None), table.id != lost.id)
    unknown = (table.status.in_(UNRESOLVED_STATUSES), table.attempted_at.between(earliest, latest))
    others = sa.select(table.body, table.content_sid).where(*alike, *unsettled, *unknown).limit(MAX_TWINS)
    found = ctx.execute(others).all()
    if sent.content_sid is not None or len(found) == MAX_TWINS:
        return bool(found)
    return any(
        row.content_sid is not None or is_same_text(sent.body, row.body) or is_same_text(row.body, sent.body)
        for row in found
    )


def _unknown(ctx: Context, found: list[Report]) -> list[Report]:
    """Return the reports of messages that are not known to be others of ours."""
    if not found:
        return []
    table = ctx.models.Message
    ours = sa.select(table.provider_sid).where(table.provider_sid.in_([report.provider_sid for report in found]))
    known = set(ctx.execute(ours).scalars())
    return [report for report in found if report.provider_sid not in known]
