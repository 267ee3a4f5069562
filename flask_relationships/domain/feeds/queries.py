"""Read calendar feeds."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.pagination import Order, Page, cut, ordered
from ...db.rows import Rows
from ...hosts.joins import ShownKeys, read_rows
from ..models import Models
from .models import CALENDAR_FEED_COLUMNS, CalendarFeedTable

OWN_SCOPE = "own"
"""The scope of a feed of the user's own dates."""


def find_of_user(ctx: Context, user: Any, company: Any) -> CalendarFeedTable | None:
    """Return the feed of a user and a company, or of the user's own dates for None."""
    mine = sa.select(ctx.models.CalendarFeed).where(*is_feed_of(ctx.models, user, company))
    return ctx.execute(mine).scalar_one_or_none()


def read(ctx: Context, keys: ShownKeys, user: Any, page: Page) -> tuple[Rows, str | None]:
    """Return the feeds of a user, oldest first, and the cursor of the next page.

    ``company_id`` is null for a company that the user may not see.
    """
    table = ctx.models.CalendarFeed
    order = Order({"created_at": table.created_at, "id": table.id})
    columns = keys.columns(CALENDAR_FEED_COLUMNS)
    statement = ordered(sa.select(*columns).where(table.user_id == user), order, page)
    return cut(read_rows(ctx.session, ctx.models, statement, keys=keys), order, page)


def find(ctx: Context, secret: str) -> CalendarFeedTable | None:
    """Return the feed of a secret. It is found by its digest, so that response times reveal nothing."""
    table = ctx.models.CalendarFeed
    return ctx.execute(sa.select(table).where(table.token_hash == digest_of(secret))).scalar_one_or_none()


def is_feed_of(models: Models, user: Any, company: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of the feed of a user and a company; None: of the user's own dates."""
    table = models.CalendarFeed
    return table.user_id == user, table.scope == scope_of(company)


def scope_of(company: Any) -> str:
    """Return the scope of a company's feed, or of the user's own dates for None."""
    return OWN_SCOPE if company is None else digest_of(str(company))


def digest_of(text: str) -> str:
    """Return the SHA-256 digest of a secret or key."""
    return sha256(text.encode()).hexdigest()
