"""Settle an unconfirmed message by hand: a person says whether it was sent. Nothing is sent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...errors import InvalidMember, MessageSettled, ValidationFailed
from ...providers.base import Report
from ..actions import service as actions
from . import reports
from .reports import Taken
from .statuses import NOT_SENT, RANKS

NOT_SENT_WORDS = "A user has said that this message was not sent. It can be sent again."


def settle(ctx: Context, message: Any, values: dict[str, Any]) -> Taken:
    """Take a user's word for what became of an unconfirmed message. Flushes.

    Reports of the provider that come later still count more, as they do after every other status.

    :param values: ``status`` is ``sent`` or ``not_sent``; ``provider_sid`` is that of a candidate, or None.
    :raises ValidationFailed: where no candidate has that id, or the message was not sent.
    :raises MessageSettled: where the message is not unconfirmed.
    """
    if message.status != "unconfirmed" or message.direction != "outbound":
        raise MessageSettled
    chosen = values["provider_sid"]
    candidates = {one["provider_sid"]: one for one in message.candidates or ()}
    if chosen is not None and (values["status"] != "sent" or chosen not in candidates):
        words = "Choose the provider_sid of one of the candidates, for the status sent."
        raise ValidationFailed(errors=[InvalidMember("#/provider_sid", "no_candidate", words)])
    if values["status"] == "not_sent":
        return _give_up(ctx, message)
    if chosen is not None and _is_taken(ctx, chosen):
        raise MessageSettled
    status = candidates[chosen]["status"] if chosen is not None else "sent"
    report = Report(status if status in RANKS else "accepted", chosen)
    taken = reports.take(ctx, message.id, report, now=ctx.now())
    if not taken.changed:
        raise MessageSettled
    return taken


def _is_taken(ctx: Context, provider_sid: str) -> bool:
    table = ctx.models.Message
    return ctx.execute(sa.select(table.id).where(table.provider_sid == provider_sid)).first() is not None


def _give_up(ctx: Context, message: Any) -> Taken:
    table = ctx.models.Message
    mine = (table.id == message.id, table.status == "unconfirmed", table.attempt == message.attempt)
    values = {
        "status": "failed",
        "status_rank": NOT_SENT,
        "error_code": "not_sent",
        "error_message": NOT_SENT_WORDS,
        "candidates": None,
    }
    if not ctx.update_where(sa.update(table).where(*mine).values(values)):
        raise MessageSettled
    actions.release(ctx, message.id)
    return Taken(True)
