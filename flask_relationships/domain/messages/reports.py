"""Store delivery reports. The status of a message only rises, and each status has consequences.

A report comes with the answer to the provider call, in a status callback, or from the provider's list. The same report
may come twice, and an earlier one after a later one.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...context import Context
from ...providers.base import Effect, Report
from ..actions import service as actions
from ..actions.models import ActionTable
from ..consent import service as consent
from ..consent.models import ConsentEntryTable
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import LastContact
from ..models import Models
from ..profiles import service as profiles
from ..profiles import unreachable
from .statuses import ARRIVED_STATUSES, FAILED_STATUSES, OUTBOUND_RANKS
from .units import run_unit

logger = logging.getLogger(__name__)


class Taken(NamedTuple):
    """Whether a report changed the message, the action that it closed or reopened, and the new consent entry."""

    changed: bool
    action: ActionTable | None = None
    entry: ConsentEntryTable | None = None


UNCHANGED = Taken(False)


def store(ctx: Context, message_id: UUID, report: Report) -> Taken | None:
    """Take a report, see `take`, and commit.

    :returns: None if the report names the provider id of another message; nothing changes then.
    """
    try:
        return run_unit(ctx, take, message_id, report, now=ctx.now())
    except IntegrityError:
        ctx.session.rollback()
        return None


def take(ctx: Context, message_id: UUID, report: Report, *, now: datetime) -> Taken:
    """Take a report of an outbound message. Flushes. An unknown status is logged and changes nothing."""
    rank = OUTBOUND_RANKS.get(report.status)
    if rank is None:
        logger.error("unknown status of the provider for message %s", message_id)
        return UNCHANGED
    table = ctx.models.Message
    conditions = [table.id == message_id, table.direction == "outbound", table.status_rank < rank]
    if report.provider_sid is not None:
        conditions.append(sa.or_(table.provider_sid.is_(None), table.provider_sid == report.provider_sid))
    columns = (table.contact_id, table.channel, table.to_number, table.auto_action_id, table.sent_by_user_id)
    row = ctx.execute(sa.select(*columns, table.sent_at).where(*conditions)).first()
    changing = sa.update(table).where(*conditions).values(_values(ctx.models, report, rank, now))
    if row is None or not ctx.update_where(changing):
        return UNCHANGED
    entry = apply_effect(ctx, report.effect, row, now)
    if report.status in FAILED_STATUSES:
        return Taken(True, _release_action(ctx, message_id, row.auto_action_id, now), entry)
    has_arrived = report.status in ARRIVED_STATUSES
    if has_arrived:
        unreachable.unflag(ctx, row.contact_id, row.to_number, row.channel)
        last_contact.note(ctx, row.contact_id, LastContact(now, row.channel, row.sent_by_user_id))
    if has_arrived or row.sent_at is None:
        profiles.note_message(ctx, row.contact_id, now)
    return Taken(True, _complete_action(ctx, message_id, row, now), entry)


def _values(models: Models, report: Report, rank: int, now: datetime) -> dict[str, Any]:
    """Return the columns that a report changes."""
    table = models.Message
    known = {
        "provider_sid": report.provider_sid,
        "from_number": report.from_number,
        "num_segments": report.num_segments,  # 0 before a Messaging Service has chosen the sender
    }
    values: dict[str, Any] = {"status": report.status, "status_rank": rank, "candidates": None}
    values |= {name: value for name, value in known.items() if value}
    if report.from_number:
        values["delivered_via"] = report.delivered_via
    if report.status in FAILED_STATUSES:
        values |= {"error_code": report.error_code, "error_message": report.detail}
        return values if report.status == "undelivered" else values | {"sent_at": None}
    values |= {"error_code": None, "error_message": None, "sent_at": sa.func.coalesce(table.sent_at, now)}
    if report.status in ARRIVED_STATUSES:
        values["delivered_at"] = sa.func.coalesce(table.delivered_at, now)  # the report of reading may come first
    if report.status == "read":
        values["read_at"] = now
    return values


def _complete_action(ctx: Context, message_id: UUID, row: Any, now: datetime) -> ActionTable | None:
    """Close the linked action: the one that the message claimed, or that an earlier failure has released."""
    if row.auto_action_id is None:
        return None
    claimed = actions.fulfil(ctx, message_id, user=row.sent_by_user_id, now=now)
    if claimed is not None:
        return claimed
    action = actions.find(ctx, row.auto_action_id)
    if action is None or (action.status, action.claimed_by_message_id) != ("pending", None):
        return None
    actions.close(ctx, action, "done", user=row.sent_by_user_id, closed_by="message", now=now)
    return action


def _release_action(ctx: Context, message_id: UUID, action_id: UUID | None, now: datetime) -> ActionTable | None:
    """Release the linked action for another message. Reopen it if this message had closed it."""
    if action_id is None:
        return None
    actions.release(ctx, message_id)
    action = actions.find(ctx, action_id)
    if action is None or (action.status, action.closed_by) != ("done", "message"):
        return None
    return action if actions.reopen(ctx, action, by="message", now=now) else None


def apply_effect(ctx: Context, effect: Effect | None, row: Any, now: datetime) -> ConsentEntryTable | None:
    """Apply what a refusal or failure of the message in ``row`` means for its number. Return the new consent entry."""
    contact, number, channel = row.contact_id, row.to_number, row.channel
    if effect == "flag":
        unreachable.flag(ctx, contact, number, channel, now)
    if effect != "suppress":
        return None
    consent.suppress(ctx, number, channel=channel, reason="refused", now=now)
    return consent.record(
        ctx, contact=contact, number=number, channel=channel, event="refused", source="provider", now=now
    )
