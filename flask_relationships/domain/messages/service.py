"""Messages: writing one that may be sent, and listing them. `delivery` sends them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from ...context import Context
from ...hosts.bound import HostRow
from ..actions import service as actions
from ..contacts.addresses import address_key
from ..profiles import service as profiles
from . import limits, policy, quiet_hours, senders, whatsapp_window
from .models import MessageTable
from .statuses import FIRST, RANKS, WAITING


def prepare(
    ctx: Context,
    contact: HostRow,
    values: dict[str, Any],
    action_id: UUID | None,
    *,
    user: Any,
    announce: profiles.Announce,
) -> MessageTable:
    """Check that a message may be sent, and insert it with its action claimed. The caller commits.

    It is ``sending`` where the dispatcher sends at once; else ``queued``, in quiet hours until they are over.

    Raises what `policy.destination_of` does, then 422 or 409 for the linked action, then 429 for a limit.
    """
    now, channel = ctx.now(), values["channel"]
    found = profiles.find_or_create(ctx, contact, announce)
    outside = None
    if channel == "whatsapp":
        to_number = profiles.number_for(found, channel)[0]
        outside = whatsapp_window.is_closed(ctx, contact.key, to_number, now)
    number, sender = policy.destination_of(ctx, contact, found, values, outside_window=outside)
    message_id, counted = uuid7(), policy.segments_of(values)
    if action_id is not None:
        actions.claim(ctx, action_id, contact.key, message_id)
    limits.count(ctx, contact.key, user, now)
    not_before = quiet_hours.end_of(ctx, number, now)
    at_once = ctx.dispatcher.immediate and not_before is None
    message = ctx.models.Message(
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
        address_key=address_key(number),
        **senders.columns_of(sender, channel),
        num_segments=1 if counted is None else counted.count,
        status="sending" if at_once else "queued",
        status_rank=RANKS["sending"] if at_once else WAITING,
        attempt=FIRST if at_once else 0,
        attempted_at=now if at_once else None,
        not_before=not_before,
        sent_by_user_id=user,
        created_at=now,
    )
    ctx.session.add(message)
    ctx.session.flush()
    return message
