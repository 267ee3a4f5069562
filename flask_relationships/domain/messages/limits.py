"""Limit how many messages a user, a contact and the application may have. Every limit is off by default.

Each limit counts in consecutive windows, each with a row of its own. A conditional update decides between concurrent
requests, and waits for those that are not committed.
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

RETENTION = timedelta(days=1)
"""How long a window is stored after its end."""


class Window(NamedTuple):
    """The present window of one limit. Times are naive UTC."""

    subject: str
    most: int
    scope: str
    begins_at: datetime
    ends_at: datetime


def windows(ctx: Context, contact: Any, user: Any, now: datetime) -> Iterator[Window]:
    """Yield the windows that a message counts in, always in this order: no two requests wait for each other."""
    settings = ctx.settings
    limits = (
        ("the application", settings.messages_per_application, ""),
        ("this contact", settings.messages_per_contact, str(contact)),
        ("you", settings.messages_per_user, str(user)),
    )
    for subject, rate, key in limits:
        if rate is not None:
            moment = int(now.replace(tzinfo=UTC).timestamp())
            begins_at = now - timedelta(seconds=moment % rate.seconds)
            scope = hashlib.sha256(f"{subject}\n{rate.seconds}\n{key}".encode()).hexdigest()
            yield Window(subject, rate.most, scope, begins_at, begins_at + timedelta(seconds=rate.seconds))


def count(ctx: Context, contact: Any, user: Any, now: datetime) -> None:
    """Count a message in the transaction that creates it.

    :raises TooManyMessages: a limit is exceeded.
    """
    table = ctx.models.MessageCount
    for window in windows(ctx, contact, user, now):
        row = {"scope": window.scope, "begins_at": window.begins_at, "ends_at": window.ends_at, "count": 0}
        ctx.insert_if_absent(table, row)
        free = (table.scope == window.scope, table.begins_at == window.begins_at, table.count < window.most)
        if not ctx.update_where(sa.update(table).where(*free).values(count=table.count + 1)):
            raise _too_many(window, now)


def check(ctx: Context, contact: Any, user: Any, now: datetime) -> None:
    """Check the limits for one more message. Counts nothing.

    :raises TooManyMessages: a limit would be exceeded.
    """
    table = ctx.models.MessageCount
    for window in windows(ctx, contact, user, now):
        full = (table.scope == window.scope, table.begins_at == window.begins_at, table.count >= window.most)
        if ctx.execute(sa.select(table.id).where(*full)).first() is not None:
            raise _too_many(window, now)


def is_over(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a window can be deleted."""
    return models.MessageCount.ends_at < now - RETENTION


def forget(ctx: Context, now: datetime) -> int:
    """Delete the windows that ended long ago, and return their number."""
    return ctx.update_where(sa.delete(ctx.models.MessageCount).where(is_over(ctx.models, now)))


def _too_many(window: Window, now: datetime) -> TooManyMessages:
    seconds = max(int((window.ends_at - now).total_seconds()), 1)
    words = f"As many messages as {window.subject} may send have been sent; try again later."
    if window.subject == "this contact":
        words = "As many messages as one contact may be sent have been sent to this one; try again later."
    return TooManyMessages(words, headers={"Retry-After": str(seconds)})
