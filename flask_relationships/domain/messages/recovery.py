"""What became of messages whose answer was lost. Nothing is ever sent again: it is found, or said to be not sent.

A process that dies leaves its message ``sending``; a timeout leaves it ``unconfirmed``. Both are looked for in the
provider's list, and one that is found there, and that can be no other of ours, is it. Every step is a conditional
update, so that any number of processes may do this at once, and be killed at it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...context import Context
from ...db.statements import retried
from ...errors import place_of
from ...providers.base import MessageLookup, MessageSearch, OutboundMessage, Report, TransportError
from ...providers.twilio.texts import is_same_text
from ..actions import service as actions
from ..contacts.comparison import has_address
from ..texts import written_time
from . import reports, senders
from .delivery import ATTEMPTS, outbound
from .statuses import NOT_SENT, RANKS

if TYPE_CHECKING:
    from ..actions.models import ActionTable
    from ..consent.models import ConsentEntryTable

logger = logging.getLogger(__name__)

SHORTEST_LEASE = timedelta(minutes=5)
"""How long whoever sends a message has at the least before they are taken for dead."""

GIVEN_UP = timedelta(hours=1)
"""After so long a message that is not in the provider's list is one that it never took."""

TWINS = timedelta(days=1)
"""How far apart two messages with the same text may be and be taken for each other: clocks may be hours apart."""

MAX_TWINS = 50
"""With more of them nobody can say which one was found."""

MAX_CANDIDATES = 10
"""How many messages of the provider's list are kept to be shown."""

LOOKED_FOR = timedelta(days=7)
"""How long a message is looked for that may be any of several. After that it is left to a report, or to somebody."""

Fate = Literal["found", "not_sent", "unclear", "unreadable"]
"""Found at the provider, never sent, still unclear; or its list could not be read, which leaves it unclear too."""


class Looked(NamedTuple):
    """What became of a message that was looked for, the action that was closed or opened again by it, and the ledger's
    line."""

    fate: Fate
    action: ActionTable | None = None
    entry: ConsentEntryTable | None = None


UNCLEAR = Looked("unclear")


def lease(ctx: Context) -> timedelta:
    """Twice what three tries may take that each wait for a connection and for an answer."""
    return max(SHORTEST_LEASE, timedelta(seconds=2 * 3 * sum(ctx.settings.twilio_timeout)))


def is_dead(ctx: Context) -> sa.ColumnElement[bool]:
    """The condition that whoever was sending a message has had all the time it may take."""
    table = ctx.models.Message
    begun = sa.func.coalesce(table.attempted_at, table.created_at)
    sending = (table.status_rank == RANKS["sending"], table.status == "sending")
    return sa.and_(*sending, table.direction == "outbound", begun < ctx.now() - lease(ctx))


def is_looked_for(ctx: Context) -> sa.ColumnElement[bool]:
    """The condition that nobody knows whether a message left, and that it may yet be found."""
    table = ctx.models.Message
    unconfirmed = (table.status_rank == RANKS["unconfirmed"], table.status == "unconfirmed")
    return sa.and_(*unconfirmed, table.created_at > ctx.now() - LOOKED_FOR)


def lapse(ctx: Context) -> int:
    """What a dead process left ``sending`` is ``unconfirmed``. Commits; returns how many there were."""
    values = {"status": "unconfirmed", "status_rank": RANKS["unconfirmed"]}

    def work() -> int:
        lapsed = ctx.update_where(sa.update(ctx.models.Message).where(is_dead(ctx)).values(values))
        ctx.session.commit()
        return lapsed

    return retried(ctx.session, work, ATTEMPTS, unless=lambda: False)


def lapse_one(ctx: Context, message_id: UUID) -> None:
    """Make one message ``unconfirmed`` where a dead process left it ``sending``. Commits."""
    mine = sa.update(ctx.models.Message).where(ctx.models.Message.id == message_id, is_dead(ctx))
    ctx.update_where(mine.values(status="unconfirmed", status_rank=RANKS["unconfirmed"]))
    ctx.session.commit()


def unclear(ctx: Context, most: int) -> list[UUID]:
    """The unconfirmed messages that somebody may look for, those that were tried first at the front."""
    table = ctx.models.Message
    lost = sa.select(table.id).where(is_looked_for(ctx))
    found = list(ctx.execute(lost.order_by(table.created_at, table.id).limit(most)).scalars())
    ctx.session.commit()
    return found


