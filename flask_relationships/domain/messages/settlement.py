"""Settle an unconfirmed message: a user states whether it was sent. Nothing is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...errors import InvalidMember, MessageSettled, ValidationFailed
from ...providers.base import Report
from ..actions import service as actions
from . import reports
from .reports import Taken
from .statuses import NOT_SENT_RANK, known_status

NOT_SENT_BY_USER = "A user has said that this message was not sent. It can be sent again."


def settle(ctx: Context, message: Any, values: dict[str, Any]) -> Taken:
    """Store what a user states about an unconfirmed message. Flushes.

    A later report of the provider still takes precedence, as after every other status.

    :param values: ``status`` is ``sent`` or ``not_sent``; ``provider_sid`` is that of a candidate, or None.
    :raises ValidationFailed: no candidate has that id, or the message was not sent.
    :raises MessageSettled: the message is not unconfirmed.
    """
    if message.status != "unconfirmed" or message.direction != "outbound":
        raise MessageSettled
    chosen = values["provider_sid"]
    statuses: dict[str | None, str] = {None: "sent"}
    if values["status"] == "sent":
        statuses |= {candidate["provider_sid"]: candidate["status"] for candidate in message.candidates or ()}
    if chosen not in statuses:
        words = "Choose the provider_sid of one of the candidates, for the status sent."
        raise ValidationFailed(errors=[InvalidMember("#/provider_sid", "no_candidate", words)])
    if values["status"] == "not_sent":
        taken = fail(ctx, message.id, message.attempt, NOT_SENT_BY_USER)
    elif chosen is not None and _is_taken(ctx, chosen):
        raise MessageSettled
    else:
        taken = reports.take(ctx, message.id, Report(known_status(statuses[chosen]), chosen), now=ctx.now())
    if not taken.changed:
        raise MessageSettled
    return taken


def _is_taken(ctx: Context, provider_sid: str) -> bool:
    table = ctx.models.Message
    return ctx.execute(sa.select(table.id).where(table.provider_sid == provider_sid)).first() is not None


def fail(ctx: Context, message_id: UUID, attempt: int, words: str) -> Taken:
    """Store that an unconfirmed message was not sent, and release its action. Flushes.

    :param attempt: changes nothing if the message has a later attempt.
    :param words: the error message.
    """
    table = ctx.models.Message
    failing = sa.update(table).where(table.id == message_id, table.status == "unconfirmed", table.attempt == attempt)
    values = {
        "status": "failed",
        "status_rank": NOT_SENT_RANK,
        "error_code": "not_sent",
        "error_message": words,
        "candidates": None,
    }
    is_changed = bool(ctx.update_where(failing.values(values)))
    if is_changed:
        actions.release(ctx, message_id)
    return Taken(is_changed)
