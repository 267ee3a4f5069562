"""Create and revoke calendar feeds, and exchange their secrets."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.revisions import of_revision
from ...errors import ChangedMeanwhile
from .models import CalendarFeedTable
from .queries import digest_of, is_feed_of, scope_of

SECRET_BYTES = 32

READING_INTERVAL = timedelta(hours=1)
"""How often ``last_read_at`` is written: some calendar programs read every minute."""


class Subscribed(NamedTuple):
    """A feed, its secret, which is shown once, and whether the feed is new."""

    feed: CalendarFeedTable
    secret: str
    created: bool


def subscribe(
    ctx: Context, user: Any, company: Any, now: datetime, revisions: Collection[int] | None = None
) -> Subscribed:
    """Create the feed of a user and a company, or exchange the secret of an existing feed.

    :param company: the key of the company; None: the user's own dates.
    :param revisions: the revisions that the client expects of an existing feed.
    :raises ChangedMeanwhile: if the feed has another revision, or was just revoked.
    """
    secret, new_id = secrets.token_urlsafe(SECRET_BYTES), uuid7()
    row = {
        "id": new_id,
        "user_id": user,
        "company_id": company,
        "scope": scope_of(company),
        "token_hash": digest_of(secret),
        "created_at": now,
    }
    table = ctx.models.CalendarFeed
    ctx.insert_if_absent(table, row)
    known = (*is_feed_of(ctx.models, user, company), table.id != new_id, *of_revision(table, revisions))
    exchanged = sa.update(table).where(*known).values(token_hash=row["token_hash"], created_at=now, last_read_at=None)
    ctx.update_where(exchanged)
    made = sa.select(table).where(*is_feed_of(ctx.models, user, company), table.token_hash == row["token_hash"])
    feed = ctx.execute(made.execution_options(populate_existing=True)).scalar_one_or_none()
    if feed is None:
        raise ChangedMeanwhile
    return Subscribed(feed, secret, feed.id == new_id)


def revoke(ctx: Context, user: Any, company: Any, revisions: Collection[int] | None = None) -> bool:
    """Delete a feed, so that its address returns 404. Returns False if there is none with these revisions."""
    mine = (*is_feed_of(ctx.models, user, company), *of_revision(ctx.models.CalendarFeed, revisions))
    return bool(ctx.update_where(sa.delete(ctx.models.CalendarFeed).where(*mine)))


def note_reading(ctx: Context, feed: CalendarFeedTable, now: datetime) -> None:
    """Store that a feed was read, at most once in `READING_INTERVAL`."""
    table = ctx.models.CalendarFeed
    long_ago = sa.or_(table.last_read_at.is_(None), table.last_read_at < now - READING_INTERVAL)
    ctx.update_where(sa.update(table).where(table.id == feed.id, long_ago).values(last_read_at=now))
