"""What becomes of a message once the provider has it: its status only rises, and what follows from each.

A report comes with the reply to the call, in a status callback, or from the provider's list. The same one may come
twice, and an earlier one after a later one.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...providers.base import Effect, Report
from ..actions import service as actions
from ..actions.models import ActionTable
from ..consent import service as consent
from ..consent.models import ConsentEntryTable
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import LastContact
from ..profiles import service as profiles
from ..profiles import unreachable
from .statuses import ARRIVED, FAILED, RANKS

logger = logging.getLogger(__name__)


class Taken(NamedTuple):
    """Whether a report changed anything, the action that was closed or opened again by it, and the ledger's line."""

    changed: bool
    action: ActionTable | None = None
    entry: ConsentEntryTable | None = None


NOTHING = Taken(False)


def take(ctx: Context, message_id: UUID, report: Report, *, now: datetime) -> Taken:
    """Take a report of an outbound message. Flushes. A status that is not known is logged, and changes nothing."""
    rank = None if report.status == "received" else RANKS.get(report.status)  # that is a status of inbound messages
    if rank is None:
        logger.error("the provider's status for message %s is not one we know", message_id)
        return NOTHING
    table = ctx.models.Message
    mine = [table.id == message_id, table.direction == "outbound", table.status_rank < rank]
    if report.provider_sid is not None:
        mine.append(sa.or_(table.provider_sid.is_(None), table.provider_sid == report.provider_sid))
    columns = (table.contact_id, table.channel, table.to_number, table.auto_action_id, table.sent_by_user_id)
    row = ctx.execute(sa.select(*columns, table.sent_at, table.delivered_at).where(*mine)).first()
    if row is None or not ctx.update_where(sa.update(table).where(*mine).values(_values(report, row, now))):
        return NOTHING
    entry = heed(ctx, report.effect, row, now)
    if report.status in FAILED:
        return Taken(True, _undone(ctx, message_id, row.auto_action_id, now), entry)
    if report.status in ARRIVED:
        unreachable.unflag(ctx, row.contact_id, row.to_number, row.channel)
        last_contact.note(ctx, row.contact_id, LastContact(now, row.channel, row.sent_by_user_id))
    if row.sent_at is None or report.status in ARRIVED:
        profiles.note_message(ctx, row.contact_id, now)
    return Taken(True, _done(ctx, message_id, row, now), entry)


def _values(report: Report, row: Any, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"status": report.status, "status_rank": RANKS[report.status], "candidates": None}
    for name in ("provider_sid", "from_number", "num_segments"):
        if getattr(report, name):  # a Messaging Service begins with no segments at all
            values[name] = getattr(report, name)
    if report.from_number:
        values["delivered_via"] = report.delivered_via
    if report.status in FAILED:
        left = {} if report.status == "undelivered" else {"sent_at": None}
        return values | left | {"error_code": report.error_code, "error_message": report.detail}
    values |= {"error_code": None, "error_message": None, "sent_at": row.sent_at or now}
    if report.status in ARRIVED:
        values["delivered_at"] = row.delivered_at or now  # what was read has arrived, whichever report comes first
    if report.status == "read":
        values["read_at"] = now
    return values


def _done(ctx: Context, message_id: UUID, row: Any, now: datetime) -> ActionTable | None:
    """The linked action is done, now that the provider has the message: the one it claimed, or gave back as failed."""
    if row.auto_action_id is None:
        return None
    claimed = actions.fulfil(ctx, message_id, user=row.sent_by_user_id, now=now)
    if claimed is not None:
        return claimed
    action = actions.find(ctx, row.auto_action_id)
    if action is None or action.status != "pending" or action.claimed_by_message_id is not None:
        return None
    actions.close(ctx, action, "done", user=row.sent_by_user_id, closed_by="message", now=now)
    return action


def _undone(ctx: Context, message_id: UUID, action_id: UUID | None, now: datetime) -> ActionTable | None:
    """The linked action is free for another message, and open again where this one had done it."""
    if action_id is None:
        return None
    actions.release(ctx, message_id)
    action = actions.find(ctx, action_id)
    if action is None or action.status != "done" or action.closed_by != "message":
        return None
    return action if actions.reopen(ctx, action, by="message", now=now) else None


def heed(ctx: Context, effect: Effect | None, row: Any, now: datetime) -> ConsentEntryTable | None:
    """What a refusal or a failure of the message in ``row`` means beyond that message. Returns the ledger's line."""
    if effect == "suppress":
        return _suppress(ctx, row.contact_id, row.to_number, row.channel, now)
    if effect == "flag":
        unreachable.flag(ctx, row.contact_id, row.to_number, row.channel, now)
    return None


def _suppress(ctx: Context, contact: Any, number: str, channel: str, now: datetime) -> ConsentEntryTable:
    """The provider says that the recipient has unsubscribed: we believe it, and write it down."""
    consent.suppress(ctx, number, channel=channel, reason="refused", now=now)
    return consent.record(
        ctx, contact=contact, number=number, channel=channel, event="refused", source="provider", now=now
    )
