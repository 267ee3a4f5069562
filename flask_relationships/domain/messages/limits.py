"""How many messages may be sent: by a user, to a contact, by the application. All off until configured.

Each limit counts in windows that follow one another, from a row of its own: an update with the limit as its
condition decides between any number of requests that come at once, and waits for those that are not committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...errors import TooManyMessages
from ..models import Models

KEPT = timedelta(days=1)
"""How long a window is kept after its end."""


class Window(NamedTuple):
    """The window of one limit that holds now. Times are naive UTC."""

    what: str
    most: int
    scope: str
    begins_at: datetime
    ends_at: datetime


def windows(ctx: Context, contact: Any, user: Any, now: datetime) -> Iterator[Window]:
    """Those that a message counts in: always in this order, so that no two requests wait for each other."""
    settings = ctx.settings
    limits = (
        ("the application", settings.messages_per_application, ""),
        ("this contact", settings.messages_per_contact, str(contact)),
        ("you", settings.messages_per_user, str(user)),
    )
    for what, rate, key in limits:
        if rate is not None:
            moment = int(now.replace(tzinfo=UTC).timestamp())
            begins_at = now - timedelta(seconds=moment % rate.seconds)
            scope = hashlib.sha256(f"{what}\n{rate.seconds}\n{key}".encode()).hexdigest()
            yield Window(what, rate.most, scope, begins_at, begins_at + timedelta(seconds=rate.seconds))


def count(ctx: Context, contact: Any, user: Any, now: datetime) -> None:
    """Count a message, as part of the transaction that writes it. Raises `TooManyMessages` where it is one too many."""
    table = ctx.models.MessageCount
    for window in windows(ctx, contact, user, now):
        row = {"scope": window.scope, "begins_at": window.begins_at, "ends_at": window.ends_at, "count": 0}
        ctx.insert_if_absent(table, row)
        mine = (table.scope == window.scope, table.begins_at == window.begins_at, table.count < window.most)
        if not ctx.update_where(sa.update(table).where(*mine).values(count=table.count + 1)):
            raise _too_many(window, now)


def check(ctx: Context, contact: Any, user: Any, now: datetime) -> None:
    """Raise `TooManyMessages` where a message would be one too many now. Counts nothing."""
    table = ctx.models.MessageCount
    for window in windows(ctx, contact, user, now):
        mine = (table.scope == window.scope, table.begins_at == window.begins_at, table.count >= window.most)
        if ctx.execute(sa.select(table.id).where(*mine)).first() is not None:
            raise _too_many(window, now)


def is_over(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """The condition that a window is long over."""
    return models.MessageCount.ends_at < now - KEPT


def forget(ctx: Context, now: datetime) -> int:
    """Delete the windows that are long over. Returns how many there were."""
    return ctx.update_where(sa.delete(ctx.models.MessageCount).where(is_over(ctx.models, now)))


def _too_many(window: Window, now: datetime) -> TooManyMessages:
    seconds = max(int((window.ends_at - now).total_seconds()), 1)
    words = f"As many messages as {window.what} may send have been sent; try again later."
    if window.what == "this contact":
        words = "As many messages as one contact may be sent have been sent to this one; try again later."
    return TooManyMessages(words, headers={"Retry-After": str(seconds)})
