"""Calendar feeds: making, exchanging and revoking their secrets, and finding whose a secret is."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.revisions import of_revision
from ...errors import ChangedMeanwhile
from ..models import Models
from .models import CalendarFeedTable

OWN = "own"

SECRET_BYTES = 32

HOUR = timedelta(hours=1)


class Subscribed(NamedTuple):
    """A feed, its secret, which is told this once, and whether the feed is new."""

    feed: CalendarFeedTable
    secret: str
    created: bool


def subscribe(
    ctx: Context, user: Any, company: Any, now: datetime, revisions: Collection[int] | None = None
) -> Subscribed:
    """Make the feed of a user and a company, or of their own dates; where there is one, its secret is exchanged.

    ``revisions`` are those that the client expects of it. Raises `ChangedMeanwhile` where it has another one, or was
    just revoked.
    """
    secret, mine = secrets.token_urlsafe(SECRET_BYTES), uuid7()
    row = {
        "id": mine,
        "user_id": user,
        "company_id": company,
        "scope": _scope(company),
        "token_hash": _hashed(secret),
        "created_at": now,
    }
    table = ctx.models.CalendarFeed
    ctx.insert_if_absent(table, row)
    known = (*_one(ctx.models, user, company), table.id != mine, *of_revision(table, revisions))
    exchanged = sa.update(table).where(*known).values(token_hash=row["token_hash"], created_at=now, last_read_at=None)
    ctx.update_where(exchanged)
    made = sa.select(table).where(*_one(ctx.models, user, company), table.token_hash == row["token_hash"])
    feed = ctx.execute(made.execution_options(populate_existing=True)).scalar_one_or_none()
    if feed is None:
        raise ChangedMeanwhile
    return Subscribed(feed, secret, feed.id == mine)


def revoke(ctx: Context, user: Any, company: Any, revisions: Collection[int] | None = None) -> bool:
    """Delete a feed: its address finds nothing from now on. Returns False where there is none of these revisions."""
    mine = (*_one(ctx.models, user, company), *of_revision(ctx.models.CalendarFeed, revisions))
    return bool(ctx.update_where(sa.delete(ctx.models.CalendarFeed).where(*mine)))


def of_user(ctx: Context, user: Any, company: Any) -> CalendarFeedTable | None:
    """The feed of a user and a company, or of their own dates."""
    mine = sa.select(ctx.models.CalendarFeed).where(*_one(ctx.models, user, company))
    return ctx.execute(mine).scalar_one_or_none()


def find(ctx: Context, secret: str) -> CalendarFeedTable | None:
    """The feed of a secret. It is looked for by its hash, which tells whoever measures the time nothing."""
    table = ctx.models.CalendarFeed
    found = ctx.execute(sa.select(table).where(table.token_hash == _hashed(secret)))
    return found.scalar_one_or_none()


def note_reading(ctx: Context, feed: CalendarFeedTable, now: datetime) -> None:
    """Once an hour: some programs ask every minute."""
    table = ctx.models.CalendarFeed
    long_ago = sa.or_(table.last_read_at.is_(None), table.last_read_at < now - HOUR)
    ctx.update_where(sa.update(table).where(table.id == feed.id, long_ago).values(last_read_at=now))


def _one(models: Models, user: Any, company: Any) -> tuple[Any, ...]:
    table = models.CalendarFeed
    return table.user_id == user, table.scope == _scope(company)


def _scope(company: Any) -> str:
    return OWN if company is None else _hashed(str(company))


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()