def look_for(ctx: Context, message_id: UUID) -> Looked:
    """Look for one unconfirmed message at the provider. Commits; no transaction is open while the provider is asked.

    It is found where exactly one message there can be it and no other of ours. It was not sent where nothing went to
    that recipient about that time. In every other case it stays unconfirmed, with what went there as candidates.
    """
    transport, table = ctx.transport, ctx.models.Message
    row = ctx.execute(sa.select(table).where(table.id == message_id)).scalar_one_or_none()
    if row is None or row.status != "unconfirmed" or not isinstance(transport, (MessageSearch, MessageLookup)):
        ctx.session.commit()
        return UNCLEAR
    attempt, message, tried, shown = row.attempt, outbound(ctx, row), row.attempted_at or row.created_at, row.candidates
    tenant = row.tenant
    ctx.session.commit()
    try:
        found = _search(ctx, transport, message, tried)
    except Exception as error:  # a transport of the host's own may raise anything, with anything in its text
        words = str(error) if isinstance(error, TransportError) else place_of(error)
        logger.warning("message %s could not be looked for: %s", message_id, words)
        return Looked("unreadable")
    new = _unknown(ctx, found)
    alike = [report for report in new if report.is_alike]
    if len(alike) == 1 and not _has_twin(ctx, message_id, message, tried):
        return _adopt(ctx, message_id, alike[0])
    if new:
        logger.warning("message %s may be any of %d at the provider, and stays unconfirmed", message_id, len(new))
    elif tried < ctx.now() - GIVEN_UP:
        return _give_up(ctx, message_id, attempt)
    own = [report for report in new if _is_of_sender(ctx, report, message, tenant)]
    _show_candidates(ctx, message_id, own, shown)
    ctx.session.commit()
    return UNCLEAR


def _search(ctx: Context, transport: Any, message: OutboundMessage, tried: datetime) -> list[Report]:
    if isinstance(transport, MessageSearch):
        return transport.search(message, tried, ctx.now())
    found: list[Report] = transport.find(message, tried)
    return found


def _is_of_sender(ctx: Context, report: Report, message: OutboundMessage, tenant: str | None) -> bool:
    """Return whether the text of a message at the provider may be shown beside ours: not if another tenant sent it."""
    if message.sender is None:
        return True
    address = report.from_number or ""
    owner = ctx.senders.owner_of(address, None)
    if message.sender.owns(address, None):
        return True
    return owner is not None and senders.tenant_text(owner.tenant) == tenant


def _show_candidates(ctx: Context, message_id: UUID, new: list[Report], shown: Any) -> None:
    """Keep what the provider's list shows, so that a person can compare it with our text."""
    candidates = [
        {
            "provider_sid": report.provider_sid,
            "body": report.text,
            "status": report.status,
            "created_at": written_time(report.created_at),
        }
        for report in new[:MAX_CANDIDATES]
    ] or None
    if candidates != shown:
        mine = (ctx.models.Message.id == message_id, ctx.models.Message.status == "unconfirmed")
        ctx.update_where(sa.update(ctx.models.Message).where(*mine).values(candidates=candidates))


def _has_twin(ctx: Context, message_id: UUID, message: OutboundMessage, tried: datetime) -> bool:
    """Return whether another of our messages, with the same text to the same number, is unconfirmed or being sent.

    The one that was found may then be that other one: to say which would be to guess.
    """
    table = ctx.models.Message
    alike = (has_address(table.address_key, table.to_number, message.to), table.channel == message.channel)
    unsettled = (table.direction == "outbound", table.provider_sid.is_(None), table.id != message_id)
    unknown = (table.status.in_(("sending", "unconfirmed")), table.attempted_at.between(tried - TWINS, tried + TWINS))
    others = sa.select(table.body, table.content_sid).where(*alike, *unsettled, *unknown).limit(MAX_TWINS)
    found = ctx.execute(others).all()
    if message.content_sid is not None or len(found) == MAX_TWINS:
        return bool(found)
    return any(row.content_sid is not None or _may_look_alike(message.body, row.body) for row in found)


def _may_look_alike(first: str, second: str) -> bool:
    """Return whether the provider may show one text for both."""
    return is_same_text(first, second) or is_same_text(second, first)


def _unknown(ctx: Context, found: list[Report]) -> list[Report]:
    """Return the reports of messages that are not already known to be another of ours."""
    table, sids = ctx.models.Message, [report.provider_sid for report in found]
    if not sids:
        return []
    ours = sa.select(table.provider_sid).where(table.provider_sid.in_(sids))
    known = set(ctx.execute(ours).scalars())
    return [report for report in found if report.provider_sid not in known]


def _adopt(ctx: Context, message_id: UUID, report: Report) -> Looked:
    known = report if report.status in RANKS else replace(report, status="accepted")
    try:
        taken = reports.take(ctx, message_id, known, now=ctx.now())
        ctx.session.commit()
    except IntegrityError:  # another process has just given it to another of our messages
        ctx.session.rollback()
        return UNCLEAR
    return Looked("found", taken.action, taken.entry) if taken.changed else UNCLEAR


def _give_up(ctx: Context, message_id: UUID, attempt: int) -> Looked:
    table = ctx.models.Message
    mine = (table.id == message_id, table.status == "unconfirmed", table.attempt == attempt)
    values: dict[str, Any] = {
        "status": "failed",
        "status_rank": NOT_SENT,
        "error_code": "not_sent",
        "error_message": "The message provider never had this message. It can be sent again.",
        "candidates": None,
    }
    gave_up = ctx.update_where(sa.update(table).where(*mine).values(values))
    if gave_up:
        actions.release(ctx, message_id)
    ctx.session.commit()
    return Looked("not_sent") if gave_up else UNCLEAR
