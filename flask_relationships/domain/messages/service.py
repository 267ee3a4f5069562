"""Create messages. `sending` sends them."""

from __future__ import annotations

from datetime import datetime
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
from .statuses import FIRST_ATTEMPT, STATUS_RANKS, WAITING_RANK


def create(
    ctx: Context,
    contact: HostRow,
    values: dict[str, Any],
    action_id: UUID | None,
    *,
    user: Any,
    announce: profiles.Announce,
) -> MessageTable:
    """Insert a message that may be sent, and claim its action. The caller commits.

    The message is ``sending`` if the request itself sends it. Else it is ``queued``: for a background worker, or until
    the quiet hours end.

    :param action_id: the action that the message completes.
    :param announce: sends the signals of a profile that is created here.
    :raises Problem: those of `policy.destination_of`, then 422 or 409 for the action, then 429 for a limit.
    """
    now, channel = ctx.now(), values["channel"]
    found = profiles.find_or_create(ctx, contact, announce)
    outside = whatsapp_window.is_outside(ctx, contact.key, found, channel, now)
    number, sender = policy.destination_of(ctx, contact, found, values, outside_window=outside)
    message_id = uuid7()
    if action_id is not None:
        actions.claim(ctx, action_id, contact.key, message_id)
    limits.count(ctx, contact.key, user, now)
    not_before = quiet_hours.end_of(ctx, number, now)
    begun_at = now if ctx.dispatcher.immediate and not_before is None else None
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
        num_segments=policy.usage_of(values).segments,
        **_initial_status(begun_at),
        not_before=not_before,
        sent_by_user_id=user,
        created_at=now,
    )
    ctx.session.add(message)
    ctx.session.flush()
    return message


def _initial_status(begun_at: datetime | None) -> dict[str, Any]:
    if begun_at is None:
        return {"status": "queued", "status_rank": WAITING_RANK, "attempt": 0}
    rank = STATUS_RANKS["sending"]
    return {"status": "sending", "status_rank": rank, "attempt": FIRST_ATTEMPT, "attempted_at": begun_at}
